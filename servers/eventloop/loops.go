package main

import (
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/panjf2000/gnet/v2"

	"modelbench/servers/daemon"
	"modelbench/servers/protocol"
)

var _ daemon.Model = (*loops)(nil)

// loops is the model: gnet calls OnOpen, OnTraffic and OnClose on the loop that
// has the connection, so a conversation is never in two places at once.
type loops struct {
	gnet.BuiltinEventEngine
	host  *daemon.Host
	each  []loop
	block bool // pauses hold the loop: the classic mistake, to be measured
	pool  pool // where spins run; nil: on the loop
}

// A loop is one of gnet's, with a bound on the connections that are on their way to
// it: until it takes one, that one has two descriptors.
type loop struct {
	*gnet.Client
	enrolling chan struct{} // of capacity atOnce
}

const atOnce = 8

// fewest is the loop for the next connection: the one that has the fewest.
func (m *loops) fewest() int {
	to := 0
	for i, loop := range m.host.Parts {
		if loop.Open.Load() < m.host.Parts[to].Open.Load() {
			to = i
		}
	}
	return to
}

// Adopt gives the connection to its loop. That one may be busy with a spin and
// take it later; meanwhile the others get theirs.
func (m *loops) Adopt(c *daemon.Conn) { go m.enrol(c, m.each[c.Part()]) }

// enrol returns when the loop has taken the connection.
func (m *loops) enrol(c *daemon.Conn, to loop) {
	to.enrolling <- struct{}{}
	defer func() { <-to.enrolling }()
	v := &conversation{conn: c}
	_, err := to.EnrollContext(c.TCPConn, v)
	c.TCPConn = nil // gnet has a duplicate, and has closed this one: let go of its memory
	if !v.opened {  // gnet has closed the socket and will not call OnClose
		c.Done(err)
	}
}

// OnOpen begins the conversation.
func (m *loops) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	v := c.Context().(*conversation)
	v.opened = true
	v.wake = func() { c.Wake(nil) } // gnet ignores it when c is closed
	v.conn.OnDrain(v.wake)
	return nil, m.advance(c, v)
}

// OnClose ends it, whoever closed.
func (m *loops) OnClose(c gnet.Conn, err error) gnet.Action {
	v := c.Context().(*conversation)
	if v.timer != nil {
		v.timer.Stop()
	}
	if err == nil {
		err = v.why
	}
	v.conn.Done(err)
	return gnet.None
}

// OnTraffic is called when bytes have arrived and when the timer or the drain
// has woken the connection: what it means depends on what was waited for.
func (m *loops) OnTraffic(c gnet.Conn) gnet.Action {
	v := c.Context().(*conversation)
	switch v.waits {
	case forBytes:
		switch {
		case c.InboundBuffered() > v.held:
		case !v.draining && m.host.Rules.Draining():
			v.draining = true // the session is to be asked anew
		case v.early():
			return gnet.None
		default:
			return m.expire(c, v)
		}
	case forTime:
		if v.early() { // bytes of the next request: they wait too
			return m.bounded(c)
		}
	case forWork:
		w := v.work.Load()
		if w == nil { // bytes of the next request
			return m.bounded(c)
		}
		v.work.Store(nil)
		if again, action := m.carryOut(c, v, w.out, w.next); !again {
			return action
		}
	case forRoom:
		return m.flush(c, v)
	case forPeer:
		c.Discard(-1)
		if v.early() {
			return gnet.None
		}
		return gnet.Close
	}
	return m.advance(c, v)
}

// outboxes are borrowed for one step, so that an idle connection holds none.
var outboxes = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func freeOutbox(b *[]byte) {
	if cap(*b) <= 128<<10 { // one long reply must not cost memory for ever
		outboxes.Put(b)
	}
}

// advance steps the session until it has to wait for something. It does not begin while the peer, which may ask on
// and on, has yet to read what it got.
func (m *loops) advance(c gnet.Conn, v *conversation) gnet.Action {
	box := outboxes.Get().(*[]byte)
	defer freeOutbox(box)
	for {
		if c.OutboundBuffered() > roomy {
			v.then = gnet.None
			return m.waitForRoom(c, v)
		}
		in, _ := c.Peek(-1)
		used, out, next := v.conn.Step(in, (*box)[:0])
		*box = out
		if used > 0 { // Discard(0) would discard everything
			c.Discard(used)
		}
		if again, action := m.carryOut(c, v, out, next); !again {
			return action
		}
	}
}

// carryOut sends what the session said and does what it asks for next: either it
// may be stepped again at once, or OnTraffic will be called when it may.
func (m *loops) carryOut(c gnet.Conn, v *conversation, out []byte, next protocol.Next) (again bool, action gnet.Action) {
	if !v.write(c, out) {
		return false, gnet.None
	}
	switch next.Do {
	case protocol.Read, protocol.Extend:
		v.held = c.InboundBuffered()
		v.waitForBytes(next)
		return c.OutboundBuffered() > roomy, gnet.None // if so, the next round waits for room
	case protocol.Pause:
		switch {
		case next.For > 0 && m.block:
			time.Sleep(next.For)
		case next.For > 0:
			v.wait(forTime, next.For)
			return false, gnet.None
		}
	case protocol.Compute:
		if m.pool != nil {
			v.waits = forWork
			m.pool.compute(v)
			return false, gnet.None
		} // else in the next step, and nobody else on this loop meanwhile
	case protocol.Close:
		v.linger, v.then = next.For, gnet.Close
		return false, m.waitForRoom(c, v)
	}
	return true, gnet.None
}

// expire lets the session have its last words.
func (m *loops) expire(c gnet.Conn, v *conversation) gnet.Action {
	words := v.conn.Expired(nil)
	if !v.write(c, words) {
		return gnet.None
	}
	if v.then = gnet.Close; len(words) > 0 {
		v.linger = time.Second
	}
	return m.waitForRoom(c, v)
}

// roomy is how much of a connection's output may wait in gnet before the
// session is held up. gnet itself would buffer without bound.
const roomy = 64 << 10

// A slow reader is looked at now and then, as gnet does not tell when it has
// written what it had buffered: soon at first, and ever later while the peer
// takes nothing, so that thousands who never read do not keep the loop busy.
const soonest, latest = 5 * time.Millisecond, 80 * time.Millisecond

// waitForRoom holds the conversation until the peer has read enough.
func (m *loops) waitForRoom(c gnet.Conn, v *conversation) gnet.Action {
	v.giveUp = time.Now().Add(m.host.Flags.WriteTimeout)
	v.waits, v.unsent = forRoom, 0
	return m.flush(c, v)
}

// flush goes on once there is room, and gives up on a peer that reads too slowly.
func (m *loops) flush(c gnet.Conn, v *conversation) gnet.Action {
	unsent, enough := c.OutboundBuffered(), roomy
	if v.then == gnet.Close {
		enough = 0 // gnet drops what it still holds when it closes
	}
	switch {
	case unsent > enough && time.Now().Before(v.giveUp):
		if v.look = min(2*v.look, latest); unsent != v.unsent {
			v.look, v.unsent = soonest, unsent
		}
		v.wait(forRoom, v.look)
		return m.bounded(c)
	case unsent > enough:
		v.why = os.ErrDeadlineExceeded
		return gnet.Close
	case v.then == gnet.None:
		return m.advance(c, v)
	case v.linger > 0 && syscall.Shutdown(c.Fd(), syscall.SHUT_WR) == nil:
		v.wait(forPeer, v.linger)
		return gnet.None
	}
	return gnet.Close
}

// bounded closes a connection that sends on and on while it has to wait. gnet
// cannot stop reading, so the sender is not slowed down as it would be by a
// goroutine that does not read.
func (m *loops) bounded(c gnet.Conn) gnet.Action {
	if c.InboundBuffered() > m.host.Rules.Unused()+roomy {
		return gnet.Close
	}
	return gnet.None
}
