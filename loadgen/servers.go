package main

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"time"

	"modelbench/loadgen/procstat"
	"modelbench/results/trial"
)

// servers accounts the process trees named by --pid, as the engine's probe.
type servers struct {
	accounts []*procstat.Account  // by target; nil where no process was named
	usage    []*procstat.Usage    // by target; filled by End
	slices   int                  // that have begun
	cost     []sliceCost          // of a rotation's measured slices, in order: beside Report.Slices
	before   time.Duration        // what the target had used before its slice
	opened   bool                 // the slice has a measured window
	machine  procstat.MachineTime // when load began, that of a single target's warm-up included
	steal    trial.Float          // share of the machine's CPU time since then, 0 to 1; filled by End
	network  procstat.Network     // when load began
	trouble  procstat.Network     // by how much its counters grew from then to End
}

// A sliceCost is what a server used in the window of a slice.
type sliceCost struct {
	cpu   time.Duration
	known bool // a process was named, and it is alive
}

// collectEvery is after how many slices the garbage is collected. Accounting reads files
// between slices, which leaves some 100 kB each time, and the collector is off: see calm.
const collectEvery = 256

// newServers reads "[name=]PID" flags. Without a name there must be one target.
func newServers(pids []string, targets []target) (*servers, error) {
	s := &servers{accounts: make([]*procstat.Account, len(targets)), usage: make([]*procstat.Usage, len(targets))}
	for _, arg := range pids {
		i, number := 0, arg
		if name, after, found := strings.Cut(arg, "="); found {
			number = after
			for i = 0; i < len(targets) && targets[i].name != name; i++ {
			}
			if i == len(targets) {
				return nil, usageError{fmt.Errorf("--pid: no target is called %s", name)}
			}
		} else if len(targets) > 1 {
			return nil, usageError{fmt.Errorf("--pid: %s could be any of %d targets; write name=PID", arg, len(targets))}
		}
		pid, err := strconv.Atoi(number)
		if err != nil || pid < 1 {
			return nil, usageError{fmt.Errorf("--pid: %q is not a process id", number)}
		}
		if s.accounts[i] != nil {
			return nil, usageError{fmt.Errorf("--pid: %s is given twice; name the parent of both processes", targets[i].name)}
		}
		if s.accounts[i], err = procstat.New(pid); err != nil {
			return nil, fmt.Errorf("--pid: %w", err)
		}
	}
	return s, nil
}

// Before, Open, Close, After and End make servers an engine.Probe.

func (s *servers) Before(target int) {
	if s.slices == 0 {
		s.machine, _ = procstat.ReadMachine() // zero where there is no such file, which End finds out
		s.network = procstat.ReadNetwork()
	}
	if s.slices++; s.slices%collectEvery == 0 {
		runtime.GC() // here it disturbs no window
	}
	s.opened = false
	if a := s.accounts[target]; a != nil {
		a.Before()
		s.before = a.CPU()
	}
}

func (s *servers) Open(target int) {
	s.opened = true
	if a := s.accounts[target]; a != nil {
		a.Open()
	}
}

func (s *servers) Close(target int) {
	if a := s.accounts[target]; a != nil {
		a.Close()
	}
}

func (s *servers) After(target int) {
	cost := sliceCost{}
	if a := s.accounts[target]; a != nil {
		a.After()
		cost = sliceCost{a.CPU() - s.before, !a.Lost()}
	}
	if s.opened && len(s.accounts) > 1 {
		s.cost = append(s.cost, cost)
	}
}

func (s *servers) End() {
	if now, err := procstat.ReadMachine(); err == nil && s.slices > 0 {
		if share, known := now.StealSince(s.machine); known {
			s.steal = trial.F(share)
		}
	}
	if s.slices > 0 {
		s.trouble = procstat.ReadNetwork().Since(s.network)
	}
	for i, a := range s.accounts {
		if a != nil {
			u := a.End()
			s.usage[i] = &u
		}
	}
}
