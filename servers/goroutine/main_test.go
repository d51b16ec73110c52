package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"modelbench/servers/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m, main) }

func TestServer(t *testing.T) {
	const oneAtATime = "one request at a time is what --serial means"
	servertest.Run(t,
		servertest.Variant{Flags: []string{"--os-threads"}},
		servertest.Variant{Flags: []string{"--serial"}, Spared: map[string]string{
			"slowloris":          "a client that has the turn has sent its request",
			"broken connections": "a client that has the turn has sent its request",
		}, Except: map[string]string{
			"waits do not hold others up":  oneAtATime,
			"large reply to a slow reader": oneAtATime,
			"clients that never read":      oneAtATime + ": each holds all others up until it is cut off",
			"drain":                        oneAtATime + ": nothing else can be asked while a request is in flight",
			"drain gives up":               oneAtATime + ": nothing else can be asked while a request is in flight",
			"second signal":                oneAtATime + ": nothing else can be asked while a request is in flight",
		}})
}

const forever = "GET /task?wait=10m HTTP/1.1\r\nHost: x\r\n\r\n"

// With --serial a request that waits holds all others up.
func TestSerial(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--serial")
	waiting, quick, echo := servertest.Dial(t, s.HTTP), servertest.Dial(t, s.HTTP), servertest.Dial(t, s.Echo)
	io.WriteString(waiting, forever)
	s.AwaitStats("a wait", func(st servertest.Stats) bool { return st.Total.Waiting == 1 })
	io.WriteString(quick, "GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
	io.WriteString(echo, "x")
	if answered(quick, 50*time.Millisecond) || answered(echo, 50*time.Millisecond) {
		t.Error("a request was answered while another one waited")
	}
}

// answered reports whether a byte comes within d.
func answered(c *net.TCPConn, d time.Duration) bool {
	c.SetReadDeadline(time.Now().Add(d))
	_, err := io.ReadFull(c, make([]byte, 1))
	return err == nil
}

// With --os-threads the kernel sees a thread for each connection.
func TestThreads(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--os-threads")
	threads := func() int {
		tasks, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", s.PID))
		if err != nil {
			t.Fatal(err)
		}
		return len(tasks)
	}
	before := threads()
	for range 50 {
		c := servertest.Dial(t, s.Echo)
		if io.WriteString(c, "x"); !answered(c, 45*time.Second) {
			t.Fatal("no echo")
		}
	}
	if got := threads(); got < before+40 { // some of the runtime's may have ended
		t.Errorf("%d threads before and %d with 50 connections", before, got)
	}
}

func TestUsage(t *testing.T) {
	if code, _, stderr := servertest.Command("--counter=shm"); code != 2 || !strings.Contains(stderr, "--counter") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
	if code, _, stderr := servertest.Command("--os-threads", "--max-conns=10000"); code != 2 || !strings.Contains(stderr, "--os-threads") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}

func TestCounters(t *testing.T) {
	for mode, exact := range map[string]bool{"racy": false, "mutex": true, "atomic": true} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			servertest.Count(t, exact, "--counter="+mode)
		})
	}
}

func TestFaults(t *testing.T) {
	servertest.Deadly(t, servertest.Ended)
	servertest.Faults(t, servertest.Alone)
}

// The server outlives whoever reads its log.
func TestLogReaderGone(t *testing.T) {
	t.Parallel()
	gone, log, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	cmd := servertest.Cmd(os.Args[0], "--http=127.0.0.1:0", "--echo=", "--admin=")
	cmd.Stderr = log
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	log.Close()
	if line, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Errorf("it said %q: %v", line, err)
	}
	cmd.Process.Signal(syscall.SIGTERM)
	if err := cmd.Wait(); err != nil {
		t.Error(err)
	}
}
