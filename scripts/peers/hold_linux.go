package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"
)

const (
	opening     = 128              // connections on their way at a time: below any server's backlog
	holdStuck   = 10 * time.Second // without any progress
	perSource   = 10000            // connections from one address: the kernel has some 28,000 ports for each
	firstSource = 2                // 127.0.0.2; loadgen comes from 127.0.0.1
	sources     = 200              // so many addresses, then from the first again
)

// held are connections that do nothing: a descriptor each, all in one epoll set, and no
// memory of ours. One goroutine uses them.
type held struct {
	epoll int
	fds   []int
	talks map[int]*talk // those that are not idle yet
	to    netip.AddrPort
}

// A talk is a connection on its way to being idle.
type talk struct {
	sent  bool
	reply []byte
}

// hold opens n connections to an HTTP server, has one request answered on each and leaves
// them open. block picks their source addresses, so that those of the last time are not in
// the way.
func hold(ctx context.Context, to netip.AddrPort, n, block int) (*held, error) {
	epoll, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, fmt.Errorf("open %d connections: epoll: %w", n, err)
	}
	h := &held{epoll: epoll, fds: make([]int, 0, n), talks: make(map[int]*talk, opening), to: to}
	first := block * ((n + perSource - 1) / perSource)
	if err := h.open(ctx, n, first); err != nil {
		idle := len(h.fds) - len(h.talks)
		h.release()
		return nil, fmt.Errorf("open %d connections: after %d of them: %w", n, idle, err)
	}
	return h, nil
}

func (h *held) open(ctx context.Context, n, source int) error {
	events := make([]unix.EpollEvent, opening)
	progress := time.Now()
	for len(h.fds) < n || len(h.talks) > 0 {
		for len(h.fds) < n && len(h.talks) < opening {
			if err := h.connect(firstSource + (source+len(h.fds)/perSource)%sources); err != nil {
				return err
			}
		}
		ready, err := unix.EpollWait(h.epoll, events, 100)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return fmt.Errorf("epoll: %w", err)
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case ready > 0:
			progress = time.Now()
		case time.Since(progress) > holdStuck:
			return fmt.Errorf("the server has not moved for %v", holdStuck)
		}
		for _, ev := range events[:ready] {
			if err := h.advance(int(ev.Fd), ev.Events); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *held) connect(source int) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	h.fds = append(h.fds, fd)
	h.talks[fd] = &talk{}
	// The port is chosen with the connection, so that one port can serve several targets.
	if err := unix.SetsockoptInt(fd, unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1); err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, byte(source)}}); err != nil {
		return fmt.Errorf("bind to 127.0.0.%d: %w", source, err)
	}
	err = unix.Connect(fd, &unix.SockaddrInet4{Port: int(h.to.Port()), Addr: h.to.Addr().As4()})
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return fmt.Errorf("connect: %w", err)
	}
	if err := unix.EpollCtl(h.epoll, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLOUT, Fd: int32(fd)}); err != nil {
		return fmt.Errorf("epoll: %w", err)
	}
	return nil
}

// advance sends the request once the connection is up, then reads until the reply is there.
func (h *held) advance(fd int, events uint32) error {
	t := h.talks[fd]
	if t == nil {
		return errors.New("the server closed an idle connection")
	}
	if !t.sent {
		code, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
		if err == nil && code != 0 {
			err = unix.Errno(code)
		}
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		request := fmt.Appendf(nil, "GET /plaintext HTTP/1.1\r\nHost: %v\r\n\r\n", h.to)
		if _, err := unix.Write(fd, request); err != nil { // an empty socket buffer takes it whole
			return fmt.Errorf("send: %w", err)
		}
		t.sent = true
		return unix.EpollCtl(h.epoll, unix.EPOLL_CTL_MOD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP, Fd: int32(fd)})
	}
	buf := make([]byte, 4096)
	n, err := unix.Read(fd, buf)
	switch {
	case errors.Is(err, unix.EAGAIN):
		return nil
	case err != nil:
		return fmt.Errorf("read: %w", err)
	case n == 0:
		return errors.New("the server closed the connection: has it a limit on them?")
	}
	t.reply = append(t.reply, buf[:n]...)
	whole, err := wholeReply(t.reply)
	if whole {
		delete(h.talks, fd)
	}
	return err
}

// lost is how many of the connections the server has closed, or sent something to.
func (h *held) lost() (int, error) {
	events := make([]unix.EpollEvent, len(h.fds))
	for {
		n, err := unix.EpollWait(h.epoll, events, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("look at the idle connections: %w", err)
		}
		return n, nil
	}
}

// release closes all.
func (h *held) release() {
	for _, fd := range h.fds {
		unix.Close(fd)
	}
	unix.Close(h.epoll)
	h.fds = nil
}
