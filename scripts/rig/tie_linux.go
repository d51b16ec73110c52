package rig

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// tied binds a child's life to that of the thread that makes it: see Launcher.
func tied() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// pinThread moves the calling thread to one core.
func pinThread(cpu int) error {
	var one unix.CPUSet
	one.Set(cpu)
	if err := unix.SchedSetaffinity(0, &one); err != nil {
		return fmt.Errorf("pin to core %d: %w", cpu, err)
	}
	return nil
}

// CheckCore refuses a core that is not ours to use.
func CheckCore(cpu int) error {
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		return fmt.Errorf("read the CPU affinity: %w", err)
	}
	if !may.IsSet(cpu) {
		return fmt.Errorf("core %d is none of the %d that we may use", cpu, may.Count())
	}
	return nil
}
