package main

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"modelbench/servers/blocking"
	"modelbench/servers/daemon"
)

// A threadConn is a socket in the hands of one operating system thread, which
// blocks in the kernel when it reads, writes or sleeps.
//
// LockOSThread over a net.Conn would not do: there the thread of a goroutine that
// waits is parked, the runtime's poller waits for the socket, and each wake-up is
// handed from one thread to another. Here the socket is in blocking mode and out
// of the poller, and the thread sleeps in read itself. Time limits are the
// kernel's (SO_RCVTIMEO, SO_SNDTIMEO).
//
// Its methods are for the goroutine that made it, but for SetReadDeadline: with a
// time that has passed, that interrupts a read.
type threadConn struct {
	net.Conn // for addresses; its own descriptor is closed
	fd       int
	thread   int
	in, out  limit
	closed   atomic.Bool
}

// A limit is a deadline, and the time that the kernel was told to wait at most. A
// deadline changes with each request; telling the kernel costs a system call. So
// the kernel is told only when it would wait too long by an eighth, or not for an
// eighth of the time; a wait that ends early is taken up again.
type limit struct {
	option int
	by     atomic.Int64 // unix nanoseconds; 0: never
	told   time.Duration
}

// changing bounds how many sockets are on their way to their threads: until it is
// there, each has two descriptors.
var changing = make(chan struct{}, 8)

// ownThread locks the calling goroutine to its thread for good (the thread ends
// with it) and takes the socket over from c.
func ownThread(c *daemon.Conn) (blocking.Conn, error) {
	changing <- struct{}{}
	defer func() { <-changing }()
	runtime.LockOSThread()
	defer c.Close()
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	t := &threadConn{Conn: c.TCPConn, thread: unix.Gettid()}
	t.in.option, t.out.option = unix.SO_RCVTIMEO, unix.SO_SNDTIMEO
	if e := raw.Control(func(fd uintptr) { t.fd, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) }); e != nil {
		err = e
	}
	if err == nil {
		err = unix.SetNonblock(t.fd, false)
	}
	if err != nil {
		return nil, fmt.Errorf("take the socket out of the poller: %w", err)
	}
	c.OnDrain(t)
	return t, nil
}

// Read blocks in the kernel until bytes are there or the deadline has passed.
func (t *threadConn) Read(b []byte) (int, error) {
	for {
		if err := t.in.tell(t.fd); err != nil {
			return 0, err
		}
		n, err := unix.Read(t.fd, b)
		switch {
		case err == unix.EINTR || err == unix.EAGAIN: // tell knows whether the time is up
		case err != nil:
			return 0, os.NewSyscallError("read", err)
		case n == 0 && len(b) > 0:
			return 0, io.EOF
		default:
			return n, nil
		}
	}
}

// Write blocks in the kernel until all is written or the deadline has passed.
func (t *threadConn) Write(b []byte) (n int, err error) {
	for n < len(b) {
		if err := t.out.tell(t.fd); err != nil {
			return n, err
		}
		m, err := unix.Write(t.fd, b[n:])
		n += max(m, 0)
		if err != nil && err != unix.EINTR && err != unix.EAGAIN {
			return n, os.NewSyscallError("write", err)
		}
	}
	return n, nil
}

// Sleep blocks this thread in the kernel.
func (t *threadConn) Sleep(d time.Duration) {
	left := unix.NsecToTimespec(int64(d))
	for unix.Nanosleep(&left, &left) == unix.EINTR {
	}
}

// CloseWrite ends what this side sends.
func (t *threadConn) CloseWrite() error {
	return os.NewSyscallError("shutdown", unix.Shutdown(t.fd, unix.SHUT_WR))
}

// SetLinger is net.TCPConn's: with 0, Close drops what the peer has not read.
func (t *threadConn) SetLinger(sec int) error {
	return os.NewSyscallError("setsockopt", unix.SetsockoptLinger(t.fd, unix.SOL_SOCKET, unix.SO_LINGER, &unix.Linger{Onoff: 1, Linger: int32(sec)}))
}

// Close closes the socket.
func (t *threadConn) Close() error {
	t.closed.Store(true)
	return os.NewSyscallError("close", unix.Close(t.fd))
}

// SetWriteDeadline sets until when a Write may block.
func (t *threadConn) SetWriteDeadline(by time.Time) error {
	t.out.set(by)
	return nil
}

// Nudge wakes the thread from its Read.
func (t *threadConn) Nudge() { t.SetReadDeadline(time.Unix(1, 0)) }

// SetReadDeadline sets until when a Read may block. Only a time that has passed
// concerns a read under way.
func (t *threadConn) SetReadDeadline(by time.Time) error {
	t.in.set(by)
	if !by.IsZero() && !by.After(time.Now()) {
		go t.interrupt(by)
	}
	return nil
}

// interrupt has the thread's read return with EINTR (one with a time limit is not
// restarted after a signal). The signal may come just before the thread enters
// the read, so it is sent until the thread has set another deadline or is done: less
// and less often, as a thread may be at something else for minutes, and with
// thousands of them the signals would take a core.
func (t *threadConn) interrupt(by time.Time) {
	for pause := 5 * time.Millisecond; t.in.by.Load() == by.UnixNano() && !t.closed.Load(); pause = min(2*pause, time.Second) {
		unix.Tgkill(os.Getpid(), t.thread, unix.SIGURG) // which the Go runtime ignores when it means nothing
		time.Sleep(pause)
	}
}

func (l *limit) set(by time.Time) {
	if by.IsZero() {
		l.by.Store(0)
		return
	}
	l.by.Store(by.UnixNano())
}

// tell sees to it that the kernel's next wait ends by the deadline. It fails with
// os.ErrDeadlineExceeded if that has passed.
func (l *limit) tell(fd int) error {
	left := longest
	if by := l.by.Load(); by != 0 {
		left = min(left, time.Until(time.Unix(0, by)))
	}
	switch {
	case left <= 0:
		return os.ErrDeadlineExceeded
	case l.told != 0 && left > l.told-l.told/8 && left < 8*l.told:
		return nil
	}
	l.told = left
	tv := unix.NsecToTimeval(int64(max(left, time.Microsecond)))
	return os.NewSyscallError("setsockopt", unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, l.option, &tv))
}

// longest is what a wait without a deadline is cut into: an interrupted read must
// have a time limit to return.
const longest = time.Hour

// mostThreads is how many connections can have a thread each: Go ends a process
// with more than 10,000 threads, and the runtime needs some for itself.
const mostThreads = 9_900
