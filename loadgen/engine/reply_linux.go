package engine

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/record"
	"modelbench/loadgen/wire"
)

// kindOf translates what a reader found into the kind of failure.
var kindOf = [...]record.Kind{wire.BadStatus: record.Status, wire.Malformed: record.Malformed, wire.Mismatch: record.Mismatch}

// ready handles one event of c.
func (t *thread) ready(c *conn, events uint32) {
	switch {
	case c.state == connecting:
		t.established(c)
	case c.state != up:
	case c.writing && events&unix.EPOLLOUT != 0 && !t.flush(c, clock()):
	case events&^unix.EPOLLOUT != 0:
		t.read(c)
	}
}

// maxReads bounds what one event may take, so that a connection on which bytes arrive
// as fast as they are read does not keep the thread from everything else.
const maxReads = 16

// read takes what has arrived on c. A read that does not fill the buffer has emptied
// the socket; what comes later, an end included, is a new event. recvfrom and sendto do
// the same as read and write and skip the file layer: 4% less CPU time per request.
func (t *thread) read(c *conn) {
	for range maxReads {
		n, _, errno := unix.RawSyscall6(unix.SYS_RECVFROM, uintptr(c.fd), uintptr(unsafe.Pointer(&t.buf[0])), uintptr(len(t.buf)), 0, 0, 0)
		now := clock()
		if now >= t.edge {
			t.cross(now)
		}
		switch {
		case errno == unix.EAGAIN:
			return
		case errno == unix.EINTR:
			continue
		case errno != 0:
			t.closed(c, record.Reset, now)
			return
		case n == 0:
			t.ended(c, now)
			return
		}
		if t.measures(now) && c.share == t.cur {
			c.share.samples.Bytes += uint64(n)
		}
		if !t.take(c, t.buf[:n], now) || int(n) < len(t.buf) {
			return
		}
	}
}

// take hands the bytes p to the reader, settles the requests they answer and, in a
// closed loop, sends as many new ones. It reports whether the connection is still there.
func (t *thread) take(c *conn, p []byte, now int64) bool {
	replies := 0
	for len(p) > 0 {
		if c.owed == 0 {
			c.share.samples.Unasked++
			t.lose(c, record.Malformed, now)
			return false
		}
		used, res := c.reader.Next(p)
		p = p[used:]
		if res.State == wire.Partial {
			break
		}
		if len(p) > 0 && c.owed == 1 {
			res = wire.Result{State: wire.Malformed, Close: true}
		}
		if res.State == wire.Malformed || res.State == wire.Mismatch {
			t.lose(c, kindOf[res.State], now)
			return false
		}
		t.settle(c, res.State, now)
		replies++
		if res.Close {
			t.closing(c, now)
			return false
		}
	}
	if replies == 0 {
		return true
	}
	c.fails = 0
	if t.run.open() {
		for range replies {
			c.share.free.push(credit{c.slot, now})
		}
		t.sendDue(now) // whoever waits in line for a connection need not wait for the loop
		return c.state == up
	}
	return t.sendNext(c, replies, now)
}

// settle completes the oldest request of c with a whole reply.
func (t *thread) settle(c *conn, state wire.State, now int64) {
	s := t.oldest(c)
	m := &c.share.samples
	good := state == wire.OK
	if good && t.measures(now) {
		m.Replies++
	}
	if !t.measures(s.due) {
		return
	}
	if !good {
		t.fail(c.share, kindOf[state])
		return
	}
	m.Completed++
	m.Latency.Add(time.Duration(now - s.due))
	if t.run.open() {
		m.Service.Add(time.Duration(now - s.sent))
	}
	t.run.resolved()
}

// fail counts a measured request that failed.
func (t *thread) fail(s *share, kind record.Kind) {
	s.samples.Errors[kind]++
	t.run.resolved()
}

// closing follows a reply that was the last on its connection: requests behind it
// will not be answered.
func (t *thread) closing(c *conn, now int64) {
	if c.owed > 0 {
		t.lose(c, record.EOF, now)
		return
	}
	c.fails = 0
	t.replace(c)
}

// ended handles the peer's orderly close, which may be what delimits a reply.
func (t *thread) ended(c *conn, now int64) {
	if c.owed > 0 {
		if res := c.reader.End(); res.State != wire.Partial {
			t.settle(c, res.State, now)
			t.closing(c, now)
			return
		}
	}
	t.closed(c, record.EOF, now)
}

// closed handles the end of a connection: a fault if replies are owed.
func (t *thread) closed(c *conn, kind record.Kind, now int64) {
	if c.owed == 0 {
		c.share.samples.IdleClosed++
	}
	t.lose(c, kind, now)
}
