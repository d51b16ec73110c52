package procstat

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// userHz is the tick of /proc/PID/stat in which Linux reports to user space on every
// architecture Go supports; procfs assumes the same.
const userHz = 100

// descendants returns the tree's processes, the root first. A process that ends while
// it is looked at is left out.
func (a *Account) descendants() []int {
	pids := []int{a.root}
	for i := 0; i < len(pids); i++ {
		pids = append(pids, a.children(pids[i])...)
	}
	return pids
}

// children reads /proc/PID/task/*/children: every thread lists what it has forked.
// Kernels without CONFIG_PROC_CHILDREN have no such file; there the parent of every
// process is read.
func (a *Account) children(pid int) []int {
	files, _ := filepath.Glob(filepath.Join(a.proc, strconv.Itoa(pid), "task", "*", "children"))
	if len(files) == 0 {
		return a.childrenByParent(pid)
	}
	var pids []int
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			continue // the thread has ended
		}
		for field := range strings.FieldsSeq(string(text)) {
			if child, err := strconv.Atoi(field); err == nil {
				pids = append(pids, child)
			}
		}
	}
	return pids
}

func (a *Account) childrenByParent(pid int) []int {
	all, err := a.fs.AllProcs()
	if err != nil {
		return nil
	}
	var pids []int
	for _, p := range all {
		if stat, err := p.Stat(); err == nil && stat.PPID == pid {
			pids = append(pids, p.PID)
		}
	}
	return pids
}

// readTicks returns the user and system time of a process, or otherwise if it has gone.
func (a *Account) readTicks(pid int, otherwise ticks) ticks {
	p, err := a.fs.Proc(pid)
	if err != nil {
		return otherwise
	}
	stat, err := p.Stat()
	if err != nil {
		return otherwise
	}
	return ticks{float64(stat.UTime) / userHz, float64(stat.STime) / userHz}
}

// readWaited returns the CPU time of the ended children that a process has waited for.
func (a *Account) readWaited(pid int) time.Duration {
	p, err := a.fs.Proc(pid)
	if err != nil {
		return 0
	}
	stat, err := p.Stat()
	if err != nil {
		return 0
	}
	return time.Duration(stat.CUTime+stat.CSTime) * (time.Second / userHz)
}

// readSwitches adds up the context switches of a process's threads, and counts them.
func (a *Account) readSwitches(pid int) (vol, invol uint64, threads int) {
	tasks, err := a.fs.AllThreads(pid)
	if err != nil {
		return 0, 0, 0
	}
	for _, task := range tasks {
		if status, err := task.NewStatus(); err == nil {
			vol += status.VoluntaryCtxtSwitches
			invol += status.NonVoluntaryCtxtSwitches
			threads++
		}
	}
	return vol, invol, threads
}

func (a *Account) addMemory(p *process, u *Usage) {
	vol, invol, threads := a.readSwitches(p.pid)
	u.Threads += threads
	// A thread that has ended takes its count along: never less than nothing.
	u.Voluntary += vol - min(vol, p.vol)
	u.Involuntary += invol - min(invol, p.invol)
	proc, err := a.fs.Proc(p.pid)
	if err != nil {
		return
	}
	if smaps, err := proc.ProcSMapsRollup(); err == nil {
		u.PSSBytes += smaps.Pss
	}
}
