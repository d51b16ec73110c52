package main

import (
	"os"

	"golang.org/x/sys/unix"
)

// anonymousFile is memory with a descriptor; the name is for whoever looks. A file on a disk would do, until the
// disk is full: then writing to the page ends the worker with SIGBUS.
func anonymousFile(name string) (*os.File, error) {
	fd, err := unix.MemfdCreate("modelbench-"+name, unix.MFD_CLOEXEC)
	if err != nil {
		return nil, os.NewSyscallError("memfd_create", err)
	}
	return os.NewFile(uintptr(fd), name), nil
}
