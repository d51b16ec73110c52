package procstat

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"testing"
	"time"
)

// helperEnv makes the test binary a process to be accounted.
const helperEnv = "PROCSTAT_TEST_HELPER"

func TestMain(m *testing.M) {
	if mode := os.Getenv(helperEnv); mode != "" {
		helper(mode)
		return
	}
	os.Exit(m.Run())
}

// helper burns 30 ms of CPU for each line it reads and answers when it has. As "parent"
// it first starts a child of its own that does the burning.
func helper(mode string) {
	if mode == "parent" {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), helperEnv+"=child")
		cmd.Stdin, cmd.Stdout = os.Stdin, os.Stdout
		if cmd.Start() == nil {
			cmd.Wait()
		}
		return
	}
	fmt.Println("up")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		burn(burnt)
		fmt.Println("done")
	}
}

const burnt = 30 * time.Millisecond

func burn(d time.Duration) {
	runtime.LockOSThread()
	begin, _ := processClock(os.Getpid())
	for now := begin; now-begin < d; {
		now, _ = processClock(os.Getpid())
	}
}

// A worker is a helper process that burns CPU when told.
type worker struct {
	t   *testing.T
	cmd *exec.Cmd
	in  interface{ Write([]byte) (int, error) }
	out *bufio.Scanner
}

func start(t *testing.T, mode string) *worker {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), helperEnv+"="+mode)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close() // both it and its child see the end of their input and leave
		cmd.Wait()
	})
	w := &worker{t, cmd, in, bufio.NewScanner(out)}
	w.expect("up")
	return w
}

func (w *worker) expect(line string) {
	w.t.Helper()
	if !w.out.Scan() || w.out.Text() != line {
		w.t.Fatalf("the helper says %q, want %q", w.out.Text(), line)
	}
}

func (w *worker) burn() {
	w.t.Helper()
	if _, err := w.in.Write([]byte("\n")); err != nil {
		w.t.Fatal(err)
	}
	w.expect("done")
}

// Only what is burnt inside a window counts, and a child's work is the tree's.
func TestWindows(t *testing.T) {
	for _, mode := range []string{"child", "parent"} {
		w := start(t, mode)
		a, err := New(w.cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		w.burn() // before any window
		for range 2 {
			a.Before()
			w.burn() // in the lead-in
			a.Open()
			w.burn()
			a.Close()
			w.burn() // in the drain
			a.After()
		}
		u := a.End()
		if u.CPU < 2*burnt || u.CPU >= 3*burnt {
			t.Errorf("%s: %v in two windows with %v each", mode, u.CPU, burnt)
		}
		if u.User+u.Sys != u.CPU || u.User < 0 || u.Sys < 0 {
			t.Errorf("%s: user %v and sys %v are not %v", mode, u.User, u.Sys, u.CPU)
		}
		if u.PSSBytes == 0 || u.Threads == 0 || u.Voluntary == 0 || u.Vanished != 0 {
			t.Errorf("%s: %+v", mode, u)
		}
	}
}

func TestNewNeedsAProcess(t *testing.T) {
	w := exec.Command(os.Args[0])
	w.Env = append(os.Environ(), helperEnv+"=child")
	if err := w.Run(); err != nil { // its input is empty: it leaves at once
		t.Fatal(err)
	}
	if _, err := New(w.Process.Pid); err == nil {
		t.Error("a process that has ended was accepted")
	}
}
