package main

import (
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"

	"modelbench/servers/clock"
	"modelbench/servers/daemon"
	"modelbench/servers/protocol"
	"modelbench/servers/socket"
)

// A conversation is what the loop remembers of a connection between two events:
// what it waits for, and since when. A goroutine has all this on its stack.
type conversation struct {
	conn connection
	gnet gnet.Conn // nil until the loop has taken it

	until  clock.Time   // when the wait ends; 0: never
	readBy clock.Time   // forBytes: when the session's patience ends; 0: never
	alarm  atomic.Int64 // a clock.Time: when the loop's alarms wake it; 0: not at all
	place  int32        // among them
	held   int32        // forBytes: so many bytes are no reason to step the session
	aside  *aside       // nil on the common path

	waits    waiting
	draining bool // the session has been told
}

// An aside is what is remembered on the less common paths, so that an idle
// connection does not pay for it.
type aside struct {
	work atomic.Pointer[work] // forWork: what came of it, once it is done
	slow                      // forRoom and forPeer
}

// A connection is what a conversation needs of a daemon.Conn.
type connection interface {
	protocol.Session
	OnDrain(daemon.Nudger)
	Done(why error)
}

var _ connection = (*daemon.Conn)(nil)

type waiting uint8

const (
	forBytes   waiting = iota // more input
	forTime                   // the end of a pause
	forWork                   // the pool
	forRoom                   // the peer to read what was said
	forPeer                   // the peer to close, after our last words
	forNothing                // it is closed
)

// Nudge makes the loop look at the connection. gnet ignores it when that is closed.
func (v *conversation) Nudge() { v.gnet.Wake(nil) }

// write sends out; false means that gnet has closed the connection.
func (v *conversation) write(out []byte) bool {
	if len(out) == 0 {
		return true
	}
	if v.gnet.OutboundBuffered() == 0 {
		// Past gnet, which would come to the same by a longer way. What does not fit,
		// and what fails, is gnet's all the same.
		n, _ := socket.Send(uintptr(v.gnet.Fd()), out)
		if out = out[n:]; len(out) == 0 {
			return true
		}
	}
	_, err := v.gnet.Write(out)
	return err == nil
}

// waitForBytes waits for input, for as long as the session has patience.
func (l *loop) waitForBytes(v *conversation, next protocol.Next) {
	switch {
	case next.Do == protocol.Extend:
		v.readBy = v.readBy.After(next.For)
	case next.For > 0:
		v.readBy = clock.Now().After(next.For)
	case next.For < 0:
		v.readBy = 0
	}
	v.waits, v.until, v.held = forBytes, v.readBy, int32(max(v.gnet.InboundBuffered(), next.Need-1))
	l.arm(v)
}

// wait waits for d from now. The clock is read here and not when the loop came
// to the connection: the session may have computed for long since.
func (l *loop) wait(v *conversation, what waiting, d time.Duration) {
	v.waits, v.until = what, clock.Now().After(d)
	l.arm(v)
}

// early reports whether the time that is waited for is still to come, and sees
// to it that the loop hears of the connection then: what woke it may have been
// an alarm set for a time that has moved since.
func (l *loop) early(v *conversation) bool {
	if v.until != 0 && clock.Now() >= v.until {
		return false
	}
	l.arm(v)
	return true
}

// arm sees to it that the loop hears of the connection no later than until.
// Hearing of it too early is harmless, so a time that only moves away is left
// alone: on a busy connection the alarm is set once in a timeout, not once in a
// request.
func (l *loop) arm(v *conversation) {
	if set := v.alarm.Load(); v.until != 0 && (set == 0 || v.until < clock.Time(set)) {
		l.alarms.wake(v, v.until)
	}
}
