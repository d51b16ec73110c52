package engine

import (
	"time"

	"modelbench/loadgen/record"
	"modelbench/loadgen/wire"
)

// kindOf translates what a reader found into the kind of failure.
var kindOf = [...]record.Kind{wire.BadStatus: record.Status, wire.Malformed: record.Malformed, wire.Mismatch: record.Mismatch}

// arrived is called by the transport with bytes that c has received. It reports whether
// the connection is still there.
func (t *thread) arrived(c *conn, p []byte, now int64) bool {
	t.here(now)
	if now >= t.alarm {
		t.cross(now)
	}
	if c.share == t.cur && t.measures(now) {
		c.share.samples.Bytes += uint64(len(p))
	}
	return t.take(c, p, now)
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
		if res.State == wire.Malformed || res.State == wire.Mismatch {
			t.lose(c, kindOf[res.State], now)
			return false
		}
		t.settle(c, res, now)
		replies++
		if res.Close || c.role == single {
			if c.owed == 0 && len(p) > 0 {
				c.share.samples.Unasked++
			}
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
			c.share.free.push(c, now)
		}
		t.sendDue(now) // whoever waits in line for a connection need not wait for the loop
		return c.state == up
	}
	return t.sendNext(c, replies, now)
}

// settle completes the oldest request of c with a whole reply.
func (t *thread) settle(c *conn, res wire.Result, now int64) {
	s := t.oldest(c)
	m := c.share.samples
	good := res.State == wire.OK
	if good && t.measures(now) {
		m.Replies++
	}
	if !t.measures(s.due) {
		return
	}
	if !good {
		m.Statuses[res.Status]++
		t.fail(c.share, kindOf[res.State], now-s.due)
		return
	}
	m.Completed++
	done := now
	if t.stamp != 0 {
		done = min(max(t.stamp, s.sent), now) // the clocks may disagree by a little
		m.Wake.Add(time.Duration(now - done))
	}
	from := s.due
	if !t.run.open() && c.role != single {
		from = s.sent // the same, but for a kernel's stamp
	}
	m.Latency.Add(time.Duration(done - from))
	if t.run.open() || c.role == single {
		m.Service.Add(time.Duration(done - s.sent))
	}
	t.run.resolved()
}

// fail counts a measured request that failed, after ns from when it was due.
func (t *thread) fail(s *share, kind record.Kind, after int64) {
	s.samples.Errors[kind]++
	s.samples.Failures.Add(time.Duration(after))
	t.run.resolved()
}

// closing follows a reply that was the last on its connection: requests behind it
// will not be answered. Whoever is first closes: we do not wait for the server.
func (t *thread) closing(c *conn, now int64) {
	if c.owed > 0 {
		t.lose(c, record.EOF, now)
		return
	}
	c.fails = 0
	t.replace(c, now)
	if c.role == single {
		t.sendDue(now)
	}
}

// ended is called by the transport at the peer's orderly close, which may be what delimits a reply.
func (t *thread) ended(c *conn, now int64) {
	t.here(now)
	if now >= t.alarm {
		t.cross(now)
	}
	if c.owed > 0 {
		if res := c.reader.End(); res.State != wire.Partial {
			t.settle(c, res, now)
			t.closing(c, now)
			return
		}
	}
	t.closed(c, record.EOF, now)
}

// broken is called by the transport when a connection is no more.
func (t *thread) broken(c *conn, now int64) {
	t.here(now)
	if now >= t.alarm {
		t.cross(now)
	}
	t.closed(c, record.Reset, now)
}

// closed handles the end of a connection: a fault if replies are owed.
func (t *thread) closed(c *conn, kind record.Kind, now int64) {
	if c.owed == 0 {
		c.share.samples.IdleClosed++
	}
	t.lose(c, kind, now)
}
