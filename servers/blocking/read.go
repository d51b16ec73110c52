package blocking

import (
	"errors"
	"io"
	"os"
	"runtime"
	"time"

	"modelbench/servers/clock"
	"modelbench/servers/memory"
	"modelbench/servers/protocol"
)

// patience takes in for how long the session will wait for bytes.
func (d *driver) patience(next protocol.Next) {
	d.waits = clock.Now()
	switch {
	case next.Do == protocol.Extend:
		d.readBy = d.readBy.After(next.For)
	case next.For > 0:
		d.readBy = d.waits.After(next.For)
	case next.For < 0:
		d.readBy = 0
	}
}

// read blocks until bytes are there, for as long as the session will wait. It
// returns with none when the session has to be asked anew, and with errQuiet when
// the rest of the wait is for another goroutine.
func (d *driver) read() error {
	for {
		if err := d.arm(); err != nil {
			return err
		}
		// After the deadline is armed and not before: whoever starts the drain
		// does it in the opposite order, so one of the two sees the other.
		if !d.draining && d.rules.Draining() {
			d.draining = true
			return nil
		}
		err := d.fill()
		if !errors.Is(err, os.ErrDeadlineExceeded) {
			return err
		}
		now := clock.Now()
		if d.readBy != 0 && now >= d.readBy {
			return d.expire()
		}
		if d.mayRest() && now >= d.waits.After(quiet) {
			return errQuiet
		}
		d.readArmed = 0 // too early: the time has moved since, or the drain woke us
	}
}

// arm sees to it that the socket wakes no later than there is something to do.
// Waking too early is harmless, so a deadline that only moves away is left alone:
// on a busy connection it is set once in a while, not once in a request.
func (d *driver) arm() error {
	by := d.readBy
	if d.mayRest() && (by == 0 || by > d.waits.After(quiet)) {
		by = d.waits.After(quiet)
	}
	if by == 0 || d.readArmed != 0 && by >= d.readArmed {
		return nil
	}
	d.readArmed = by
	return d.conn.SetReadDeadline(by.Deadline())
}

// fill reads once into the inbox.
func (d *driver) fill() error {
	if d.raw == nil {
		return d.in.fill(d.conn)
	}
	d.in.n, d.in.err, d.in.waited = 0, nil, false
	err := d.raw.Read(d.try) // blocks as any Read: the runtime parks the goroutine until there is something to try
	switch {
	case err != nil:
		return err
	case d.in.err != nil:
		return os.NewSyscallError("recv", d.in.err)
	case d.in.n == 0:
		return io.EOF
	}
	return nil
}

// quiet is how long a peer is silent before its conversation rests. Tests shorten it.
var quiet = time.Second

var errQuiet = errors.New("the peer is silent for now")

func (d *driver) mayRest() bool { return d.deep && d.raw != nil && d.in.buf == nil }

// rest goes on with a wait in a goroutine of its own, which does no more than wait
// until it does. The stack of one that has served a request is 4 KiB or 8 for good
// (the runtime halves a stack of which less than a quarter is in use, counting 800
// bytes that it keeps in reserve: runtime.shrinkstack), a new one has 2. So a
// connection that idles costs what an idle connection needs.
func (d *driver) rest() {
	memory.Freed(memory.Few)
	d.deep, d.readArmed = false, 0
	d.run(d.read())
}

// mostYields is how often in a row a goroutine yields.
const mostYields = 7

// yield lets the other goroutines that can run go first, after a reply. The peer's
// next request is often there when the turn comes round, and then the goroutine need
// not look in vain, park and be woken through the poller, which is a seventh of what a
// small request costs. Where it is not there the goroutine parks.
func (d *driver) yield() {
	switch {
	case d.raw == nil: // to hand on a whole thread is no bargain
	case d.shy > 0: // it was in vain the last time
		d.shy--
	case d.yields > 0 && d.in.waited: // the read after it came too early all the same: not for a while
		d.yields, d.shy = 0, 15
	case d.yields == mostYields: // park for once: only when no goroutine can run does the runtime look for sockets
		d.yields = 0
	default:
		d.yields++
		runtime.Gosched()
	}
}
