package main

import (
	"testing"
	"time"

	"github.com/panjf2000/gnet/v2"

	"modelbench/servers/daemon"
	"modelbench/servers/protocol"
)

// A fakeConn has as much of a gnet connection as a conversation uses.
type fakeConn struct {
	gnet.Conn
	ctx     *conversation
	pending int // bytes that the peer has not read
}

func (c *fakeConn) Context() any                { return c.ctx }
func (c *fakeConn) Peek(int) ([]byte, error)    { return nil, nil }
func (c *fakeConn) Discard(int) (int, error)    { return 0, nil }
func (c *fakeConn) InboundBuffered() int        { return 0 }
func (c *fakeConn) OutboundBuffered() int       { return c.pending }
func (c *fakeConn) Write(p []byte) (int, error) { return len(p), nil }

// A script is a session that does as it says at each step.
type script func() protocol.Next

func (s script) Step(_, out []byte) (int, []byte, protocol.Next) { return 0, out, s() }
func (script) Expired(out []byte) []byte                         { return out }
func (script) Idle() bool                                        { return false }
func (script) OnDrain(func())                                    {}
func (script) Done(error)                                        {}

// converse makes a conversation whose pause has just ended.
func converse(t *testing.T, s script) (*loops, *fakeConn) {
	c := &fakeConn{ctx: &conversation{conn: s, waits: forTime, until: time.Now(), wake: func() {}}}
	t.Cleanup(func() {
		if c.ctx.timer != nil {
			c.ctx.timer.Stop()
		}
	})
	flags := &daemon.Flags{WriteTimeout: time.Hour}
	return &loops{host: &daemon.Host{Flags: flags, Rules: flags.Rules()}}, c
}

// A pause begins when the session asks for it, not when the step began that may
// have computed for long: else a request that computes and waits would cost less
// here than in the other models.
func TestPauseFollowsTheWork(t *testing.T) {
	var asked time.Time
	m, c := converse(t, func() protocol.Next {
		for begun := time.Now(); time.Since(begun) < 5*time.Millisecond; {
		}
		asked = time.Now()
		return protocol.Next{Do: protocol.Pause, For: time.Hour}
	})
	m.OnTraffic(c)
	if short := time.Hour - c.ctx.until.Sub(asked); short > 0 {
		t.Errorf("the pause is too short by %v", short)
	}
}

// A timer that was set for an earlier time, and woke the loop for nothing, must
// be set again: nothing else would ever wake the connection.
func TestEarlyWakeIsNotTheLast(t *testing.T) {
	for _, w := range []waiting{forBytes, forTime, forPeer} {
		m, c := converse(t, func() protocol.Next { panic("stepped too early") })
		v := c.ctx
		v.waits, v.until = w, time.Now().Add(time.Hour)
		v.armed = time.Now().Add(-time.Second)
		if action := m.OnTraffic(c); action != gnet.None {
			t.Errorf("waiting %d: action %d", w, action)
		}
		if v.timer == nil || !v.armed.Equal(v.until) {
			t.Errorf("waiting %d: the timer is not set for %v: %v", w, v.until, v.armed)
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
		if m.OnTraffic(c); c.ctx.look != want*time.Millisecond {
			t.Errorf("look %d comes after %v, want %vms", i, c.ctx.look, int(want))
		}
	}
}
