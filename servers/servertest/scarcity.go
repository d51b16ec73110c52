package servertest

import (
	"net"
	"strings"
	"testing"
	"time"
)

// few descriptors are what a process of the server has in these tests, and many
// connections are more than all its processes can have.
const few, many = descriptorsEnv + "=64", 250

// served are n connections that the server has answered.
func served(t *testing.T, s *Server, n int) (conns []*net.TCPConn) {
	t.Helper()
	for range n {
		c := Dial(t, s.Echo)
		send(t, c, "x")
		receive(t, c, 1)
		conns = append(conns, c)
	}
	return conns
}

// stillServed checks that connections are answered.
func stillServed(t *testing.T, conns []*net.TCPConn) {
	t.Helper()
	for _, c := range conns {
		send(t, c, "y")
		if got := receive(t, c, 1); got != "y" {
			t.Errorf("received %q", got)
		}
	}
}

// fewDescriptors has more clients come than there are descriptors. Left to itself
// a server keeps some in reserve, so it refuses those and never runs out.
func fewDescriptors(t *testing.T, start start) {
	t.Parallel()
	s := start(t, few)
	inside := served(t, s, 4)
	var others []*net.TCPConn
	for range many {
		others = append(others, Dial(t, s.HTTP))
	}
	for !strings.Contains(s.Log(), "connections refused") {
		time.Sleep(time.Millisecond)
	}
	stillServed(t, inside)
	if log := s.Log(); strings.Contains(log, "too many open files") || strings.Count(log, "connections refused") > 3 { // a line in each worker
		t.Error("it ran out of descriptors, or said more than once that it refuses")
	}
	for _, c := range others {
		c.Close()
	}
	awaitPlace(t, s)
}

// outOfDescriptors does the same to a server that was told to take them all, for
// a second: it must live on, serve those that it has, neither burn CPU nor flood
// the log, and accept again when descriptors come free.
func outOfDescriptors(t *testing.T, start start) {
	t.Parallel()
	s := start(t, few, "--max-conns=9000")
	inside := served(t, s, 4)
	var others []*net.TCPConn
	for range many {
		others = append(others, Dial(t, s.HTTP))
	}
	for !strings.Contains(s.Log(), "too many open files") {
		time.Sleep(time.Millisecond)
	}
	logged := len(s.Log())
	used, begun := cpu(t, s), time.Now()
	for time.Since(begun) < time.Second {
		stillServed(t, inside)
		time.Sleep(50 * time.Millisecond)
	}
	// A loop that does nothing but try would use all of the time, on each core.
	if used = cpu(t, s) - used; used > time.Since(begun)/4 {
		t.Errorf("it has used %v of CPU in %v", used, time.Since(begun))
	}
	if more := len(s.Log()) - logged; more > 2000 {
		t.Errorf("%d bytes were logged", more)
	}
	for _, c := range others {
		c.Close()
	}
	awaitPlace(t, s)
	stillServed(t, inside)
}
