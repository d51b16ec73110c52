package daemon

import (
	"context"
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"modelbench/servers/protocol"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func listenLocal(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l.(*net.TCPListener)
}

// Passing a listener on must leave it non-blocking for those who have it.
func TestFilesStayNonBlocking(t *testing.T) {
	l := Listeners{HTTP: listenLocal(t)}
	files, err := l.Files()
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	defer files[0].Close()
	flags, err := unix.FcntlInt(files[0].Fd(), unix.F_GETFL, 0) // Fd is what os/exec calls
	if err != nil || flags&unix.O_NONBLOCK == 0 {
		t.Errorf("flags %#x: %v", flags, err)
	}
}

func TestInherit(t *testing.T) {
	l := Listeners{HTTP: listenLocal(t), Echo: listenLocal(t)}
	files, err := l.Files()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Inherit(&Flags{HTTP: "x", Echo: "x"}, files)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if Addr(got.HTTP) != Addr(l.HTTP) || Addr(got.Echo) != Addr(l.Echo) {
		t.Errorf("inherited %s and %s, want %s and %s", Addr(got.HTTP), Addr(got.Echo), Addr(l.HTTP), Addr(l.Echo))
	}
	if _, err := Inherit(&Flags{HTTP: "x"}, nil); err == nil {
		t.Error("inherited a listener from no file")
	}
}

// A door tells when a connection waits, leaves it to another, and can be closed
// by someone else while it is watched.
func TestDoor(t *testing.T) {
	l := listenLocal(t)
	d, err := newDoor(l)
	if err != nil {
		t.Fatal(err)
	}
	c, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !d.leftOver() {
		t.Error("the connection that nobody took is not left over")
	}
	taken, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	taken.Close()
	left := make(chan bool)
	go func() { left <- d.leftOver() }()
	select {
	case <-left:
		t.Error("something is left over where nothing is")
	case <-time.After(10 * time.Millisecond):
	}
	d.close()
	if !<-left {
		t.Error("a closed door must leave it to Accept")
	}
	d.close()
}

// A model that keeps its connections until it is told to drain.
type holder struct{ adopted chan *Conn }

func (h *holder) Adopt(c *Conn) { h.adopted <- c }

// holdOne serves with a holder that has one connection.
func holdOne(t *testing.T, drain time.Duration) (host *Host, c *Conn, stop func(), ended <-chan error) {
	t.Helper()
	l := listenLocal(t)
	model := &holder{make(chan *Conn, 1)}
	host = &Host{Flags: &Flags{Drain: drain}, Rules: &protocol.Rules{}, Model: model}
	ctx, stop := context.WithCancel(t.Context())
	over := make(chan error)
	go func() { over <- host.Serve(ctx, Listeners{Echo: l}) }()
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return host, <-model.adopted, stop, over
}

type nudge func()

func (n nudge) Nudge() { n() }

func TestServeDrains(t *testing.T) {
	host, c, stop, ended := holdOne(t, time.Minute)
	nudged := make(chan struct{})
	c.OnDrain(nudge(func() { close(nudged) }))
	stop()
	<-nudged
	if !host.Rules.Draining() {
		t.Error("the rules do not drain")
	}
	late := make(chan struct{})
	c.OnDrain(nudge(func() { close(late) })) // a model may be slow to say how
	<-late
	c.Close()
	c.Done(nil)
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestServeGivesUp(t *testing.T) {
	_, c, stop, ended := holdOne(t, time.Millisecond)
	stop()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "broken off: 1") {
		t.Errorf("got %v", err)
	}
	// The default nudge woke whoever reads.
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("read: %v", err)
	}
	c.Close()
}

// A drain that may take no time succeeds all the same when nothing is open.
func TestServeDrainsAtOnce(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	stop()
	for range 20 {
		host := &Host{Flags: &Flags{}, Rules: &protocol.Rules{}, Model: &holder{}}
		if err := host.Serve(ctx, Listeners{Echo: listenLocal(t)}); err != nil {
			t.Fatal(err)
		}
	}
}

// A model that lets nobody in holds the drain up for no longer than it may last.
func TestServeGivesUpOnBusyModel(t *testing.T) {
	l := listenLocal(t)
	model := &holder{make(chan *Conn)} // Adopt blocks until the test receives
	host := &Host{Flags: &Flags{Drain: time.Millisecond}, Rules: &protocol.Rules{}, Model: model}
	client, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if err := host.Serve(ctx, Listeners{Echo: l}); err == nil || !strings.Contains(err.Error(), "broken off: 1") {
		t.Errorf("got %v", err)
	}
	(<-model.adopted).Close()
}

// What an accept loop brings too late is not taken in.
func TestNoneAfterDrain(t *testing.T) {
	s := (&Host{Flags: &Flags{MaxConns: 1}}).newConns()
	<-s.drain()
	if s.add(nil, nil) != nil {
		t.Error("a connection was taken in after the drain")
	}
}

func TestBackoff(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	var b backoff
	for _, want := range []time.Duration{5, 10, 20, 40, 80, 160, 320, 640, 1000, 1000} {
		if b.next() != want*time.Millisecond {
			t.Errorf("next is %v, want %vms", b.next(), int(want))
		}
		b.wait(ended, nil)
	}
	if b.reset(); b.next() != 5*time.Millisecond {
		t.Errorf("after a success: %v", b.next())
	}
}
