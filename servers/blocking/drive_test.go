package blocking

import (
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"modelbench/servers/protocol"
)

func TestMain(m *testing.M) {
	quiet = 3 * time.Millisecond
	goleak.VerifyTestMain(m)
}

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
	go Drive(server.(Conn), &talk{protocol.NewHTTP(rules), ended}, rules, writeTimeout)
	return client.(*net.TCPConn), server.(*net.TCPConn), ended
}

// A talk tells the test of its end.
type talk struct {
	protocol.Session
	ended chan<- error
}

func (t *talk) Done(why error) { t.ended <- why }

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

// A conversation whose peer is silent moves to a new goroutine and goes on there,
// as often as need be, in the middle of a request too.
func TestDriveRests(t *testing.T) {
	client, _, ended := drive(t, rules(), time.Minute)
	reply := make([]byte, 1<<10)
	for range 3 {
		for _, part := range []string{"", "GET /task?bytes=1 HTTP/1.1\r\nHo", "st: x\r\n\r\n"} {
			io.WriteString(client, part)
			if strings.HasPrefix(part, "GET") {
				continue // the head is held: no rest, but the deadline that would begin it passes
			}
			awaitRest(t)
		}
		if n, err := client.Read(reply); err != nil || !strings.HasSuffix(string(reply[:n]), "\r\n\r\nx") {
			t.Fatalf("received %q: %v", reply[:n], err)
		}
	}
	client.Close()
	if err := <-ended; err != nil {
		t.Errorf("ended with %v", err)
	}
}

// awaitRest waits until a goroutine rests.
func awaitRest(t *testing.T) {
	t.Helper()
	stacks := make([]byte, 1<<20)
	for deadline := time.Now().Add(45 * time.Second); ; time.Sleep(time.Millisecond) {
		all := string(stacks[:runtime.Stack(stacks, true)])
		for g := range strings.SplitSeq(all, "\n\n") {
			if strings.Contains(g, "[IO wait") && strings.Contains(g, "driver).rest(") {
				return
			}
		}
		if time.Now().After(deadline) {
			t.Fatalf("nothing rests:\n%s", all)
		}
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

// A woken is a socket whose first read is broken off by a drain.
type woken struct {
	Conn
	reads []error
}

func (w *woken) CloseWrite() error               { return nil }
func (w *woken) SetReadDeadline(time.Time) error { return nil }
func (w *woken) Read([]byte) (int, error) {
	err := w.reads[0]
	w.reads = w.reads[1:]
	return 0, err
}

// A drain that begins while a peer finishes sending does not cut it off: closing
// would reset the connection under the reply.
func TestLingerOutlastsNudge(t *testing.T) {
	w := &woken{reads: []error{os.ErrDeadlineExceeded, io.EOF}}
	(&driver{conn: w}).linger(time.Hour)
	if len(w.reads) != 0 {
		t.Error("it has left off at the nudge")
	}
}
