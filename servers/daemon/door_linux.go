package daemon

import (
	"errors"
	"fmt"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// TurnAway has the kernel ignore who asks for a connection from now on. Those who
// have one, or are in the middle of getting it, can still be accepted: the queue
// runs empty instead of being cut off, and a client that comes too late is refused
// when it asks again, after a second, instead of being reset with its request
// under way.
//
// It belongs to the sockets, so it holds for all processes that share them.
func (l *Listeners) TurnAway() (err error) {
	l.Each(func(name string, l *net.TCPListener) {
		var refused error
		raw, e := l.SyscallConn()
		if e == nil {
			e = raw.Control(func(fd uintptr) {
				refused = unix.SetsockoptSockFprog(int(fd), unix.SOL_SOCKET, unix.SO_ATTACH_FILTER, &noSYN)
			})
		}
		if e = errors.Join(e, refused); e != nil {
			err = errors.Join(err, fmt.Errorf("--%s %s: turn new connections away: %w", name, Addr(l), e))
		}
	})
	return err
}

// noSYN is a program for the kernel's packet filter, in which a packet begins with
// its TCP header: drop what has the flag SYN without ACK, keep all else. Accepted
// connections inherit it, and never see such a packet.
var noSYN = unix.SockFprog{Len: uint16(len(noSYNProgram)), Filter: &noSYNProgram[0]}

var noSYNProgram = [...]unix.SockFilter{
	{Code: syscall.BPF_LD | syscall.BPF_B | syscall.BPF_ABS, K: 13}, // the flags
	{Code: syscall.BPF_ALU | syscall.BPF_AND | syscall.BPF_K, K: 0x12},
	{Code: syscall.BPF_JMP | syscall.BPF_JEQ | syscall.BPF_K, K: 0x02, Jt: 0, Jf: 1},
	{Code: syscall.BPF_RET | syscall.BPF_K, K: 0},
	{Code: syscall.BPF_RET | syscall.BPF_K, K: 0xffffffff},
}
