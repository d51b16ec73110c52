package servertest

import (
	"net/netip"
	"syscall"
	"testing"
)

// A rawClient is a client that never blocks once it is connected: thousands of
// them fit into one goroutine, and none reads unless it is told to.
type rawClient struct {
	fd    int
	ended bool // by the server, or closed here
}

// crowds bounds how many tests at a time have a crowd of clients, so that this
// process has the descriptors for all of them.
var crowds = make(chan struct{}, 2)

// crowd is how many clients a test may have when want is what it should: each of
// the crowds takes a descriptor for each here, and one in the server.
func crowd(t testing.TB, want int) int {
	t.Helper()
	crowds <- struct{}{}
	t.Cleanup(func() { <-crowds })
	var l syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &l); err != nil {
		t.Fatal(err)
	}
	if most := (int(min(l.Cur, 1<<30)) - 1000) / cap(crowds); want > most {
		t.Logf("%d clients instead of %d: the limit is %d descriptors", most, want, l.Cur)
		return most
	}
	return want
}

// connectRaw connects to addr. What the client is not told to close ends with the test.
func connectRaw(t testing.TB, addr string) *rawClient {
	t.Helper()
	to := netip.MustParseAddrPort(addr)
	syscall.ForkLock.RLock() // no child may inherit the socket: the connection would outlive us
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		t.Fatal(err)
	}
	c := &rawClient{fd: fd}
	t.Cleanup(c.close)
	if err := syscall.Connect(fd, &syscall.SockaddrInet4{Port: int(to.Port()), Addr: to.Addr().As4()}); err != nil {
		t.Fatalf("connect to %s: %v", addr, err)
	}
	if err := syscall.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	if err := syscall.SetsockoptInt(fd, syscall.IPPROTO_TCP, syscall.TCP_NODELAY, 1); err != nil {
		t.Fatal(err)
	}
	return c
}

// send sends as much of b as the kernel takes, and says how much.
func (c *rawClient) send(b []byte) int {
	n, err := syscall.Write(c.fd, b)
	if err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
		c.ended = true
	}
	return max(n, 0)
}

// receive reads what has arrived, of up to len(b) bytes.
func (c *rawClient) receive(b []byte) []byte {
	n, err := syscall.Read(c.fd, b)
	if n == 0 || err != nil && err != syscall.EAGAIN && err != syscall.EINTR {
		c.ended = true
	}
	return b[:max(n, 0)]
}

// closeWrite says that no more will be sent.
func (c *rawClient) closeWrite() {
	if syscall.Shutdown(c.fd, syscall.SHUT_WR) != nil {
		c.ended = true // reset by the server
	}
}

// close ends the connection in good order.
func (c *rawClient) close() {
	if c.fd >= 0 {
		syscall.Close(c.fd)
	}
	c.fd, c.ended = -1, true
}

// reset ends it at once, with what is on the way.
func (c *rawClient) reset() {
	syscall.SetsockoptLinger(c.fd, syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
	c.close()
}
