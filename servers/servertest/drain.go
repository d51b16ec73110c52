package servertest

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// drain stops a server with a request in flight, an idle connection and one that
// has just sent half a request: all end in good order, and so does the process.
func drain(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--drain=40s")
	inFlight, idle, half := Dial(t, s.HTTP), Dial(t, s.HTTP), Dial(t, s.HTTP)
	send(t, idle, get("/plaintext"))
	receive(t, idle, 1)
	send(t, half, "GET /plaintext HTTP/1.1\r\nHost: x\r\n")
	send(t, inFlight, get("/task?wait=3s&bytes=5"))
	send(t, inFlight, get("/plaintext")) // behind it: not begun when the drain does
	waitInFlight(t, s)
	s.Signal(syscall.SIGTERM)
	for strings.Count(s.Log(), "draining") == 0 {
		time.Sleep(time.Millisecond)
	}
	send(t, half, "\r\n")
	if got := receiveAll(t, inFlight); strings.Count(got, "HTTP/1.1 200 OK") != 1 || !strings.Contains(got, "Connection: close\r\n") {
		t.Errorf("in flight: received %q", got)
	}
	// This one may have been served by a worker that had not heard of the drain
	// yet; then it was closed as an idle one is.
	if got := receiveAll(t, half); strings.Count(got, "HTTP/1.1 200 OK") != 1 {
		t.Errorf("half: received %q", got)
	}
	receiveAll(t, idle)
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if c, err := net.Dial("tcp", s.HTTP); err == nil {
		c.Close()
		t.Error("something still listens")
	}
}

// waitInFlight returns when the server has taken all that was sent before: a
// quick request on a fresh connection has been answered by every worker.
func waitInFlight(t *testing.T, s *Server) {
	t.Helper()
	for range 8 {
		c := Dial(t, s.HTTP)
		send(t, c, "GET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		receiveAll(t, c)
	}
}

// drainLoaded stops a server under load. Whoever is connected gets an answer, and
// hears with it that it was the last; after that, connections are refused.
func drainLoaded(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--drain=40s")
	load := StartLoad(t, s)
	load.Await(200)
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	load.AwaitRefusal()
	for _, failure := range load.Stop() {
		t.Error(failure)
	}
	if load.Told() == 0 {
		t.Error("no client was told that its connection ends")
	}
}

// hangUp sends what a terminal does that is closed. The server drains; prefork, where
// it is a command to replace the workers, goes on.
func hangUp(t *testing.T, start start) {
	t.Parallel()
	s := start(t)
	c := Dial(t, s.HTTP)
	send(t, c, get("/task?wait=2s&bytes=3"))
	s.Signal(syscall.SIGHUP)
	got, last := receiveAll(t, c), s.Model != "prefork" // whose workers hear of it one after the other
	if !strings.HasSuffix(got, "\r\n\r\nxxx") || last && !strings.Contains(got, "Connection: close\r\n") {
		t.Errorf("received %q", got)
	}
	if s.Model == "prefork" {
		send(t, Dial(t, s.HTTP), get("/plaintext"))
		s.Signal(syscall.SIGTERM)
	}
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// drainGivesUp stops a server whose request in flight lasts longer than it may.
func drainGivesUp(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--drain=100ms")
	c := Dial(t, s.HTTP)
	send(t, c, get("/task?wait=10m"))
	waitInFlight(t, s)
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 1 || !strings.Contains(s.Log(), "broken off") {
		t.Errorf("exit code %d, log %q", code, s.Log())
	}
}

// drainBusy stops a server that computes for longer than the drain may last: it
// must not wait for the reply.
func drainBusy(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--drain=300ms")
	c := Dial(t, s.HTTP)
	send(t, c, get("/plaintext"))
	receive(t, c, 1)
	send(t, c, get("/task?spin=10000000000"))
	s.AwaitStats("a spin", func(st Stats) bool { return st.Total.Computing == 1 })
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 1 || !strings.Contains(s.Log(), "broken off") {
		t.Errorf("exit code %d, log %q", code, s.Log())
	}
	if got, _ := io.ReadAll(c); strings.Contains(string(got), "octet-stream") {
		t.Error("the server has waited for the reply")
	}
}

// secondSignal ends a drain that would take long.
func secondSignal(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--drain=10m")
	c := Dial(t, s.HTTP)
	send(t, c, get("/task?wait=10m"))
	waitInFlight(t, s)
	s.Signal(syscall.SIGTERM)
	for strings.Count(s.Log(), "draining") == 0 {
		time.Sleep(time.Millisecond)
	}
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 1 || !strings.Contains(s.Log(), "second signal") {
		t.Errorf("exit code %d, log %q", code, s.Log())
	}
	// Whoever held the connection is gone too, workers included. How it was
	// closed does not matter; that it is still open would show as a timeout.
	if _, err := io.ReadAll(c); errors.Is(err, os.ErrDeadlineExceeded) {
		t.Error("the connection outlived the server")
	}
}
