package main

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"
)

// tied binds a child's life to that of the thread that makes it: see launcher.
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

// checkCores refuses cores that are not ours to use.
func (f *flags) checkCores() error {
	var may unix.CPUSet
	if err := unix.SchedGetaffinity(0, &may); err != nil {
		return fmt.Errorf("read the CPU affinity: %w", err)
	}
	for _, core := range []struct {
		flag string
		cpu  int
	}{{"--server-cpu", f.ServerCPU}, {"--client-cpu", f.ClientCPU}} {
		if !may.IsSet(core.cpu) {
			return usage(core.flag, "core %d is none of the %d that we may use", core.cpu, may.Count())
		}
	}
	return nil
}
