package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// anonymousFile is memory with a descriptor. A file on a disk would do, until the
// disk is full: then writing to the page ends the worker with SIGBUS.
func anonymousFile() (*os.File, error) {
	fd, err := unix.MemfdCreate("modelbench-prefork", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), "page"), nil
}
