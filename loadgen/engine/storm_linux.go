package engine

import "time"

// maxConnecting bounds the attempts to connect under way in a run, and stormTime says how
// long so many of them take at least: 32,000 in a second. A server's backlog, of 128
// places and more, is filled by who connects faster than it accepts; the attempts that
// find it full are repeated by the kernel after 1 s, 3 s and so on.
//
// Single connections are not held back: they are the load, and as many as there are slots.
const (
	maxConnecting = 32
	stormTime     = time.Millisecond
)

// A storm is a thread's share of these bounds. With more than maxConnecting threads each
// has one attempt under way.
type storm struct {
	underWay, limit int
	interval        int64 // ns between attempts
	next            int64 // when the next one is due if they are evenly spread
}

func newStorm(threads int) storm {
	return storm{limit: max(1, maxConnecting/threads), interval: int64(threads) * int64(stormTime) / maxConnecting}
}

// passes reports whether one more attempt may begin now, and counts it if so. Up to limit
// of them may do so together.
func (s *storm) passes(now int64) bool {
	if s.underWay >= s.limit || s.next > now {
		return false
	}
	s.next = max(s.next, now-int64(s.limit-1)*s.interval) + s.interval
	return true
}

// enqueue asks for c to be connected as soon as the bounds allow.
func (t *thread) enqueue(c *conn) {
	c.state = queued
	t.queue = append(t.queue, c.slot)
}

// connectQueued begins attempts for the connections that wait in the queue, and returns
// when it wants to be called again, unless an attempt ends earlier.
func (t *thread) connectQueued(now int64) int64 {
	n := 0
	for n < len(t.queue) && t.storm.passes(now) {
		n++
		t.connect(&t.conns[t.queue[n-1]], now)
	}
	t.queue = t.queue[:copy(t.queue, t.queue[n:])]
	if len(t.queue) == 0 || t.storm.underWay >= t.storm.limit {
		return never
	}
	return t.storm.next
}

// longest returns how long the bounds make it take to begin n attempts.
func (s *storm) longest(n int) time.Duration { return time.Duration(int64(n) * s.interval) }
