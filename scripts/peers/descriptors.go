package main

import (
	"fmt"

	"modelbench/scripts/rig"
)

// spareDescriptors are those of a process beside its idle and its active connections.
const spareDescriptors = 512

// checkMachine refuses what this machine does not have, and raises the descriptor limit.
func (f *flags) checkMachine() error {
	for _, core := range []struct {
		flag string
		cpu  int
	}{{"--server-cpu", f.ServerCPU}, {"--client-cpu", f.ClientCPU}} {
		if err := rig.CheckCore(core.cpu); err != nil {
			return usage(core.flag, "%v", err)
		}
	}
	var err error
	f.descriptors, err = rig.RaiseDescriptors()
	return err
}

// idleConnections is how many the descriptor limit allows, and what to say if that is
// fewer than asked for.
func (f *flags) idleConnections() (n int, bound string) {
	most := f.descriptors - f.Active - spareDescriptors
	if f.Connections <= most {
		return f.Connections, ""
	}
	n = max(1, most)
	return n, fmt.Sprintf("%d idle connections instead of %d: a process may have %d descriptors (ulimit -Hn raises it)", n, f.Connections, f.descriptors)
}
