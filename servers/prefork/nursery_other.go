//go:build !linux

package main

import "syscall"

// dieWithThread does nothing: here the pipe alone tells workers that the supervisor
// is gone.
func dieWithThread(*syscall.SysProcAttr) {}
