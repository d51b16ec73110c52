package main

import (
	"fmt"
	"syscall"
)

// spareDescriptors are those of a process beside its idle and its active connections.
const spareDescriptors = 512

// checkMachine refuses what this machine does not have, and raises the descriptor limit.
//
// Go's runtime raises the limit for this process alone and gives children the old one
// back, unless it is set here: nginx and a --server get what our servers take by themselves.
func (f *flags) checkMachine() error {
	if err := f.checkCores(); err != nil {
		return err
	}
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("read the descriptor limit: %w", err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fmt.Errorf("raise the descriptor limit to %d: %w", limit.Max, err)
	}
	f.descriptors = int(min(limit.Cur, 1<<20))
	return nil
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
