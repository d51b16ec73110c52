package socket

import (
	"bytes"
	"net"
	"syscall"
	"testing"
)

// pair is two connected sockets.
func pair(t *testing.T) (a, b *net.TCPConn, fd func(*net.TCPConn, func(fd uintptr))) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(); server.Close() })
	return client.(*net.TCPConn), server.(*net.TCPConn), func(c *net.TCPConn, f func(fd uintptr)) {
		t.Helper()
		raw, err := c.SyscallConn()
		if err == nil {
			err = raw.Control(f)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestSendReceive(t *testing.T) {
	a, b, fd := pair(t)
	data := bytes.Repeat([]byte("0123456789abcdef"), 1<<20) // 16 MiB: more than fits
	var sent int
	fd(a, func(fd uintptr) {
		for {
			n, err := Send(fd, data[sent:])
			sent += n
			if err == syscall.EAGAIN {
				return
			}
			if err != nil || sent == len(data) {
				t.Errorf("%d bytes sent: %v", sent, err)
				return
			}
		}
	})
	if err := a.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	got, buf := 0, make([]byte, 10_000)
	raw, err := b.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	err = raw.Read(func(fd uintptr) bool {
		for {
			n, err := Receive(fd, buf)
			switch {
			case err == syscall.EAGAIN:
				return false
			case err != nil:
				t.Errorf("after %d bytes: %v", got, err)
				return true
			case n == 0:
				return true
			case !bytes.Equal(buf[:n], data[got:got+n]):
				t.Errorf("after %d bytes: not what was sent", got)
				return true
			}
			got += n
		}
	})
	if err != nil || got != sent || sent == 0 {
		t.Errorf("%d bytes came of %d: %v", got, sent, err)
	}
}

// A peer that is gone is an error and not the end of the process.
func TestSendToNobody(t *testing.T) {
	a, b, fd := pair(t)
	b.SetLinger(0)
	b.Close()
	a.Read(make([]byte, 1)) // until the reset is there
	fd(a, func(fd uintptr) {
		if n, err := Send(fd, []byte("x")); n != 0 || err == nil || err == syscall.EAGAIN {
			t.Errorf("%d bytes sent: %v", n, err)
		}
	})
}

func TestNoAllocation(t *testing.T) {
	a, b, fd := pair(t)
	x, y := []byte("x"), make([]byte, 1)
	fd(a, func(a uintptr) {
		fd(b, func(b uintptr) {
			if n := testing.AllocsPerRun(100, func() { Send(a, x); Receive(b, y); Receive(b, y) }); n != 0 {
				t.Errorf("%v allocations", n)
			}
		})
	})
}
