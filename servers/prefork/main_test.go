package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"modelbench/servers/servertest"
)

func TestMain(m *testing.M) { servertest.Main(m, main) }

func TestServer(t *testing.T) {
	servertest.Run(t,
		servertest.Variant{Flags: []string{"--workers=3"}, Spared: map[string]string{
			"slowloris":               "what a worker does does not depend on their number",
			"broken connections":      "what a worker does does not depend on their number",
			"clients that never read": "what a worker does does not depend on their number",
		}},
		servertest.Variant{Flags: []string{"--listener=reuseport"}, Spared: map[string]string{
			"broken connections":      "they are accepted otherwise and served the same",
			"clients that never read": "they are accepted otherwise and served the same",
		}})
}

var startedLine = regexp.MustCompile(`worker started .*pid=(\d+) .*worker=(\d+)`)

// workers are the process ids of all workers that s has started so far.
func workers(t *testing.T, s *servertest.Server, atLeast int) (pids []int) {
	t.Helper()
	for deadline := time.Now().Add(45 * time.Second); ; time.Sleep(time.Millisecond) {
		pids = pids[:0]
		for _, m := range startedLine.FindAllStringSubmatch(s.Log(), -1) {
			pid, _ := strconv.Atoi(m[1])
			pids = append(pids, pid)
		}
		if len(pids) >= atLeast {
			return pids
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d workers started, want %d; log:\n%s", len(pids), atLeast, s.Log())
		}
	}
}

// gone waits until a process has ended, whether or not whoever adopted it has
// taken note.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(45 * time.Second); !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH); time.Sleep(time.Millisecond) {
		if stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d is still there", pid)
		}
	}
}

// echoes reports whether a byte sent comes back.
func echoes(c *net.TCPConn) bool {
	b := []byte("x")
	if _, err := c.Write(b); err != nil {
		return false
	}
	_, err := io.ReadFull(c, b)
	return err == nil
}

const closing = "GET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

// A worker that is killed takes its own connections along and nobody else's, and
// another takes its place.
func TestWorkerKilled(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=2")
	before := workers(t, s, 2)

	var conns []*net.TCPConn
	shared := pageOf(t, s, 2)
	until(t, "both workers have connections", func() bool {
		conns = append(conns, servertest.Dial(t, s.Echo))
		if !echoes(conns[len(conns)-1]) {
			t.Fatal("no echo")
		}
		return shared[0].Open.Load() > 0 && shared[seatsPerSlot].Open.Load() > 0
	})
	if err := syscall.Kill(before[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	after := workers(t, s, 3)
	if !strings.Contains(s.Log(), "signal: killed") {
		t.Errorf("the cause is not in the log:\n%s", s.Log())
	}
	alive := 0
	for _, c := range conns {
		if echoes(c) {
			alive++
		}
	}
	if alive == 0 || alive == len(conns) {
		t.Errorf("%d of %d connections survived the death of one worker of two", alive, len(conns))
	}
	if after[2] == before[0] || after[2] == before[1] {
		t.Errorf("no new worker among %v", after)
	}
	c := servertest.Dial(t, s.HTTP)
	c.Write([]byte(closing))
	if got, _ := io.ReadAll(c); !strings.HasSuffix(string(got), "Hello, World!") {
		t.Errorf("received %q", got)
	}
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, pid := range after {
		gone(t, pid)
	}
}

// The supervisor's death, however sudden, takes the workers along.
func TestSupervisorKilled(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=3")
	pids := workers(t, s, 3)
	s.Kill()
	for _, pid := range pids {
		gone(t, pid)
	}
}

// A worker that is told to stop before it has begun to serve breaks nothing off.
func TestClean(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		sig  syscall.Signal
		want bool
	}{{syscall.SIGTERM, true}, {syscall.SIGKILL, false}} {
		cmd := exec.Command("sleep", "60") // catches nothing, like a worker at its start
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		cmd.Process.Signal(c.sig)
		cmd.Wait()
		if w := (&child{cmd: cmd}); w.clean() != c.want {
			t.Errorf("%s: clean is %v", w.cause(), !c.want)
		}
	}
}

func TestBalance(t *testing.T) {
	file, err := newPage(2)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	pageA, err := openPage(file, 2)
	if err != nil {
		t.Fatal(err)
	}
	pageB, err := openPage(file, 2)
	if err != nil {
		t.Fatal(err)
	}
	a, b := newBalance(pageA, 0, true), newBalance(pageB, seatsPerSlot, true)
	pageA[0].accepts.Store(true)
	pageB[seatsPerSlot].accepts.Store(true)
	for _, c := range []struct {
		a, b  int
		ahead bool // a has more than its share
	}{{0, 0, false}, {1, 0, true}, {1, 1, false}, {0, 1, false}, {8, 7, true}, {9, 8, false}, {100, 88, true}, {99, 88, false}} {
		a.own()[0].Open.Store(int64(c.a))
		b.own()[0].Open.Store(int64(c.b))
		if all := b.Open(); all != c.a+c.b {
			t.Errorf("%d and %d connections are %d in all", c.a, c.b, all)
		}
		if a.Ahead() != c.ahead {
			t.Errorf("%d and %d connections: ahead is %v", c.a, c.b, a.Ahead())
		}
	}
	pageB[0].Requests.Store(7)
	if open := pageB[0].vacate(); open != 99 || b.Open() != 88 || pageA[0].Requests.Load() != 7 {
		t.Errorf("%d connections left, %d in all; it had answered %d", open, b.Open(), pageA[0].Requests.Load())
	}
}

func TestUsage(t *testing.T) {
	for _, flag := range []string{"--workers=-1", "--workers=1025", "--hang-timeout=-1s", "--hang-timeout=499ms", "--listener=own"} {
		name, _, _ := strings.Cut(flag, "=")
		if code, _, stderr := servertest.Command(flag); code != 2 || !strings.Contains(stderr, name) {
			t.Errorf("%s: exit code %d, stderr %q", flag, code, stderr)
		}
	}
}

// A page that was laid out by another version of the program is refused.
func TestPageOfAnotherSize(t *testing.T) {
	file, err := newPage(2)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := openPage(file, 3); err == nil || !strings.Contains(err.Error(), "another version") {
		t.Errorf("opened: %v", err)
	}
}
