package main

import (
	"net"
	"sync/atomic"
	"testing"
	"time"

	"github.com/panjf2000/gnet/v2"

	"modelbench/servers/clock"
	"modelbench/servers/daemon"
	"modelbench/servers/protocol"
)

// A fakeConn has as much of a gnet connection as a conversation uses.
type fakeConn struct {
	gnet.Conn
	ctx     *conversation
	pending int // bytes that the peer has not read
	woken   atomic.Int64
	closed  bool
}

func (c *fakeConn) Context() any             { return c.ctx }
func (c *fakeConn) Peek(int) ([]byte, error) { return nil, nil }
func (c *fakeConn) Discard(int) (int, error) { return 0, nil }
func (c *fakeConn) InboundBuffered() int     { return 0 }
func (c *fakeConn) OutboundBuffered() int    { return c.pending }
func (c *fakeConn) Close() error {
	c.closed = true
	return nil
}
func (c *fakeConn) Write(p []byte) (int, error) { return len(p), nil }

// A script is a session that does as it says at each step.
type script func() protocol.Next

func (s script) Step(_, out []byte) (int, []byte, protocol.Next) { return 0, out, s() }
func (script) Expired(out []byte) []byte                         { return out }
func (script) Idle() bool                                        { return false }
func (script) OnDrain(daemon.Nudger)                             {}
func (script) Done(error)                                        {}

// converse makes a conversation whose pause has just ended.
func converse(t *testing.T, s script) (*loop, *fakeConn) {
	c := &fakeConn{}
	c.ctx = &conversation{conn: s, gnet: c, waits: forTime, until: clock.Now()}
	flags := &daemon.Flags{WriteTimeout: time.Hour}
	l := &loop{loops: &loops{host: &daemon.Host{Flags: flags, Rules: flags.Rules()}}}
	t.Cleanup(func() { l.alarms.drop(c.ctx) })
	return l, c
}

// A pause begins when the session asks for it, not when the step began that may
// have computed for long: else a request that computes and waits would cost less
// here than in the other models.
func TestPauseFollowsTheWork(t *testing.T) {
	var asked clock.Time
	m, c := converse(t, func() protocol.Next {
		for begun := time.Now(); time.Since(begun) < 5*time.Millisecond; {
		}
		asked = clock.Now()
		return protocol.Next{Do: protocol.Pause, For: time.Hour}
	})
	m.OnTraffic(c)
	if short := time.Hour - c.ctx.until.Until(asked); short > 0 {
		t.Errorf("the pause is too short by %v", short)
	}
}

// An alarm that was set for an earlier time, and woke the loop for nothing, must
// be set again: nothing else would ever wake the connection.
func TestEarlyWakeIsNotTheLast(t *testing.T) {
	for _, w := range []waiting{forBytes, forTime, forPeer} {
		m, c := converse(t, func() protocol.Next { panic("stepped too early") })
		v := c.ctx
		v.waits, v.until, v.aside = w, clock.Now().After(time.Hour), new(aside)
		if action := m.OnTraffic(c); action != gnet.None {
			t.Errorf("waiting %d: action %d", w, action)
		}
		if got := clock.Time(v.alarm.Load()); got != v.until {
			t.Errorf("waiting %d: the alarm is set for %d, not for %d", w, got, v.until)
		}
	}
}

// A client that pipelines requests and reads no reply gets no more of them,
// however its requests wait.
func TestNoStepWithoutRoom(t *testing.T) {
	m, c := converse(t, func() protocol.Next { panic("stepped without room") })
	c.pending = roomy + 1
	if action := m.OnTraffic(c); action != gnet.None || c.ctx.waits != forRoom {
		t.Fatalf("action %d, waiting %d", action, c.ctx.waits)
	}

	steps := 0
	c.ctx.conn = script(func() protocol.Next {
		steps++
		c.pending = roomy + 1 // as what it says stays unread
		return protocol.Next{Do: protocol.Pause}
	})
	c.pending = roomy
	if m.OnTraffic(c); steps != 1 || c.ctx.waits != forRoom {
		t.Errorf("%d steps, waiting %d", steps, c.ctx.waits)
	}
}

// A peer that reads nothing is looked at less and less often, until it reads.
func TestSlowReaderIsLeftAlone(t *testing.T) {
	m, c := converse(t, func() protocol.Next { panic("stepped without room") })
	c.pending = 4 * roomy
	for i, want := range []time.Duration{5, 10, 20, 40, 80, 80, 5, 10} {
		if i == 6 {
			c.pending -= roomy
		}
		if m.OnTraffic(c); c.ctx.aside.look != want*time.Millisecond {
			t.Errorf("look %d comes after %v, want %vms", i, c.ctx.aside.look, int(want))
		}
	}
}

// Alarms ring in the order of their times, each once, wherever they were moved to;
// those that were dropped do not.
func TestAlarms(t *testing.T) {
	a := alarms{due: func(v *conversation) { v.gnet.(*fakeConn).woken.Add(1) }}
	conns := make([]*fakeConn, 100)
	for i := range conns {
		c := &fakeConn{}
		c.ctx = &conversation{gnet: c}
		conns[i] = c
		a.wake(c.ctx, clock.Now().After(time.Hour))
	}
	for i, c := range conns {
		switch i % 3 {
		case 0:
			a.wake(c.ctx, clock.Now().After(time.Duration((i*37)%30)*time.Millisecond))
		case 1:
			a.drop(c.ctx)
			a.drop(c.ctx) // twice does no harm
		}
	}
	for i := 0; i < len(conns); i += 3 {
		for deadline := time.Now().Add(45 * time.Second); conns[i].woken.Load() == 0; time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("alarm %d did not ring", i)
			}
		}
	}
	for i, c := range conns {
		want := int64(0)
		if i%3 == 0 {
			want = 1
		}
		if got := c.woken.Load(); got != want {
			t.Errorf("alarm %d rang %d times, want %d", i, got, want)
		}
		a.drop(c.ctx)
	}
	if len(a.set) != 0 {
		t.Errorf("%d alarms are left", len(a.set))
	}
}

// However often a bell is rung before the loop looks, it looks once at each, closes
// who is to be closed and leaves alone who is closed already.
func TestBell(t *testing.T) {
	ours, theirs := net.Pipe()
	rung := make(chan int)
	go func() {
		defer close(rung)
		for buf := make([]byte, 10); ; {
			n, err := theirs.Read(buf)
			if err != nil {
				return
			}
			rung <- n
		}
	}()
	b := bell{rope: ours}
	conns := make([]*fakeConn, 5)
	for i := range conns {
		conns[i] = &fakeConn{}
		conns[i].ctx = &conversation{gnet: conns[i]}
	}
	conns[4].ctx.waits = forNothing
	for round := range 3 {
		for _, c := range conns {
			b.ring(c.ctx)
		}
		if n := <-rung; n != 1 {
			t.Fatalf("%d bytes for five that were rung for", n)
		}
		b.answer(func(v *conversation) gnet.Action {
			v.gnet.(*fakeConn).woken.Add(1)
			if v == conns[1].ctx {
				return gnet.Close
			}
			return gnet.None
		})
		b.answer(func(*conversation) gnet.Action { t.Error("looked again"); return gnet.None })
		for i, c := range conns {
			if want := int64(round + 1); i < 4 && c.woken.Load() != want || i == 4 && c.woken.Load() != 0 {
				t.Errorf("looked %d times at %d", c.woken.Load(), i)
			}
			if c.closed != (i == 1) {
				t.Errorf("%d is closed: %v", i, c.closed)
			}
		}
	}
	ours.Close()
	if _, more := <-rung; more {
		t.Error("it rang more than once for all")
	}
}
