package engine

import (
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Kernel timestamps (Plan.KernelTimestamps). The kernel notes when a packet goes out,
// just before it is on the wire, and when one comes in, before anyone is woken. A
// request is then sent, and a reply done, at these stamps: what it took to get there and
// back is the generator's own doing, and the way back is counted as Samples.Wake.
//
//	write --> stamp ---- wire, server, wire ----> stamp ---- wake-up, other events ----> read
//	            `------------ service -------------'`--------------- wake ---------------'
//
// Several replies that one read brings have the stamp of the last of them. Where the
// stamp of a write is not there when the write returns, as with some network cards, the
// request was sent when the write began.
// (Documentation/networking/timestamping.rst; tcp_recv_timestamp in net/ipv4/tcp.c.)

// A stamper reads from sockets and learns when bytes came in and went out.
type stamper struct {
	out     unix.Msghdr // for the queue of the stamps of what went out, which carries no bytes
	msg     unix.Msghdr
	iov     unix.Iovec
	control [128]byte

	offset   int64 // wall clock less clock(), ns
	measured int64 // when it was
}

// offsetAge is how old the offset between the two clocks may be, in ns: within it NTP
// slews the wall clock, at 500 ppm at most, by 5 us.
const offsetAge = int64(10 * time.Millisecond)

func (s *stamper) init(buf []byte) {
	s.iov.Base = &buf[0]
	s.iov.SetLen(len(buf))
	s.msg.Iov, s.msg.Control = &s.iov, &s.control[0]
	s.msg.SetIovlen(1)
	s.out.Control = &s.control[0]
	s.measured = -offsetAge
}

func (s *stamper) buf() []byte { return unsafe.Slice(s.iov.Base, int(s.iov.Len)) }

// askForStamps asks the kernel for stamps on a socket.
func askForStamps(fd int) error {
	const both = unix.SOF_TIMESTAMPING_RX_SOFTWARE | unix.SOF_TIMESTAMPING_TX_SOFTWARE
	err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TIMESTAMPING_NEW, both|unix.SOF_TIMESTAMPING_SOFTWARE|unix.SOF_TIMESTAMPING_OPT_TSONLY)
	if err != nil {
		return fmt.Errorf("ask for kernel timestamps: %w", err)
	}
	return nil
}

// primeTries and primePause bound the wait for the first stamp.
const (
	primeTries = 200
	primePause = 5 * time.Millisecond
)

// primeStamps has the kernel begin to stamp packets, which it does some time after the
// first socket has asked, and goes on doing while any does. It sends packets to itself
// until one has a stamp. The socket must stay open as long as stamps are wanted.
func primeStamps() (fd int, err error) {
	if fd, err = unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0); err != nil {
		return 0, fmt.Errorf("prepare kernel timestamps: %w", err)
	}
	self := &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}
	err = askForStamps(fd)
	if err == nil {
		err = unix.Bind(fd, self)
	}
	var at unix.Sockaddr
	if err == nil {
		at, err = unix.Getsockname(fd)
	}
	var s stamper
	s.init(make([]byte, 1))
	for range primeTries {
		if err != nil {
			break
		}
		if err = unix.Sendto(fd, s.buf(), 0, at); err != nil {
			break
		}
		if _, stamp, _ := s.receive(int32(fd)); stamp != 0 {
			return fd, nil
		}
		time.Sleep(primePause)
	}
	unix.Close(fd)
	if err != nil {
		return 0, fmt.Errorf("prepare kernel timestamps: %w", err)
	}
	return 0, fmt.Errorf("prepare kernel timestamps: the kernel stamps no packets here")
}

// receive reads like recvfrom and returns the stamp as a clock value, 0 if there is none.
func (s *stamper) receive(fd int32) (n uintptr, stamp int64, errno unix.Errno) {
	s.msg.SetControllen(len(s.control))
	n, _, errno = unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&s.msg)), 0)
	if errno != 0 || n == 0 {
		return n, 0, errno
	}
	return n, s.stamp(s.control[:s.msg.Controllen]), 0
}

// left returns when the last of what was written to a socket since since went out, 0 if
// that is not known (yet). Older stamps, which came too late for their write, are dropped.
func (s *stamper) left(fd int32, since int64) int64 {
	for range maxStale {
		s.out.SetControllen(len(s.control))
		_, _, errno := unix.RawSyscall(unix.SYS_RECVMSG, uintptr(fd), uintptr(unsafe.Pointer(&s.out)), unix.MSG_ERRQUEUE)
		if errno != 0 {
			return 0
		}
		if at := s.stamp(s.control[:s.out.Controllen]); at >= since {
			return at
		}
	}
	return 0
}

// maxStale is how many stamps that came too late are dropped at a time.
const maxStale = 16

// stamp finds a software stamp in control messages: three 64-bit timespecs, of which it
// is the first. It returns it as a clock value, 0 if there is none.
func (s *stamper) stamp(control []byte) int64 {
	const head = unix.SizeofCmsghdr
	for len(control) >= head {
		h := (*unix.Cmsghdr)(unsafe.Pointer(&control[0]))
		if int(h.Len) < head || int(h.Len) > len(control) {
			return 0
		}
		if h.Level == unix.SOL_SOCKET && h.Type == unix.SO_TIMESTAMPING_NEW && int(h.Len) >= head+16 {
			ts := (*[2]int64)(unsafe.Pointer(&control[head]))
			if ts[0] == 0 && ts[1] == 0 {
				return 0
			}
			return ts[0]*int64(time.Second) + ts[1] - s.wallOffset()
		}
		control = control[min(len(control), (int(h.Len)+7)&^7):]
	}
	return 0
}

// wallOffset returns the difference between the wall clock, which stamps are in, and
// clock. Both are read in one call of time.Now, some tens of nanoseconds apart.
func (s *stamper) wallOffset() int64 {
	now := time.Now()
	at := int64(now.Sub(epoch))
	if at-s.measured >= offsetAge {
		s.offset, s.measured = now.UnixNano()-at, at
	}
	return s.offset
}
