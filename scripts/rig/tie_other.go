//go:build !linux

package rig

import (
	"errors"
	"syscall"
)

// errNotLinux is what everything that needs Linux says elsewhere.
var errNotLinux = errors.New("this needs Linux: processes are pinned to cores and tied to this one by the kernel")

func tied() *syscall.SysProcAttr { return nil }

func pinThread(int) error { return errNotLinux }

// CheckCore refuses a core that is not ours to use.
func CheckCore(int) error { return errNotLinux }
