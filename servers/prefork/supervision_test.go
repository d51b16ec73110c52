package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"modelbench/servers/servertest"
)

// until polls until something is so.
func until(t *testing.T, what string, so func() bool) {
	t.Helper()
	for deadline := time.Now().Add(45 * time.Second); !so(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after 45 s: %s", what)
		}
	}
}

// logged waits until the log has n lines, or more, with a text in them.
func logged(t *testing.T, s *servertest.Server, text string, n int) {
	t.Helper()
	until(t, fmt.Sprintf("%q in the log, %d times", text, n), func() bool { return strings.Count(s.Log(), text) >= n })
}

func signal(t *testing.T, pid int, sig syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, sig); err != nil {
		t.Fatalf("signal %v to %d: %v", sig, pid, err)
	}
}

// ask sends a request on a connection of its own and reports whether it is answered.
func ask(t *testing.T, s *servertest.Server) bool {
	t.Helper()
	c := servertest.Dial(t, s.HTTP)
	defer c.Close()
	io.WriteString(c, closing)
	got, err := io.ReadAll(c)
	return err == nil && strings.HasSuffix(string(got), "Hello, World!")
}

// However often a worker is killed, another takes its place, and all that is lost
// is what it had in flight.
func TestKilledOften(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=2")
	load := servertest.StartLoad(t, s)
	const kills, clients = 20, 24
	for n := range kills {
		signal(t, workers(t, s, 2+n)[n], syscall.SIGKILL) // the older one of the two
	}
	workers(t, s, 2+kills)
	load.Await(100)
	if lost := load.Stop(); len(lost) > kills*clients || load.Refused() > 0 {
		t.Errorf("%d connections refused, lost: %q", load.Refused(), lost)
	}
	if n := strings.Count(s.Log(), "worker died"); n != kills {
		t.Errorf("%d deaths in the log", n)
	}
}

// The causes that a death is logged with.
func TestCause(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=1")
	c := servertest.Dial(t, s.Echo)
	if !echoes(c) {
		t.Fatal("no echo")
	}
	signal(t, workers(t, s, 1)[0], syscall.SIGABRT) // Go's runtime catches it, prints a trace and exits
	pids := workers(t, s, 2)
	line := regexpLine(s.Log(), "worker died")
	for _, want := range []string{"exit status 2", "open=1", "lived=", "worker=0", fmt.Sprintf("pid=%d ", pids[0])} {
		if !strings.Contains(line, want) {
			t.Errorf("no %q in %q", want, line)
		}
	}
}

// regexpLine is the first line of a log with a text in it.
func regexpLine(log, text string) string {
	for line := range strings.Lines(log) {
		if strings.Contains(line, text) {
			return line
		}
	}
	return ""
}

// A worker that makes no progress is killed and replaced.
func TestHang(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=2", "--hang-timeout=2s")
	stopped := workers(t, s, 2)[1]
	signal(t, stopped, syscall.SIGSTOP)
	workers(t, s, 3)
	if line := regexpLine(s.Log(), "worker died"); !strings.Contains(line, "hung") || !strings.Contains(line, fmt.Sprintf("pid=%d ", stopped)) {
		t.Errorf("logged as %q", line)
	}
	gone(t, stopped)
}

// A worker that computes on all its connections is not hung, and its beat comes
// through.
func TestSpinIsNoHang(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=1")
	shared := pageOf(t, s, 1)
	for range 100 {
		io.WriteString(servertest.Dial(t, s.HTTP), "GET /task?spin=10000000000 HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	until(t, "100 spins", func() bool { return shared[0].Computing.Load() == 100 })
	pid, before := workers(t, s, 1)[0], shared[0].beats.Load()
	from := computed(pid)
	until(t, "a second of computing", func() bool { return computed(pid)-from >= time.Second })
	until(t, "a beat", func() bool { return shared[0].beats.Load() > before })
	if strings.Contains(s.Log(), "worker died") {
		t.Error("it was taken for hung")
	}
}

// pageOf is the page of a server with so many workers.
func pageOf(t *testing.T, s *servertest.Server, workers int) page {
	t.Helper()
	folder := fmt.Sprintf("/proc/%d/fd", s.PID)
	all, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range all {
		path := filepath.Join(folder, fd.Name())
		if to, _ := os.Readlink(path); !strings.Contains(to, "memfd:modelbench-"+filePage) {
			continue
		}
		f, err := os.OpenFile(path, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		p, err := openPage(f, workers)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	t.Fatal("the supervisor has no page")
	return nil
}

// A supervisor that has been stopped for longer than the timeout does not take its
// own absence for the workers'.
func TestSupervisorStopped(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=2", "--hang-timeout=2s")
	pids := workers(t, s, 2)
	s.Signal(syscall.SIGSTOP)
	time.Sleep(2200 * time.Millisecond) // nothing to wait for: time is what passes
	s.Signal(syscall.SIGCONT)
	signal(t, pids[0], syscall.SIGKILL)
	workers(t, s, 3) // it is at work again
	if n := strings.Count(s.Log(), "worker died"); n != 1 {
		t.Errorf("%d workers died", n)
	}
}

// A worker that is stopped delays nobody who connects: the other takes them all.
func TestStoppedIsPassedBy(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=2", "--hang-timeout=0s")
	stopped := workers(t, s, 2)[0]
	signal(t, stopped, syscall.SIGSTOP)
	until(t, "the worker stands still", func() bool { return standsStill(stopped) }) // what it has accepted before is stuck with it
	var open []*net.TCPConn
	for range 50 { // all stay open, so the other worker is far ahead
		c := servertest.Dial(t, s.Echo)
		if open = append(open, c); !echoes(c) {
			t.Fatalf("connection %d is stuck", len(open))
		}
	}
	signal(t, stopped, syscall.SIGCONT)
	for _, c := range open {
		if !echoes(c) {
			t.Error("no echo")
		}
	}
	s.Signal(syscall.SIGTERM)
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
}

// The supervisor's death takes along also who cannot notice it, and who is not yet
// there.
func TestNoOrphans(t *testing.T) {
	t.Parallel()
	for n := range 5 {
		mark := fmt.Sprintf("--max-conns=%d", 100_000_000+os.Getpid()*10+n)
		s := servertest.Start(t, "--workers=3", "--hang-timeout=0s", mark)
		pids := workers(t, s, 3)
		signal(t, pids[0], syscall.SIGSTOP)
		signal(t, pids[1], syscall.SIGKILL)
		until(t, "a start", func() bool { return n%2 == 0 || strings.Contains(s.Log(), "worker died") })
		s.Kill()
		until(t, "all workers gone", func() bool { return len(marked(t, mark)) == 0 })
	}
}

// marked are the processes that have an argument.
func marked(t *testing.T, arg string) (pids []string) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		if line, _ := os.ReadFile(path); slices.Contains(strings.Split(string(line), "\x00"), arg) {
			pids = append(pids, path)
		}
	}
	return pids
}

// Restarts leave no descriptor behind.
func TestDescriptors(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=5")
	files := func() int {
		all, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.PID))
		if err != nil {
			t.Fatal(err)
		}
		return len(all)
	}
	pids := workers(t, s, 5)
	before := files()
	for n := 5; n <= 50; n += 5 {
		for _, pid := range pids[n-5:] {
			signal(t, pid, syscall.SIGKILL)
		}
		pids = workers(t, s, n+5)
	}
	until(t, "as few descriptors as before", func() bool { return files() <= before })
}

// Of several copies that are started at once, with sockets that could be shared, one
// gets the address.
func TestOneOfManyCopies(t *testing.T) {
	t.Parallel()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	free.Close()
	var copies []*exec.Cmd
	var waited sync.WaitGroup
	var mu sync.Mutex
	heard, ready := 0, 0
	const all = 6
	for range all {
		cmd := servertest.Cmd(os.Args[0], "--listener=reuseport", "--workers=2", "--echo=", "--admin=", "--http="+free.Addr().String())
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		copies = append(copies, cmd)
		waited.Go(func() {
			defer cmd.Wait()                     // after the lock is given back: the one that serves ends only when it is killed
			n, _ := stdout.Read(make([]byte, 1)) // the ready line, or the end
			mu.Lock()
			defer mu.Unlock()
			heard++
			ready += n
		})
	}
	until(t, "each is ready or has ended", func() bool { mu.Lock(); defer mu.Unlock(); return heard == all })
	for _, cmd := range copies {
		cmd.Process.Kill()
	}
	waited.Wait()
	if ready != 1 {
		t.Errorf("%d of %d copies serve the same address", ready, all)
	}
}
