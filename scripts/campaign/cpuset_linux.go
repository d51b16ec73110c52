package campaign

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// allowedCPUs are those that this process may use.
func allowedCPUs() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("read which CPUs we may use: %w", err)
	}
	var cpus []int
	for cpu := range mostCPUs {
		if set.IsSet(cpu) {
			cpus = append(cpus, cpu)
		}
	}
	return cpus, nil
}

// tieThread ties the calling thread to the CPUs of the list, and with it what it starts.
// The goroutine must be locked to it. An empty list ties to nothing.
func tieThread(list string) error {
	if list == "" {
		return nil
	}
	cpus, err := parseCPUs(list)
	if err != nil {
		return err
	}
	var tied unix.CPUSet
	for _, cpu := range cpus {
		tied.Set(cpu)
	}
	if err := unix.SchedSetaffinity(0, &tied); err != nil {
		return fmt.Errorf("tie it to CPUs %s: %w", list, err)
	}
	return nil
}
