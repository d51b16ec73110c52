package engine

import "time"

// An attempt to connect succeeds when the connection has a place in the server's backlog,
// long before it is accepted. Who connects faster than the server accepts fills the
// backlog, and attempts that find it full are repeated by the kernel after 1 s, 3 s and
// so on. So the attempts of a run are spread: one every connectPace, which is 10,000 in a
// second, connectBurst of them at once (backlogs have 16 places and more), and no more
// than maxConnecting under way.
//
// Single connections are not held back: they are the load, and as many as there are slots.
const (
	maxConnecting = 32
	connectBurst  = 8
	connectPace   = 100 * time.Microsecond
)

// A storm is a thread's share of these bounds. With more than maxConnecting threads each
// has one attempt under way.
type storm struct {
	underWay, limit int
	burst           int64
	interval        int64 // ns between attempts
	next            int64 // when the next one is due if they are evenly spread
}

func newStorm(threads int) storm {
	return storm{
		limit:    max(1, maxConnecting/threads),
		burst:    max(1, connectBurst/int64(threads)),
		interval: int64(threads) * int64(connectPace),
	}
}

// passes reports whether one more attempt may begin now, and counts it if so. Up to burst
// of them may do so together.
func (s *storm) passes(c *conn, now int64) bool {
	if s.underWay >= s.limit {
		return false
	}
	if c.inTurn() {
		return true
	}
	if s.next > now {
		return false
	}
	s.next = max(s.next, now-(s.burst-1)*s.interval) + s.interval
	return true
}

// inTurn reports whether c is connected again because a reply was the last on its
// connection. That is how such a server is loaded, and no faster than it answers.
func (c *conn) inTurn() bool { return c.role == lasting && c.tried && c.fails == 0 }

// enqueue asks for c to be connected as soon as the bounds allow.
func (t *thread) enqueue(c *conn) {
	c.state = queued
	t.queue = append(t.queue, c.slot)
}

// connectQueued begins attempts for the connections that wait in the queue, and returns
// when it wants to be called again, unless an attempt ends earlier.
func (t *thread) connectQueued(now int64) int64 {
	n := 0
	for n < len(t.queue) {
		c := &t.conns[t.queue[n]]
		if !t.storm.passes(c, now) {
			break
		}
		n++
		t.connect(c, now)
	}
	t.queue = t.queue[:copy(t.queue, t.queue[n:])]
	if len(t.queue) == 0 || t.storm.underWay >= t.storm.limit {
		return never
	}
	return t.storm.next
}

// longest returns how long the bounds make it take to begin n attempts.
func (s *storm) longest(n int) time.Duration { return time.Duration(int64(n) * s.interval) }
