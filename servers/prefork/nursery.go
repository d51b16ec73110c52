package main

import (
	"os/exec"
	"runtime"
	"syscall"
)

// A nursery starts processes that do not outlive it: on Linux the kernel kills
// them when the thread ends that started them, so also those that are stopped, or
// that have not got as far as watching the pipe (see fileLife). A thread ends
// before its process when the runtime has no use for it, so this one is kept.
type nursery struct{ births chan func() }

func newNursery() *nursery {
	n := &nursery{births: make(chan func())}
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with this goroutine
		for start := range n.births {
			start()
		}
	}()
	return n
}

// start starts a process in a group of its own: Ctrl-C is for the supervisor.
func (n *nursery) start(cmd *exec.Cmd) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	dieWithThread(cmd.SysProcAttr)
	done := make(chan error)
	n.births <- func() { done <- cmd.Start() }
	return <-done
}

// close ends whoever is left.
func (n *nursery) close() { close(n.births) }
