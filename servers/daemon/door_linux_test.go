package daemon

import (
	"errors"
	"io"
	"net"
	"testing"
	"time"
)

// Who is in the queue can be accepted and talks as ever; who comes later gets no
// answer at all, not even a refusal.
func TestTurnAway(t *testing.T) {
	l, err := Listen(&Flags{HTTP: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	early, err := net.Dial("tcp", Addr(l.HTTP))
	if err != nil {
		t.Fatal(err)
	}
	defer early.Close()
	if err := l.TurnAway(); err != nil {
		t.Fatal(err)
	}
	var timeout net.Error
	if late, err := net.DialTimeout("tcp", Addr(l.HTTP), 50*time.Millisecond); !errors.As(err, &timeout) || !timeout.Timeout() {
		if err == nil {
			late.Close()
		}
		t.Errorf("a late client: %v", err)
	}
	if !queued(l.HTTP) {
		t.Error("the early client is not in the queue")
	}
	c, err := l.HTTP.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if queued(l.HTTP) {
		t.Error("another client is in the queue")
	}
	if io.WriteString(early, "hello"); early.(*net.TCPConn).CloseWrite() != nil {
		t.Error("half-close")
	}
	got, err := io.ReadAll(c)
	if c.Close(); string(got) != "hello" || err != nil {
		t.Errorf("received %q: %v", got, err)
	}
	if rest, err := io.ReadAll(early); len(rest) != 0 || err != nil {
		t.Errorf("received %q: %v", rest, err)
	}
}
