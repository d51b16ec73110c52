package campaign

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// findUp is for a target that is up already: nothing is started. It finds out whether
// somebody answers and whose CPU and memory count.
func findUp(ctx context.Context, t Target) (*server, error) {
	host := address(t.URL).Host
	s := &server{target: t, http: host, echo: host}
	if err := accepts(ctx, host); err != nil {
		return nil, fmt.Errorf("%s: nobody accepts connections at %s: %w", t.Name, t.URL, err)
	}
	switch {
	case t.PID != 0:
		if !alive(t.PID) {
			return nil, fmt.Errorf("%s: there is no process %d", t.Name, t.PID)
		}
		s.pid = t.PID
	case t.Process != "":
		pid, err := processNamed(t.Process)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.Name, err)
		}
		s.pid = pid
	}
	return s, nil
}

// kin is whom a process belongs to.
type kin struct{ ppid, pgid int }

// processNamed finds the process of a name: what it was called by, or what it calls
// itself. Of a family of that name it is the oldest ancestor, whose tree holds the others.
func processNamed(name string) (int, error) {
	var found []int
	all := processes()
	for pid := range all {
		if pid != os.Getpid() && called(pid, name) {
			found = append(found, pid)
		}
	}
	family := make(map[int]bool, len(found))
	for _, pid := range found {
		family[pid] = true
	}
	var heads []int
	for _, pid := range found {
		if !family[all[pid].ppid] {
			heads = append(heads, pid)
		}
	}
	switch len(heads) {
	case 0:
		return 0, fmt.Errorf("no process is named %s", name)
	case 1:
		return heads[0], nil
	}
	return 0, fmt.Errorf("%d processes that are not related are named %s: give the pid of one", len(heads), name)
}

func called(pid int, name string) bool {
	dir := fmt.Sprintf("/proc/%d/", pid)
	if comm, err := os.ReadFile(dir + "comm"); err == nil && strings.TrimSuffix(string(comm), "\n") == name {
		return true
	}
	line, err := os.ReadFile(dir + "cmdline")
	first, _, _ := strings.Cut(string(line), "\x00")
	return err == nil && (filepath.Base(first) == name)
}

// alive tells whether a process that need not be ours still runs.
func alive(pid int) bool {
	_, runs := processes()[pid]
	return runs
}
