package engine

import (
	"time"

	"modelbench/loadgen/record"
)

// The open loop: requests are due at times drawn beforehand. A due request leaves on
// the connection that has been free the longest. The line of those that wait for one
// is not stored: it is what the pacer has not yet been asked for although it is due.

// due returns when the next request of the share is due, as a clock value.
func (s *share) due() int64 { return s.origin + s.next }

// advance takes the next request off the line.
func (s *share) advance() { s.next = int64(s.pacer.Next()) }

// sendDue sends what is due, as far as connections are free, and returns the time.
func (t *thread) sendDue(now int64) int64 {
	s := t.cur
	if s == nil || t.spent || !t.run.open() {
		return now
	}
	for {
		due := s.due()
		if due > now || due >= t.end || s.free.len() == 0 {
			return now
		}
		measured := t.measures(due)
		if measured && !t.countDue() {
			return now
		}
		c, since := s.free.pop()
		if measured {
			// Before the connection was free, the wait was not the generator's doing.
			s.samples.Late.Add(time.Duration(max(now-max(due, since), t.gone.rest(due))))
			if s.fit != nil {
				s.fit.Add(time.Duration(now - s.origin))
			}
		}
		s.advance()
		if c.role == single {
			t.dial(c, due, now)
		} else {
			t.push(c, stamp{due, now})
			t.leaves(s, due, now)
			t.net.send(c, now)
		}
		now = clock()
		t.here(now)
		if now >= t.alarm {
			t.cross(now)
		}
	}
}

// leaves counts a request as sent.
func (t *thread) leaves(s *share, due, now int64) {
	m := s.samples
	if t.measures(due) {
		m.Sent++
		if t.run.open() {
			m.Lag.Add(time.Duration(now - due))
		}
	}
	if t.measures(now) {
		m.Left++
	}
}

// expire gives up requests that have waited in line for the whole timeout.
func (t *thread) expire(now int64) {
	s := t.cur
	for !t.spent {
		due := s.due()
		if due >= t.end || due+int64(t.run.plan.Timeout) > now {
			return
		}
		if t.measures(due) && t.countDue() {
			kind := record.Timeout
			if !s.connected() {
				kind = record.Connect
			}
			t.fail(s, kind, now-due)
		}
		s.advance()
	}
}

// connected reports whether a request that waits in line does so for a connection that
// is taken or about to be made, rather than for one that cannot be made.
func (s *share) connected() bool { return s.up > 0 || !s.refused }
