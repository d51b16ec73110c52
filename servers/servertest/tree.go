package servertest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// tree are the server's processes: the one that was started, and its children,
// which are listed by the thread that has started them.
func tree(t testing.TB, s *Server) []int {
	t.Helper()
	pids := []int{s.PID}
	lists, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.PID))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		text, _ := os.ReadFile(list) // a thread may have ended since
		for _, field := range bytes.Fields(text) {
			pid, err := strconv.Atoi(string(field))
			if err != nil {
				t.Fatal(err)
			}
			pids = append(pids, pid)
		}
	}
	return pids
}

// descriptors is how many the server's processes have open.
func descriptors(t testing.TB, s *Server) (n int) {
	t.Helper()
	for _, pid := range tree(t, s) {
		open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid))
		if err != nil {
			t.Fatal(err)
		}
		n += len(open)
	}
	return n
}

// memory is the proportional set size of the server's processes, in bytes, without
// the program text: that is shared with the test and with whatever else it has
// started, so a process would seem to grow when another one ends.
func memory(t testing.TB, s *Server) int {
	t.Helper()
	return memoryOf(t, tree(t, s))
}

func memoryOf(t testing.TB, pids []int) (size int) {
	t.Helper()
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
		if err != nil {
			t.Fatal(err)
		}
		for line := range bytes.Lines(text) {
			name, rest, _ := bytes.Cut(line, []byte(":"))
			if string(name) == "Pss_Anon" || string(name) == "Pss_Shmem" {
				kib, err := strconv.Atoi(string(bytes.Fields(rest)[0]))
				if err != nil {
					t.Fatal(err)
				}
				size += kib << 10
			}
		}
	}
	return size
}

// cpu is the CPU time that the server's processes have used.
func cpu(t testing.TB, s *Server) time.Duration {
	t.Helper()
	ticks := 0
	for _, pid := range tree(t, s) {
		for field := 11; field <= 12; field++ { // user and system
			n, err := strconv.Atoi(stat(t, pid, field))
			if err != nil {
				t.Fatal(err)
			}
			ticks += n
		}
	}
	return time.Duration(ticks) * 10 * time.Millisecond // USER_HZ is 100 on all that Go runs on
}

// A watch knows the most memory that a server had while it was watched.
type watch struct {
	stop, done chan struct{}
	most       int
}

// watchMemory looks every few milliseconds, until peak is asked for, and no more than
// a tenth of the time: the server stands still meanwhile. Processes that it starts are
// not looked at.
func watchMemory(t testing.TB, s *Server) *watch {
	w := &watch{stop: make(chan struct{}), done: make(chan struct{})}
	pids := tree(t, s) // once: one of thousands of threads has as many lists of children
	go func() {
		defer close(w.done)
		for {
			begun := time.Now()
			w.most = max(w.most, memoryOf(t, pids))
			select {
			case <-w.stop:
				return
			case <-time.After(max(5*time.Millisecond, 9*time.Since(begun))):
			}
		}
	}()
	return w
}

func (w *watch) peak() int {
	close(w.stop)
	<-w.done
	return w.most
}

// until polls for what has to become true in the end.
func until(t testing.TB, is func() bool, failed func() string) {
	t.Helper()
	for deadline := time.Now().Add(limit); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Error(failed())
			return
		}
	}
}

func mib(bytes int) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
