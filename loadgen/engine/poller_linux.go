package engine

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// wakeSlot is the slot under which the poller reports a call of wake.
const wakeSlot = -1

// A poller is one thread's epoll set. Level-triggered: a connection is registered for
// reading once, and for writing only while a write is cut short.
type poller struct {
	fd      int
	wakeFd  int
	noWait2 bool // the kernel has no epoll_pwait2 (before 5.11)
	busy    bool // the last wait found several events: look before blocking
	events  [512]unix.EpollEvent
}

func (p *poller) open() error {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return fmt.Errorf("create epoll set: %w", err)
	}
	wakeFd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(fd)
		return fmt.Errorf("create eventfd: %w", err)
	}
	p.fd, p.wakeFd = fd, wakeFd
	// The probe of epoll_pwait2: an empty set and no timeout.
	_, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(fd), uintptr(unsafe.Pointer(&p.events)), 1, uintptr(unsafe.Pointer(&unix.Timespec{})), 0, 0)
	p.noWait2 = errno == unix.ENOSYS
	return p.control(unix.EPOLL_CTL_ADD, wakeFd, unix.EPOLLIN, wakeSlot, 0)
}

func (p *poller) close() {
	unix.Close(p.fd)
	unix.Close(p.wakeFd)
}

// wake ends the current or the next wait. Any thread may call it.
func (p *poller) wake() {
	one := uint64(1)
	unix.Write(p.wakeFd, (*[8]byte)(unsafe.Pointer(&one))[:]) // full means: already awake
}

func (p *poller) drainWake() {
	var b [8]byte
	unix.Read(p.wakeFd, b[:])
}

// control registers events for fd. The kernel gives slot and gen back with each event.
func (p *poller) control(op, fd int, events uint32, slot, gen int32) error {
	ev := unix.EpollEvent{Events: events, Fd: slot, Pad: gen}
	if err := unix.EpollCtl(p.fd, op, fd, &ev); err != nil {
		return fmt.Errorf("register a socket with epoll: %w", err)
	}
	return nil
}

// wait fills events and returns how many there are, after timeout at the latest (0 or
// less: at once). It may return 0 early.
//
// While a look without waiting keeps finding work the Go scheduler is not told about
// the system call, which would cost more than the look. A wait that may sleep tells it,
// so that the rest of the program can run.
func (p *poller) wait(timeout int64) int {
	n := 0
	if p.busy || timeout <= 0 {
		n = p.look()
		p.busy = n > 1
		if n > 0 || timeout <= 0 {
			return n
		}
	}
	if p.noWait2 {
		n = p.sleepMillis(timeout)
	} else {
		n = p.sleep(timeout)
	}
	p.busy = n > 1
	return n
}

func (p *poller) look() int {
	n, _, errno := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events)), uintptr(len(p.events)), 0, 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

func (p *poller) sleep(timeout int64) int {
	ts := unix.NsecToTimespec(timeout)
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events)), uintptr(len(p.events)), uintptr(unsafe.Pointer(&ts)), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}

// sleepMillis waits whole milliseconds, rounded down, and leaves the rest to the
// caller, which comes back with it: less than one is a look, and so a spin.
func (p *poller) sleepMillis(timeout int64) int {
	ms := timeout / int64(time.Millisecond)
	if ms == 0 {
		return p.look()
	}
	n, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(p.fd), uintptr(unsafe.Pointer(&p.events)), uintptr(len(p.events)), uintptr(ms), 0, 0)
	if errno != 0 {
		return 0
	}
	return int(n)
}
