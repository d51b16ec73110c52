package rig

import (
	"fmt"
	"syscall"
)

// RaiseDescriptors raises this process's descriptor limit to the most it may have, and
// returns that.
//
// Go's runtime raises the limit for this process alone and gives children the old one
// back, unless it is set here: programs that are not ours get what ours take by themselves.
func RaiseDescriptors() (int, error) {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("read the descriptor limit: %w", err)
	}
	limit.Cur = limit.Max
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return 0, fmt.Errorf("raise the descriptor limit to %d: %w", limit.Max, err)
	}
	return int(min(limit.Cur, 1<<20)), nil
}
