package main

import (
	"fmt"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"
)

// pin moves every thread of a running process to one core.
func pin(pid, cpu int) error {
	var one unix.CPUSet
	one.Set(cpu)
	tasks, err := filepath.Glob(filepath.Join("/proc", strconv.Itoa(pid), "task", "*"))
	if err != nil || len(tasks) == 0 {
		return usage("--pid", "no process %d", pid)
	}
	for _, task := range tasks {
		tid, err := strconv.Atoi(filepath.Base(task))
		if err != nil {
			return fmt.Errorf("read the threads of process %d: %w", pid, err)
		}
		if err := unix.SchedSetaffinity(tid, &one); err != nil {
			return fmt.Errorf("pin process %d to core %d: %w", pid, cpu, err)
		}
	}
	return nil
}
