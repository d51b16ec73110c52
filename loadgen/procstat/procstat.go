// Package procstat says what a process and its descendants cost: CPU time over exactly
// the windows of a measurement, and memory, threads and context switches at its end.
//
// An Account follows one tree. Its methods are called by one thread, around each
// window in this order:
//
//	Before          Open ---- window ---- Close          After        ...   End
//	rescan, slow    read  (each known     read           rescan, slow       memory,
//	                       process)                                         switches
//
// Open and Close cost a system call of about a microsecond for each process and
// nothing else, so that they can be called while load is running.
//
// CPU time is that of the process CPU clocks: nanoseconds, threads that have ended
// included. /proc/PID/stat, which counts ticks of 10 ms, gives only the proportion of
// user and system time.
//
// Processes come and go. One that appears during a window is found by After, and all
// it has used is counted: it did not exist when the window opened. The CPU clock of one
// that vanishes is gone; what it used is then taken from its parent, to whom the kernel
// charges the whole life of a child it has waited for, in ticks of 10 ms. It is lost if
// the parent did not wait. Usage.Vanished counts these processes. The root has no parent
// in the tree: when it ends, its account is Lost.
// Descendants are found through their parents, so one whose parent has died (and which
// init has adopted) is not found, but is still followed if it was known before.
package procstat

import (
	"fmt"
	"time"

	"github.com/prometheus/procfs"
)

// Usage is what a tree used. Counts and times are of all its processes together.
type Usage struct {
	CPU       time.Duration // inside the windows
	User, Sys time.Duration // CPU, divided as /proc/PID/stat divides it between first Before and last After
	Vanished  int           // processes that ended inside a window, whose share of it is less certain
	Lost      bool          // a window closed without the root: what the tree used in it is not known, and CPU too small

	PSSBytes    uint64 // proportional set size at End; shared pages count once over all sharers
	Threads     int    // at End
	Voluntary   uint64 // context switches from first Before to End, of the threads alive at End
	Involuntary uint64
}

// An Account adds up what the tree of one process uses.
type Account struct {
	root  int
	fs    procfs.FS
	proc  string
	clock func(pid int) (time.Duration, error)

	procs    []process
	begun    bool
	usage    Usage
	vanished int           // processes that ended in the current window
	gone     time.Duration // CPU clocks, as last read, of all that ended since Before
}

// A process of the tree, by what was last read of it.
type process struct {
	pid        int
	alive      bool
	at         time.Duration // CPU clock, as last read
	waited     time.Duration // CPU time of its ended children, at Before
	base, last ticks         // user and system time: when first seen, and latest
	vol, invol uint64        // switches when first seen
}

type ticks struct{ user, sys float64 } // seconds

// New follows the process pid and its descendants. It fails if there is no such
// process or its CPU clock cannot be read.
func New(pid int) (*Account, error) {
	return newAccount(procfs.DefaultMountPoint, pid, processClock)
}

func newAccount(proc string, pid int, clock func(int) (time.Duration, error)) (*Account, error) {
	fs, err := procfs.NewFS(proc)
	if err != nil {
		return nil, fmt.Errorf("open %s: %w", proc, err)
	}
	if _, err := clock(pid); err != nil {
		return nil, fmt.Errorf("read the CPU clock of process %d: %w: is it running?", pid, err)
	}
	return &Account{root: pid, fs: fs, proc: proc, clock: clock}, nil
}

// Before prepares for a window: it looks for processes that have come or gone.
func (a *Account) Before() {
	a.rescan(func(*process) {})
	a.begun = true
	a.vanished, a.gone = 0, 0
	for i := range a.procs {
		if p := &a.procs[i]; p.alive {
			p.waited = a.readWaited(p.pid)
		}
	}
}

// Open notes the CPU clocks as a window opens.
func (a *Account) Open() {
	for i := range a.procs {
		p := &a.procs[i]
		if !p.alive {
			continue
		}
		at, err := a.clock(p.pid)
		if err != nil {
			a.end(p) // before the window: nothing of the window is lost
			continue
		}
		p.at = at
	}
}

// Close adds up what was used since Open.
func (a *Account) Close() {
	for i := range a.procs {
		p := &a.procs[i]
		if !p.alive {
			continue
		}
		at, err := a.clock(p.pid)
		if err != nil {
			a.end(p)
			a.vanished++
			continue
		}
		a.usage.CPU += at - p.at
		p.at = at
	}
	a.usage.Lost = a.usage.Lost || !a.knows(a.root)
}

// After follows a window: it looks for processes that appeared inside it.
func (a *Account) After() {
	a.rescan(func(p *process) { a.usage.CPU += p.at })
	waited := time.Duration(0)
	for i := range a.procs {
		if p := &a.procs[i]; p.alive {
			p.last = a.readTicks(p.pid, p.last)
			waited += a.readWaited(p.pid) - p.waited
		}
	}
	if a.vanished > 0 {
		// What the parents were charged, less what of it was used before the window.
		a.usage.CPU += max(0, waited-a.gone)
		a.usage.Vanished += a.vanished
	}
}

// CPU returns what was used inside the windows so far; after After it is complete.
func (a *Account) CPU() time.Duration { return a.usage.CPU }

// Lost reports whether a window closed without the root: CPU is then too small.
func (a *Account) Lost() bool { return a.usage.Lost }

// end notes that a process is no more.
func (a *Account) end(p *process) {
	p.alive = false
	a.gone += p.at
}

// End reads memory, threads and switches, and returns what was used.
func (a *Account) End() Usage {
	u := a.usage
	var t ticks
	for i := range a.procs {
		p := &a.procs[i]
		t.user += p.last.user - p.base.user
		t.sys += p.last.sys - p.base.sys
		if p.alive {
			a.addMemory(p, &u)
		}
	}
	if sum := t.user + t.sys; sum > 0 {
		u.Sys = time.Duration(float64(u.CPU) * t.sys / sum)
	}
	u.User = u.CPU - u.Sys
	return u
}

// rescan walks the tree, calls born for each process seen for the first time, and
// marks those that have gone. Processes seen by the very first scan have a past that
// is no part of the account; later ones are counted from their birth.
func (a *Account) rescan(born func(*process)) {
	for i := range a.procs {
		p := &a.procs[i]
		if !p.alive {
			continue
		}
		if _, err := a.clock(p.pid); err != nil {
			a.end(p)
		}
	}
	for _, pid := range a.descendants() {
		if a.knows(pid) {
			continue
		}
		p := process{pid: pid, alive: true}
		p.at, _ = a.clock(pid)
		if !a.begun {
			p.base = a.readTicks(pid, ticks{})
			p.vol, p.invol, _ = a.readSwitches(pid)
		}
		p.last = p.base
		born(&p)
		a.procs = append(a.procs, p)
	}
}

func (a *Account) knows(pid int) bool {
	for i := range a.procs {
		if a.procs[i].pid == pid && a.procs[i].alive {
			return true
		}
	}
	return false
}
