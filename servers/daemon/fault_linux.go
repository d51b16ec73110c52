package daemon

import (
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// dieOfSegv has this process die of the signal itself, as a program in C does, and
// not of what Go's runtime makes of it (a stack trace and exit status 2): it takes
// the runtime's handler away first.
func dieOfSegv() error {
	var defaults [64]byte // a struct sigaction of zeros, whatever its layout: SIG_DFL
	const maskSize = 8
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGSEGV), uintptr(unsafe.Pointer(&defaults)), 0, maskSize, 0, 0); e != 0 {
		return os.NewSyscallError("rt_sigaction", e)
	}
	if err := unix.Kill(os.Getpid(), unix.SIGSEGV); err != nil {
		return os.NewSyscallError("kill", err)
	}
	select {} // the kernel may take a moment
}
