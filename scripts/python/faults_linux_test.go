package python

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// processes are those of the server: the one that was started and its children.
func (s *server) processes() []int {
	pids := []int{s.PID}
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.PID))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread may have ended since
		for _, field := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(field); err == nil {
				pids = append(pids, pid)
			}
		}
	}
	return pids
}

// stopped reports whether one of the server's processes is stopped, by SIGSTOP.
func (s *server) stopped() bool {
	for _, pid := range s.processes() {
		text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // it may have ended since
		if _, rest, ok := strings.Cut(string(text), ") "); ok && rest[0] == 'T' {
			return true
		}
	}
	return false
}

// fault asks for one on a connection of its own and does not wait for the answer.
func (s *server) fault(which string) io.Reader {
	s.t.Helper()
	c := s.dial(s.HTTP)
	io.WriteString(c, "POST /fault/"+which+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	return c
}

var kinds = []string{"threads", "processes", "asyncio"}

// A fault that is fatal ends the one process there is, or a worker, which is replaced.
func TestFatalFaults(t *testing.T) {
	each(t, kinds, func(t *testing.T, args []string) {
		for fault, how := range map[string]string{"exit": "exit status 1", "segv": "signal: segmentation fault"} {
			t.Run(fault, func(t *testing.T) {
				t.Parallel()
				s := start(t, append(args, "--allow-faults")...)
				before := s.processes()
				if got, _ := io.ReadAll(s.fault(fault)); len(got) > 0 {
					t.Errorf("a process that has ended answers %q", got)
				}
				if len(before) == 1 {
					if <-s.gone; !strings.HasPrefix(s.end.Error(), how) {
						t.Errorf("ended by %v, want %s", s.end, how)
					}
					return
				}
				if !eventually(func() bool { return fresh(before, s.processes()) == 1 && len(s.processes()) == len(before) }) {
					t.Errorf("processes %v, and %v before", s.processes(), before)
				}
				if got := s.ask("GET /plaintext")[0]; got != "200 Hello, World!" {
					t.Error(got)
				}
			})
		}
	})
}

// fresh is how many of now were not there before.
func fresh(before, now []int) (n int) {
	was := map[int]bool{}
	for _, pid := range before {
		was[pid] = true
	}
	for _, pid := range now {
		if !was[pid] {
			n++
		}
	}
	return n
}

// A process that is stopped answers nobody; another one does. Stopping the server leaves nothing of either.
func TestHang(t *testing.T) {
	each(t, kinds, func(t *testing.T, args []string) {
		s := start(t, append(args, "--allow-faults")...)
		alone := len(s.processes()) == 1
		s.fault("hang")
		if !eventually(s.stopped) {
			t.Fatal("nothing has stopped")
		}
		answers := func() bool {
			c := s.dial(s.HTTP)
			io.WriteString(c, "GET /plaintext HTTP/1.1\r\n\r\n")
			return answered(c, 200*time.Millisecond)
		}
		// A connection in the moment of the stop may have woken a worker that can take it no more.
		if !alone && !eventually(answers) {
			t.Error("the other worker answers nobody")
		}
	})
}

// A process that stops for a while goes on.
func TestHangForAWhile(t *testing.T) {
	t.Parallel()
	s := start(t, "threads.py", "--allow-faults")
	if got, _ := io.ReadAll(s.fault("hang?for=20ms")); !strings.HasSuffix(string(got), "\r\n\r\ndone\n") {
		t.Errorf("%q", got)
	}
}

// A request that never ends holds up whoever shares the interpreter's one loop, and nobody else for good. Stopping it works all
// the same.
func TestEndlessSpin(t *testing.T) {
	each(t, kinds, func(t *testing.T, args []string) {
		s := start(t, append(args, "--allow-faults")...)
		s.fault("spin")
		if args[0] != "asyncio_server.py" {
			if got := s.ask("GET /plaintext")[0]; got != "200 Hello, World!" {
				t.Error(got)
			}
			return
		}
		held := func() bool {
			c := s.dial(s.HTTP)
			io.WriteString(c, "GET /plaintext HTTP/1.1\r\n\r\n")
			return !answered(c, 50*time.Millisecond)
		}
		if !eventually(held) {
			t.Error("nobody is held up")
		}
	})
}

// Memory that leaks is held.
func TestLeak(t *testing.T) {
	t.Parallel()
	s := start(t, "threads.py", "--allow-faults")
	const size = 32 << 20
	for range 2 {
		if got, _ := io.ReadAll(s.fault(fmt.Sprintf("leak?bytes=%d", size))); !strings.HasSuffix(string(got), "done\n") {
			t.Fatalf("%q", got)
		}
	}
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", s.PID))
	if err != nil {
		t.Fatal(err)
	}
	if pages, err := strconv.Atoi(strings.Fields(string(text))[1]); err != nil || pages*os.Getpagesize() < 2*size {
		t.Errorf("%d pages are held: %v", pages, err)
	}
}

// When the supervisor is killed, its workers end too, also one that is stopped: start sees to it that none is left.
func TestSupervisorKilled(t *testing.T) {
	t.Parallel()
	s := start(t, "processes.py", "--workers", "3", "--allow-faults")
	s.fault("hang")
	if !eventually(s.stopped) {
		t.Fatal("nothing has stopped")
	}
	syscall.Kill(s.PID, syscall.SIGKILL)
	<-s.gone
}
