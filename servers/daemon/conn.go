package daemon

import (
	"errors"
	"net"
	"os"
	"sync/atomic"
	"time"

	"modelbench/servers/protocol"
)

// A Conn is an accepted connection with its session, on its way to a model, which
// becomes its owner: it runs the session over the socket, closes the socket, then
// calls Done.
//
// It is a protocol.Session itself: the one that was made for the connection, which
// counts what it does.
type Conn struct {
	*net.TCPConn
	session protocol.Session
	tally   *Tally
	set     *conns
	nudge   Nudger // see OnDrain; nil: the default
	part    int32
	doing   atomic.Int32
}

var _ protocol.Session = (*Conn)(nil)

// What a conversation does between two steps, as far as it is counted.
const (
	talking int32 = iota
	waiting
	computing
	over
)

// Part is the part of the server that the connection is counted in, by its index
// in Host.Parts: the one that Host.Pick has named, if there is one.
func (c *Conn) Part() int { return int(c.part) }

// Step is the session's Step, counted.
func (c *Conn) Step(in, out []byte) (used int, grown []byte, next protocol.Next) {
	used, grown, next = c.session.Step(in, out)
	if used > 0 {
		c.tally.BytesIn.Add(int64(used))
	}
	if said := len(grown) - len(out); said > 0 {
		c.tally.BytesOut.Add(int64(said))
	}
	if next.Answered > 0 {
		c.tally.Requests.Add(int64(next.Answered))
	}
	doing := talking
	switch {
	case next.Do == protocol.Pause && next.For > 0:
		doing = waiting
	case next.Do == protocol.Compute:
		doing = computing
	}
	if c.doing.Load() != doing {
		c.become(doing)
	}
	return used, grown, next
}

// Expired is the session's Expired, counted.
func (c *Conn) Expired(out []byte) []byte {
	if c.session.Idle() {
		c.tally.IdleTimeouts.Add(1)
	} else {
		c.tally.RequestTimeouts.Add(1)
		c.tally.Requests.Add(1) // it is answered, if only with a 408
	}
	words := c.session.Expired(out)
	c.tally.BytesOut.Add(int64(len(words) - len(out)))
	return words
}

// Idle is the session's Idle.
func (c *Conn) Idle() bool { return c.session.Idle() }

// become counts what the conversation does next. One that was broken off may
// still be computing elsewhere: it stays over.
func (c *Conn) become(doing int32) {
	before := c.doing.Load()
	for before != over && !c.doing.CompareAndSwap(before, doing) {
		before = c.doing.Load() // Done and a Step elsewhere at once
	}
	if before == over {
		return
	}
	switch before {
	case waiting:
		c.tally.Waiting.Add(-1)
	case computing:
		c.tally.Computing.Add(-1)
	}
	switch doing {
	case waiting:
		c.tally.Waiting.Add(1)
		c.tally.Pauses.Add(1)
	case computing:
		c.tally.Computing.Add(1)
		c.tally.Spins.Add(1)
	}
}

// Done gives the connection's place back. Call it once, after the socket is
// closed, with why the conversation ended: nil when that was in good order, an
// os.ErrDeadlineExceeded when the client did not take its reply in time. A model
// that cannot take the connection over for want of a descriptor says so here.
func (c *Conn) Done(why error) {
	switch {
	case errors.Is(why, os.ErrDeadlineExceeded):
		c.tally.WriteTimeouts.Add(1)
	case scarce(why):
		c.tally.RefusedDescriptors.Add(1)
		c.set.short.note(why)
	}
	c.become(over)
	c.set.remove(c, why)
}

// OnDrain says how to make the model step the session again, which it must do
// when the server starts to drain. The default puts the read deadline of the
// socket in the past, which wakes a goroutine that blocks in Read. Nudge may be
// called from any goroutine, at most once, also after Done.
func (c *Conn) OnDrain(n Nudger) { c.set.onDrain(c, n) }

// A Nudger is who makes a model step a session again. It is an interface and not a
// function because that would be 32 bytes more for each idle connection.
type Nudger interface{ Nudge() }

// nudger is the one that was set, or the default.
func (c *Conn) nudger() Nudger {
	if c.nudge != nil {
		return c.nudge
	}
	return reader{c.TCPConn}
}

// A reader is a socket that a goroutine may block on in Read.
type reader struct{ *net.TCPConn }

func (r reader) Nudge() { r.SetReadDeadline(time.Unix(1, 0)) }
