package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// client is the connections of orders and their epoll set. One thread has them all.
type client struct {
	*orders
	request []byte
	fds     []int    // the connections
	replies [][]byte // what of its reply a connection has
	poll    int
	events  []unix.EpollEvent
}

func (o *orders) measure() (any, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	c := &client{
		orders:  o,
		request: fmt.Appendf(nil, "GET /task?spin=%d HTTP/1.1\r\nHost: %s\r\n\r\n", o.Spin, o.server),
		replies: make([][]byte, o.Connections),
		events:  make([]unix.EpollEvent, o.Connections),
	}
	var err error
	if c.poll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, fmt.Errorf("create an epoll set: %w", err)
	}
	defer c.close()
	all := make([]int, o.Connections)
	for i := range all {
		all[i] = i
		if err := c.connect(); err != nil {
			return nil, err
		}
		if _, err := c.round(all[i : i+1]); err != nil {
			return nil, fmt.Errorf("its first request: %w", err)
		}
	}
	different := map[string]bool{}
	for run := range o.Runs {
		time.Sleep(o.Rest)
		order, err := c.round(all)
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", run+1, err)
		}
		different[order] = true
	}
	return seen{len(different), o.Runs, o.Runs}, nil
}

func (c *client) close() {
	for _, fd := range c.fds {
		_ = unix.Close(fd)
	}
	_ = unix.Close(c.poll)
}

// connect makes the next connection.
func (c *client) connect() error {
	fd, err := dial(c.server, c.Timeout)
	if err != nil {
		return fmt.Errorf("connect to %v: %w", c.server, err)
	}
	c.fds = append(c.fds, fd)
	ev := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET, Fd: int32(len(c.fds) - 1)}
	if err := unix.EpollCtl(c.poll, unix.EPOLL_CTL_ADD, fd, &ev); err != nil {
		return fmt.Errorf("watch a connection: %w", err)
	}
	return nil
}

// dial makes a connection that does not block, and that Go's own poller does not watch as well.
func dial(to netip.AddrPort, timeout time.Duration) (fd int, err error) {
	family, address := unix.AF_INET6, unix.Sockaddr(&unix.SockaddrInet6{Port: int(to.Port()), Addr: to.Addr().As16()})
	if to.Addr().Is4() {
		family, address = unix.AF_INET, &unix.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}
	}
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, err
	}
	defer func() {
		if err != nil {
			_ = unix.Close(fd)
		}
	}()
	if err = unix.Connect(fd, address); err != unix.EINPROGRESS {
		return fd, err
	}
	poll := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLOUT}}
	for deadline := time.Now().Add(timeout); ; {
		n, err := unix.Poll(poll, max(0, int(time.Until(deadline).Milliseconds())))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return fd, err
		case n == 0:
			return fd, unix.ETIMEDOUT
		}
		if failed, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR); err != nil || failed == 0 {
			return fd, err
		} else {
			return fd, unix.Errno(failed)
		}
	}
}

// round sends the request on the connections, in that order, and returns them in the order of
// their replies.
func (c *client) round(conns []int) (order string, err error) {
	for _, i := range conns {
		if _, err := unix.Write(c.fds[i], c.request); err != nil {
			return "", fmt.Errorf("send a request: %w", err)
		}
	}
	done := make([]byte, 0, len(conns))
	for len(done) < len(conns) {
		n, err := unix.EpollWait(c.poll, c.events, int(c.Timeout.Milliseconds()))
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return "", fmt.Errorf("wait for a reply: %w", err)
		case n == 0:
			return "", fmt.Errorf("%d of %d requests are without a reply %v after the last one", len(conns)-len(done), len(conns), c.Timeout)
		}
		for _, ev := range c.events[:n] {
			whole, err := c.read(int(ev.Fd))
			if err != nil {
				return "", err
			}
			if whole {
				done = append(done, byte(ev.Fd))
			}
		}
	}
	return string(done), nil
}

// read takes what has come in on a connection and tells whether its reply is whole.
func (c *client) read(i int) (whole bool, err error) {
	for {
		var chunk [4 << 10]byte
		n, err := unix.Read(c.fds[i], chunk[:])
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.EAGAIN:
			whole, err := complete(c.replies[i])
			if whole {
				c.replies[i] = c.replies[i][:0]
			}
			return whole, err
		case err != nil:
			return false, fmt.Errorf("read a reply: %w", err)
		case n == 0:
			return false, errors.New("the server closed a connection")
		}
		c.replies[i] = append(c.replies[i], chunk[:n]...)
	}
}

// complete tells whether b is a whole reply: its head, and as many bytes as that says. One that
// is not as it should be is an error.
func complete(b []byte) (bool, error) {
	head, body, whole := bytes.Cut(b, []byte("\r\n\r\n"))
	if !whole {
		return false, nil
	}
	status, fields, _ := strings.Cut(string(head), "\r\n")
	if code := strings.Fields(status); len(code) < 2 || code[1] != "200" {
		return false, fmt.Errorf("the server answers %q: does it have /task?spin=N?", status)
	}
	size, err := contentLength(fields)
	switch {
	case err != nil:
		return false, err
	case len(body) > size:
		return false, fmt.Errorf("%d bytes follow the reply", len(body)-size)
	}
	return len(body) == size, nil
}

func contentLength(fields string) (int, error) {
	for field := range strings.SplitSeq(fields, "\r\n") {
		if name, value, _ := strings.Cut(field, ":"); strings.EqualFold(name, "Content-Length") {
			return strconv.Atoi(strings.TrimSpace(value))
		}
	}
	return 0, errors.New("the reply has no Content-Length")
}
