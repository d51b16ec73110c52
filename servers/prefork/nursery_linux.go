package main

import "syscall"

// dieWithThread has the kernel kill the process when the thread that starts it ends.
func dieWithThread(a *syscall.SysProcAttr) { a.Pdeathsig = syscall.SIGKILL }
