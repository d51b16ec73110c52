package blocking

import (
	"errors"
	"io"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"modelbench/servers/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// drive runs a conversation over a real connection and returns the client's end
// and what Drive will return.
func drive(t *testing.T, rules *protocol.Rules, writeTimeout time.Duration) (*net.TCPConn, *net.TCPConn, <-chan error) {
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
	t.Cleanup(func() { client.Close() })
	server, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- Drive(server.(Conn), protocol.NewHTTP(rules), rules, writeTimeout) }()
	return client.(*net.TCPConn), server.(*net.TCPConn), ended
}

func rules() *protocol.Rules {
	return &protocol.Rules{MaxHead: 512, MaxBody: 512, HeadTimeout: time.Minute, RequestTimeout: time.Minute, IdleTimeout: time.Minute}
}

func TestDriveEnds(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(client *net.TCPConn)
		want error
	}{
		"the peer closes":          {func(c *net.TCPConn) { c.Close() }, nil},
		"the peer closes one way":  {func(c *net.TCPConn) { c.CloseWrite() }, nil},
		"the session closes":       {func(c *net.TCPConn) { io.WriteString(c, "garbage\r\n"); io.ReadAll(c); c.Close() }, nil},
		"the session closes early": {func(c *net.TCPConn) { io.WriteString(c, "garbage\r\nand more") }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _, ended := drive(t, rules(), time.Minute)
			c.do(client)
			if err := <-ended; !errors.Is(err, c.want) {
				t.Errorf("ended with %v, want %v", err, c.want)
			}
		})
	}
}

func TestDriveExpires(t *testing.T) {
	t.Parallel()
	r := rules()
	r.HeadTimeout = time.Millisecond
	client, _, ended := drive(t, r, time.Minute)
	io.WriteString(client, "GET / HT")
	if got, err := io.ReadAll(client); err != nil || !strings.HasPrefix(string(got), "HTTP/1.1 408 ") {
		t.Errorf("received %q, then %v", got, err)
	}
	client.Close()
	if err := <-ended; err != ErrExpired {
		t.Errorf("ended with %v", err)
	}
}

// A peer that does not read is given up after the write timeout.
func TestDriveWriteTimeout(t *testing.T) {
	t.Parallel()
	client, _, ended := drive(t, rules(), 10*time.Millisecond)
	io.WriteString(client, "GET /task?bytes=100000000 HTTP/1.1\r\nHost: x\r\n\r\n")
	if err := <-ended; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("ended with %v", err)
	}
}

// The drain wakes a conversation that blocks in Read: it waits a little for one
// more request, then ends.
func TestDriveDrains(t *testing.T) {
	t.Parallel()
	r := rules()
	client, server, ended := drive(t, r, time.Minute)
	const request = "GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n"
	io.WriteString(client, request)
	if _, err := io.ReadFull(client, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
	r.Drain()
	server.SetReadDeadline(time.Unix(1, 0))
	if got, err := io.ReadAll(client); err != nil || !strings.HasSuffix(string(got), "Hello, World!") {
		t.Errorf("received %q, then %v", got, err)
	}
	if err := <-ended; err != ErrExpired {
		t.Errorf("ended with %v", err)
	}
}
