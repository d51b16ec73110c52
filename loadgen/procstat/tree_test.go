package procstat

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// A tree is a made-up /proc and the CPU clocks that go with it.
type tree struct {
	dir    string
	clocks map[int]time.Duration
	waited map[int]int // ticks of ended children that a process has waited for
}

func newTree(t *testing.T) *tree {
	return &tree{t.TempDir(), make(map[int]time.Duration), make(map[int]int)}
}

func (tr *tree) clock(pid int) (time.Duration, error) {
	d, ok := tr.clocks[pid]
	if !ok {
		return 0, errors.New("no such process")
	}
	return d, nil
}

// put writes a process with the given parent, children and ticks, as Linux 6 does.
func (tr *tree) put(t *testing.T, pid, parent int, children []int, utime, stime int) {
	t.Helper()
	dir := filepath.Join(tr.dir, fmt.Sprint(pid))
	task := filepath.Join(dir, "task", fmt.Sprint(pid))
	if err := os.MkdirAll(task, 0o755); err != nil {
		t.Fatal(err)
	}
	stat := fmt.Sprintf("%d (a ) name) S %d 1 1 0 -1 4194560 100 0 0 0 %d %d %d 0 20 0 1 0 100 1000000 200 18446744073709551615 "+
		"1 1 0 0 0 0 0 0 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n", pid, parent, utime, stime, tr.waited[pid])
	status := fmt.Sprintf("Name:\ta\nPid:\t%d\nvoluntary_ctxt_switches:\t%d\nnonvoluntary_ctxt_switches:\t%d\n", pid, 10*utime, stime)
	smaps := "00400000-7fff00000000 ---p 00000000 00:00 0    [rollup]\nRss:   4096 kB\nPss:   1024 kB\n"
	var list []string
	for _, c := range children {
		list = append(list, fmt.Sprint(c))
	}
	for name, text := range map[string]string{
		filepath.Join(dir, "stat"):         stat,
		filepath.Join(dir, "smaps_rollup"): smaps,
		filepath.Join(task, "status"):      status,
		filepath.Join(task, "stat"):        stat,
		filepath.Join(task, "children"):    strings.Join(list, " "),
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func (tr *tree) remove(t *testing.T, pid int) {
	t.Helper()
	delete(tr.clocks, pid)
	if err := os.RemoveAll(filepath.Join(tr.dir, fmt.Sprint(pid))); err != nil {
		t.Fatal(err)
	}
}

// A supervisor with two workers, of which one dies in the window and is replaced.
func TestProcessesComeAndGo(t *testing.T) {
	tr := newTree(t)
	tr.put(t, 10, 1, []int{11, 12}, 5, 5)
	tr.put(t, 11, 10, nil, 100, 20)
	tr.put(t, 12, 10, nil, 100, 20)
	tr.clocks = map[int]time.Duration{10: time.Second, 11: 2 * time.Second, 12: 2 * time.Second}
	a, err := newAccount(tr.dir, 10, tr.clock)
	if err != nil {
		t.Fatal(err)
	}
	a.Before()
	a.Open()
	tr.clocks[11] += 300 * time.Millisecond
	tr.remove(t, 12)
	tr.waited[10] = 212 // the 2 s it had used before, and 120 ms in the window
	tr.put(t, 10, 1, []int{11, 13}, 5, 5)
	tr.put(t, 11, 10, nil, 120, 30)
	tr.put(t, 13, 10, nil, 8, 2)
	tr.clocks[13] = 100 * time.Millisecond
	a.Close()
	a.After()
	a.Before()
	a.Open()
	tr.clocks[13] += 50 * time.Millisecond
	a.Close()
	a.After()
	u := a.End()
	if want := 570 * time.Millisecond; u.CPU != want {
		t.Errorf("CPU %v, want %v", u.CPU, want)
	}
	// Ticks: 20+10 of worker 11, 8+2 of worker 13: 28 user, 12 system.
	if want := 171 * time.Millisecond; (u.Sys - want).Abs() > time.Microsecond {
		t.Errorf("system time %v, want %v", u.Sys, want)
	}
	if u.Vanished != 1 || u.PSSBytes != 3<<20 || u.Threads != 3 {
		t.Errorf("vanished %d, PSS %d, threads %d; want 1, 3 MiB, 3", u.Vanished, u.PSSBytes, u.Threads)
	}
	if u.Voluntary != 200+80 || u.Involuntary != 10+2 {
		t.Errorf("switches %d and %d, want 280 and 12", u.Voluntary, u.Involuntary)
	}
}

// A process that ended between two windows takes nothing along.
func TestVanishedOutsideAWindow(t *testing.T) {
	tr := newTree(t)
	tr.put(t, 10, 1, []int{11}, 0, 0)
	tr.put(t, 11, 10, nil, 0, 0)
	tr.clocks = map[int]time.Duration{10: 0, 11: 0}
	a, err := newAccount(tr.dir, 10, tr.clock)
	if err != nil {
		t.Fatal(err)
	}
	a.Before()
	tr.remove(t, 11)
	tr.waited[10] = 50
	tr.put(t, 10, 1, nil, 0, 0)
	a.Open()
	a.Close()
	a.After()
	if u := a.End(); u.Vanished != 0 || u.CPU != 0 {
		t.Errorf("%+v", u)
	}
}

// Nobody in the tree is charged for the root: without it what was used is not known.
func TestRootEnds(t *testing.T) {
	tr := newTree(t)
	tr.put(t, 10, 1, nil, 0, 0)
	tr.clocks = map[int]time.Duration{10: time.Second}
	a, err := newAccount(tr.dir, 10, tr.clock)
	if err != nil {
		t.Fatal(err)
	}
	a.Before()
	a.Open()
	tr.clocks[10] += 30 * time.Millisecond
	a.Close()
	a.After()
	if u := a.End(); u.Lost || u.CPU != 30*time.Millisecond {
		t.Errorf("%+v, want 30 ms and nothing lost", u)
	}
	tr.remove(t, 10)
	a.Before()
	a.Open()
	a.Close()
	a.After()
	if u := a.End(); !u.Lost {
		t.Errorf("%+v: not lost", u)
	}
}

// Without the kernel's lists of children the tree is found by its parents.
func TestDescendantsByParent(t *testing.T) {
	tr := newTree(t)
	for pid, parent := range map[int]int{10: 1, 11: 10, 12: 11, 20: 1} {
		tr.put(t, pid, parent, nil, 0, 0)
		tr.clocks[pid] = 0
		if err := os.Remove(filepath.Join(tr.dir, fmt.Sprint(pid), "task", fmt.Sprint(pid), "children")); err != nil {
			t.Fatal(err)
		}
	}
	a, err := newAccount(tr.dir, 10, tr.clock)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.descendants(); !slices.Equal(got, []int{10, 11, 12}) {
		t.Errorf("descendants %v, want 10, 11, 12", got)
	}
}
