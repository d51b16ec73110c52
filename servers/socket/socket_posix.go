//go:build !(linux && (amd64 || arm64 || riscv64 || loong64 || ppc64le))

package socket

import "syscall"

// Send sends what fits of b into the socket's buffer and returns how much that was,
// or a syscall.Errno: EAGAIN when nothing fits. The socket must not be in blocking
// mode.
func Send(fd uintptr, b []byte) (n int, err error) {
	n, err = syscall.Write(int(fd), b)
	return max(n, 0), err
}

// Receive takes what there is, up to len(b), and returns how much that was: 0 at
// the end of what the peer sends. Otherwise it is as Send.
func Receive(fd uintptr, b []byte) (n int, err error) {
	n, err = syscall.Read(int(fd), b)
	return max(n, 0), err
}

// WakeMonitor is to be called before something is computed for long. Here it does
// nothing, as Send and Receive wake Go's monitor already.
func WakeMonitor() {}
