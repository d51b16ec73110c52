package rig

import (
	"fmt"

	"github.com/prometheus/procfs"
)

// tree lists a process and its descendants, itself first. A process that cannot be looked
// at has ended.
func tree(root int) []int {
	all, err := procfs.AllProcs()
	if err != nil {
		return []int{root}
	}
	children := map[int][]int{}
	for _, p := range all {
		if stat, err := p.Stat(); err == nil {
			children[stat.PPID] = append(children[stat.PPID], p.PID)
		}
	}
	found := []int{root}
	for i := 0; i < len(found); i++ {
		found = append(found, children[found[i]]...)
	}
	return found
}

// PSS is the memory of a process and its descendants in bytes, with pages that several
// processes have in common shared out among them. What the kernel keeps for a
// connection is not part of it, and is the same for every server.
func PSS(root int) (uint64, error) {
	var sum uint64
	for _, pid := range tree(root) {
		p, err := procfs.NewProc(pid)
		if err != nil && pid != root {
			continue // it has ended since
		}
		var smaps procfs.ProcSMapsRollup
		if err == nil {
			smaps, err = p.ProcSMapsRollup()
		}
		if err != nil {
			return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
		}
		sum += smaps.Pss
	}
	return sum, nil
}

// PeakRSS is the most resident memory in bytes that a process has had since it was
// started (VmHWM).
func PeakRSS(pid int) (uint64, error) {
	p, err := procfs.NewProc(pid)
	if err != nil {
		return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	status, err := p.NewStatus()
	if err != nil {
		return 0, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	return status.VmHWM, nil
}
