//go:build linux && (amd64 || arm64 || riscv64 || loong64 || ppc64le)

package socket

import (
	"syscall"
	"unsafe"
)

// Send sends what fits of b into the socket's buffer and returns how much that was,
// or a syscall.Errno: EAGAIN when nothing fits. A peer that is gone is EPIPE, not a
// signal. The socket must not be in blocking mode.
func Send(fd uintptr, b []byte) (n int, err error) {
	return result(syscall.RawSyscall6(syscall.SYS_SENDTO, fd,
		uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), syscall.MSG_NOSIGNAL|syscall.MSG_DONTWAIT, 0, 0))
}

// Receive takes what there is, up to len(b), and returns how much that was: 0 at
// the end of what the peer sends. Otherwise it is as Send.
func Receive(fd uintptr, b []byte) (n int, err error) {
	return result(syscall.RawSyscall6(syscall.SYS_RECVFROM, fd,
		uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), syscall.MSG_DONTWAIT, 0, 0))
}

// WakeMonitor is to be called before something is computed for long. Go's monitor, which has
// goroutines give way after 10 ms, sleeps while all of them wait, and it is system calls
// of the ordinary kind that wake it (runtime.entersyscall). Send and Receive are none, so
// without this a computation that begins in a quiet moment would not be interrupted at
// all. It is such a call, of the cheapest kind.
func WakeMonitor() { syscall.Syscall(syscall.SYS_GETPID, 0, 0, 0) }

func result(n, _ uintptr, errno syscall.Errno) (int, error) {
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}
