package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"modelbench/servers/app"
	"modelbench/servers/servertest"
)

func TestCounters(t *testing.T) {
	for _, c := range []struct {
		exact bool
		flags string
	}{
		{true, "--counter=shm --workers=3"},
		{true, "--counter=shm --workers=2 --listener=reuseport"},
		{true, "--counter=rpc --workers=3"},
		{false, "--counter=racy --workers=2"},
		{false, "--counter=mutex --workers=2"}, // a number for each worker
		{false, "--counter=atomic --workers=2"},
		{true, "--counter=mutex --workers=1"},
		{true, "--counter=atomic --workers=1"},
	} {
		t.Run(c.flags, func(t *testing.T) {
			t.Parallel()
			servertest.Count(t, c.exact, strings.Fields(c.flags)...)
		})
	}
}

// The number outlives the workers, and is not lost with the one that counted last.
func TestCounterSurvives(t *testing.T) {
	for _, mode := range []string{"shm", "rpc"} {
		t.Run(mode, func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, "--workers=1", "--counter="+mode)
			for life := 1; life <= 3; life++ {
				pids := workers(t, s, life)
				c := servertest.Dial(t, s.HTTP)
				c.Write([]byte("POST /count HTTP/1.1\r\nHost: x\r\n\r\n"))
				c.Read(make([]byte, 1))
				if n := s.Number(); n != life {
					t.Errorf("counted %d times, and the number is %d", life, n)
				}
				syscall.Kill(pids[life-1], syscall.SIGKILL)
			}
		})
	}
}

// ledgerFor is an App with a remote counter, and what ends its connection.
func ledgerFor(t *testing.T) (a *app.App, hangUp func()) {
	t.Helper()
	l, err := newLedger()
	if err != nil {
		t.Fatal(err)
	}
	end, err := l.connect()
	if err != nil {
		t.Fatal(err)
	}
	a = new(app.App)
	if err := openCounter("rpc", end, a); err != nil {
		t.Fatal(err)
	}
	hangUp = func() { a.Counter.(*remoteCounter).client.Close() }
	t.Cleanup(hangUp)
	return a, hangUp
}

// A counter that cannot be reached says so to the client.
func TestCounterFails(t *testing.T) {
	a, hangUp := ledgerFor(t)
	post := func() (rep app.Reply) {
		a.Serve(&app.Request{Method: "POST", Path: []byte("/count")}, &rep)
		a.Work(&rep)
		return rep
	}
	if rep := post(); rep.Status != 200 || string(rep.Text(nil)) != "1\n" {
		t.Fatalf("%d %q", rep.Status, rep.Text(nil))
	}
	hangUp()
	if rep := post(); rep.Status != 503 || !strings.Contains(string(rep.Body), "ask the supervisor") {
		t.Errorf("%d %q", rep.Status, rep.Body)
	}
}

// Nor does a supervisor that is stopped hold a request for ever.
func TestCounterNoAnswer(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=1", "--counter=rpc")
	workers(t, s, 1)
	s.Signal(syscall.SIGSTOP)
	defer s.Signal(syscall.SIGCONT)
	until(t, "the supervisor stands still", func() bool { return standsStill(s.PID) })
	var asked [400]net.Conn // more than the kernel holds messages for
	for i := range asked {
		asked[i] = servertest.Dial(t, s.HTTP)
		asked[i].Write([]byte("POST /count HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
	}
	for _, c := range asked {
		if got, err := io.ReadAll(c); !strings.HasPrefix(string(got), "HTTP/1.1 503 ") || !strings.HasSuffix(string(got), errNoAnswer.Error()+"\n") {
			t.Fatalf("received %q, then %v", got, err)
		}
	}
}

// standsStill reports whether all threads of a process are stopped, which they are
// one after the other.
func standsStill(pid int) bool {
	stats, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", pid))
	for _, name := range stats {
		if stat, err := os.ReadFile(name); err != nil || !strings.Contains(string(stat), ") T ") {
			return false
		}
	}
	return len(stats) > 0
}

// A file that leads to no counter is refused.
func TestOpenCounterFails(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	for _, mode := range []string{"shm", "rpc"} {
		if err := openCounter(mode, w, new(app.App)); err == nil {
			t.Errorf("%s: a pipe is taken for a counter", mode)
		}
	}
}
