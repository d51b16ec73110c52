package main

import (
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"

	"github.com/panjf2000/gnet/v2"
)

// A bell has a loop look at conversations because another goroutine says so: an alarm
// that is due, work that is done. One that rings while the loop has yet to look rings
// for all.
//
// Underneath is a connection from the process to itself, which a byte makes readable.
// gnet's own Wake does the same, but leaves two pieces of garbage for each
// conversation that it wakes.
type bell struct {
	rope net.Conn // what is written to

	mu   sync.Mutex
	due  []*conversation
	free []*conversation // the other list, empty: they take turns
}

var oneByte = []byte{0}

// ring has the loop look at v. Safe to call from anywhere.
func (b *bell) ring(v *conversation) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.due = append(b.due, v); len(b.due) == 1 {
		b.rope.Write(oneByte) // fails when the loop has stopped, and nobody is left to look
	}
}

// answer looks at those that were rung for, on the loop.
func (b *bell) answer(look func(*conversation) gnet.Action) {
	b.mu.Lock()
	due := b.due
	b.due, b.free = b.free[:0], nil
	b.mu.Unlock()
	for i, v := range due {
		due[i] = nil
		if v.waits == forNothing {
			continue // it was closed meanwhile
		}
		if look(v) == gnet.Close {
			v.gnet.Close()
		}
	}
	b.mu.Lock()
	b.free = due
	b.mu.Unlock()
}

// hang makes the bell of a loop, with itself as context of the end that gnet
// listens to.
func (b *bell) hang(loop *gnet.Client) error {
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		return fmt.Errorf("make the loop's bell: %w", os.NewSyscallError("socketpair", err))
	}
	var ends [2]net.Conn
	for i, fd := range fds {
		syscall.CloseOnExec(fd)
		f := os.NewFile(uintptr(fd), "bell")
		var e error
		if ends[i], e = net.FileConn(f); e != nil { // it has a duplicate
			err = e
		}
		f.Close()
	}
	if err == nil {
		b.rope = ends[0]
		_, err = loop.EnrollContext(ends[1], b)
	}
	if err != nil {
		return fmt.Errorf("make the loop's bell: %w", err)
	}
	return nil
}
