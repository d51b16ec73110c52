package daemon

import (
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Turns is how processes that accept from one listener share what comes.
type Turns interface {
	// Open is how many connections all of them have open. Each counts its own in the
	// Tallies of its Host.
	Open() int
	// Ahead reports whether this process has more than its share, and should leave
	// the next connection to the others if they will have it.
	Ahead() bool
	// Left is told what became of a connection that this process left to the others
	// because it was ahead: whether one of them has taken it. Called from several
	// goroutines.
	Left(taken bool)
}

// giveWay is for how long a process that is ahead leaves a connection to the
// others, and so what a client waits for at most when those do not come.
const giveWay = time.Millisecond

// A door watches a listener without accepting from it, which a net.Listener
// cannot do.
type door struct {
	file *os.File // a duplicate of the listener
	raw  syscall.RawConn
}

func newDoor(l *net.TCPListener) (*door, error) {
	f, err := duplicate(l)
	if err != nil {
		return nil, err
	}
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("watch the listener: %w", err)
	}
	return &door{f, raw}, nil
}

// leftOver waits for a connection, leaves it to the other processes for a moment
// and reports whether it is still there. It is true as well when the wait was
// broken off, by close or otherwise: then it is for Accept to find out.
func (d *door) leftOver() bool {
	if err := d.raw.Read(pending); err != nil {
		return true
	}
	time.Sleep(giveWay)
	still := false
	err := d.raw.Control(func(fd uintptr) { still = pending(fd) })
	return still || err != nil
}

// close ends the watch. Safe to call more than once, from anywhere.
func (d *door) close() { d.file.Close() }

// pending reports whether a listener has a connection to accept.
func pending(fd uintptr) bool {
	fds := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return n > 0 && err == nil
}
