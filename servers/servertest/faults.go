package servertest

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fault asks for one on a connection of its own and returns all that is answered.
func (s *Server) fault(which string) string {
	s.t.Helper()
	c := Dial(s.t, s.HTTP)
	send(s.t, c, "POST /fault/"+which+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	got, _ := io.ReadAll(c) // a process that dies may reset it
	return string(got)
}

// Deadly has clients ask for the faults that end the process that serves them, and
// calls died with each and what must be known of how it ended. The request itself
// gets no answer.
func Deadly(t *testing.T, died func(t *testing.T, s *Server, cause string), flags ...string) {
	for fault, cause := range map[string]string{"exit": "exit status 1", "segv": "signal: segmentation fault"} {
		t.Run(fault, func(t *testing.T) {
			t.Parallel()
			s := Start(t, append([]string{"--allow-faults"}, flags...)...)
			for deadline := time.Now().Add(limit); !strings.Contains(s.Log(), "--allow-faults"); time.Sleep(time.Millisecond) {
				if time.Now().After(deadline) {
					t.Fatalf("no warning in the log: %s", s.Log())
				}
			}
			if got := s.fault(fault); got != "" {
				t.Errorf("a process that has ended answers %q", got)
			}
			died(t, s, cause)
		})
	}
}

// Ended is what Deadly calls where the process that serves is the server.
func Ended(t *testing.T, s *Server, cause string) {
	t.Helper()
	if s.Wait(); !strings.HasPrefix(s.cmd.ProcessState.String(), cause) {
		t.Errorf("ended by %v, want %s", s.cmd.ProcessState, cause)
	}
}

// Faults has clients ask for the faults that leave the process alive. pids are the
// processes that serve.
func Faults(t *testing.T, pids func(*Server) []int, flags ...string) {
	begin := func(t *testing.T) *Server {
		t.Parallel()
		return Start(t, append([]string{"--allow-faults", "--drain=100ms"}, flags...)...)
	}
	const done = "\r\n\r\ndone\n"
	t.Run("hang", func(t *testing.T) {
		s := begin(t)
		all := pids(s)
		answer := make(chan string, 1)
		go func() { answer <- s.fault("hang") }()
		stopped := await(t, all, func(pid int) bool { return stat(t, pid, 0) == "T" })
		if err := syscall.Kill(stopped, syscall.SIGCONT); err != nil {
			t.Fatal(err)
		}
		if got := <-answer; !strings.HasSuffix(got, done) {
			t.Errorf("once continued, it answers %q", got)
		}
	})
	t.Run("hang for a while", func(t *testing.T) {
		s := begin(t)
		if got := s.fault("hang?for=50ms"); !strings.HasSuffix(got, done) {
			t.Errorf("received %q", got)
		}
	})
	t.Run("spin", func(t *testing.T) {
		s := begin(t)
		all := pids(s)
		before := make(map[int]int)
		for _, pid := range all {
			before[pid] = ticks(t, pid)
		}
		c := Dial(t, s.HTTP)
		send(t, c, "POST /fault/spin HTTP/1.1\r\nHost: x\r\n\r\n")
		await(t, all, func(pid int) bool { return ticks(t, pid) > before[pid]+20 })
		s.Signal(syscall.SIGTERM)
		if code := s.Wait(); code != 1 {
			t.Errorf("exit code %d of a server whose request never ends", code)
		}
		if got, _ := io.ReadAll(c); len(got) > 0 {
			t.Errorf("received %q", got)
		}
	})
	t.Run("leak", func(t *testing.T) {
		s := begin(t)
		const size = 32 << 20
		for n := 1; n <= 3; n++ {
			if got := s.fault(fmt.Sprintf("leak?bytes=%d", size)); !strings.HasSuffix(got, done) {
				t.Fatalf("received %q", got)
			}
			held := 0
			for _, pid := range pids(s) {
				held += resident(t, pid)
			}
			if held < n*size {
				t.Errorf("%d leaks of %d bytes, and %d are held", n, size, held)
			}
		}
	})
}

// Alone is the one process of a server that is one.
func Alone(s *Server) []int { return []int{s.PID} }

// await waits until one of the processes is as is says, and returns it.
func await(t *testing.T, pids []int, is func(pid int) bool) int {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(time.Millisecond) {
		for _, pid := range pids {
			if is(pid) {
				return pid
			}
		}
		if time.Now().After(deadline) {
			t.Fatal("no process is as it should be")
		}
	}
}

// stat is a field of /proc/PID/stat, counted from behind the name: 0 is the state.
func stat(t testing.TB, pid, field int) string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ = bytes.Cut(text, []byte(") "))
	return string(bytes.Fields(text)[field])
}

// ticks is the CPU time of a process, in hundredths of a second.
func ticks(t *testing.T, pid int) int {
	t.Helper()
	n, err := strconv.Atoi(stat(t, pid, 11))
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// resident is the memory that a process has, in bytes.
func resident(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(string(bytes.Fields(text)[1]))
	if err != nil {
		t.Fatal(err)
	}
	return pages * os.Getpagesize()
}
