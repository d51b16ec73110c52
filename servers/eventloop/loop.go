package main

import (
	"runtime"
	"time"

	"github.com/panjf2000/gnet/v2"

	"modelbench/servers/memory"
	"modelbench/servers/protocol"
)

// A loop is one of gnet's, with what it needs of its own. gnet calls OnOpen,
// OnTraffic and OnClose on the loop that has the connection, so a conversation
// is never in two places at once.
type loop struct {
	gnet.BuiltinEventEngine
	*loops
	client   *gnet.Client
	arrivals arrivals
	alarms   alarms
	bell     bell
	outbox   []byte // for one step at a time, so that an idle connection holds none
	steps    uint   // until it yields
}

// OnOpen begins the conversation.
func (l *loop) OnOpen(c gnet.Conn) ([]byte, gnet.Action) {
	v, ok := c.Context().(*conversation)
	if !ok {
		return nil, gnet.None // the bell
	}
	v.gnet = c
	v.conn.OnDrain(v)
	return nil, l.advance(v)
}

// OnClose ends it, whoever closed.
func (l *loop) OnClose(c gnet.Conn, err error) gnet.Action {
	v, ok := c.Context().(*conversation)
	if !ok {
		return gnet.None // the bell, when the loop stops
	}
	v.waits = forNothing
	l.alarms.drop(v)
	if err == nil && v.aside != nil {
		err = v.aside.why
	}
	v.conn.Done(err)
	memory.Freed(memory.Few + c.InboundBuffered() + c.OutboundBuffered())
	return gnet.None
}

// OnTraffic is called when bytes have arrived, when the drain has woken the
// connection, and when somebody rings.
func (l *loop) OnTraffic(c gnet.Conn) gnet.Action {
	v, ok := c.Context().(*conversation)
	if !ok {
		c.Discard(-1)
		l.bell.answer(l.look)
		return gnet.None
	}
	return l.look(v)
}

// look looks at a connection with which something may have happened: what it
// means depends on what was waited for.
func (l *loop) look(v *conversation) gnet.Action {
	switch v.waits {
	case forBytes:
		switch {
		case v.gnet.InboundBuffered() > int(v.held):
		case !v.draining && l.host.Rules.Draining():
			v.draining = true // the session is to be asked anew
		case l.early(v):
			return gnet.None
		default:
			return l.expire(v)
		}
	case forTime:
		if l.early(v) { // bytes of the next request: they wait too
			return l.bounded(v)
		}
	case forWork:
		w := v.aside.work.Load()
		if w == nil { // bytes of the next request
			return l.bounded(v)
		}
		v.aside = nil
		// The step in the pool had no input: what has come meanwhile, the session has not seen.
		if again, action := l.carryOut(v, w.out, w.next); !again && (v.waits != forBytes || v.gnet.InboundBuffered() == 0) {
			return action
		}
	case forRoom:
		return l.flush(v)
	case forPeer:
		v.aside.dropped += v.gnet.InboundBuffered()
		v.gnet.Discard(-1)
		if v.aside.dropped > mostDropped || !l.early(v) {
			return gnet.Close
		}
		return gnet.None
	}
	return l.advance(v)
}

// advance steps the session until it has to wait for something. It does not begin
// while the peer, which may ask on and on, has yet to read what it got.
func (l *loop) advance(v *conversation) gnet.Action {
	for {
		if v.gnet.OutboundBuffered() > roomy {
			return l.waitForRoom(v, gnet.None, 0)
		}
		in, _ := v.gnet.Peek(-1)
		used, out, next := v.conn.Step(in, l.outbox[:0])
		if cap(out) <= 128<<10 { // one long reply must not cost memory for ever
			l.outbox = out
		}
		if used > 0 { // Discard(0) would discard everything
			v.gnet.Discard(used)
		}
		if again, action := l.carryOut(v, out, next); !again {
			return action
		}
	}
}

// carryOut sends what the session said and does what it asks for next: either it
// may be stepped again at once, or OnTraffic will be called when it may.
func (l *loop) carryOut(v *conversation, out []byte, next protocol.Next) (again bool, action gnet.Action) {
	l.yield()
	if !v.write(out) {
		return false, gnet.None
	}
	switch next.Do {
	case protocol.Read, protocol.Extend:
		l.waitForBytes(v, next)
		return v.gnet.OutboundBuffered() > roomy, gnet.None // if so, the next round waits for room
	case protocol.Pause:
		switch {
		case next.For > 0 && l.block:
			time.Sleep(next.For)
		case next.For > 0:
			l.wait(v, forTime, next.For)
			return false, gnet.None
		}
	case protocol.Compute:
		if l.pool != nil {
			v.waits, v.aside = forWork, new(aside)
			l.pool.compute(v, &l.bell)
			return false, gnet.None
		} // else in the next step, and nobody else on this loop meanwhile
	case protocol.Close:
		return false, l.waitForRoom(v, gnet.Close, next.For)
	}
	return true, gnet.None
}

// expire lets the session have its last words.
func (l *loop) expire(v *conversation) gnet.Action {
	words := v.conn.Expired(nil)
	if !v.write(words) {
		return gnet.None
	}
	var linger time.Duration
	if len(words) > 0 {
		linger = time.Second
	}
	return l.waitForRoom(v, gnet.Close, linger)
}

// yieldEvery is in steps: some milliseconds of them.
const yieldEvery = 512

// yield lets Go's scheduler see now and then that the loop's goroutine gets on. One
// that is busy for 10 ms without it has its P taken from it in its next system call,
// and the monitor that does so then looks at it every 20 us for a while: 3% of the
// CPU time of a busy loop.
func (l *loop) yield() {
	if l.steps++; l.steps%yieldEvery == 0 {
		runtime.Gosched()
	}
}
