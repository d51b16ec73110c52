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
	if s == nil || t.spent {
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
		k := s.free.pop()
		c := &t.conns[k.slot]
		if m := s.samples; measured {
			m.Sent++
			m.Lag.Add(time.Duration(now - due))
			// Before the connection was free, the wait was not the generator's doing.
			m.Late.Add(time.Duration(now - max(due, k.since)))
			if s.fit != nil {
				s.fit.Add(time.Duration(now - s.origin))
			}
		}
		if t.measures(now) {
			s.samples.Left++
		}
		s.advance()
		t.push(c, stamp{due, now})
		t.net.send(c, now)
		if now = clock(); now >= t.alarm {
			t.cross(now)
		}
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
			if s.up == 0 {
				kind = record.Connect
			}
			t.fail(s, kind, now-due)
		}
		s.advance()
	}
}

// A credit is leave to send one request on a connection, since a moment.
type credit struct {
	slot  int32
	since int64
}

// A freeList is a ring of credits, the oldest first: one for each place in the
// pipeline of each connection that is up and not taken.
type freeList struct {
	ring  []credit
	first int
	n     int
}

func (f *freeList) init(size int) { f.ring = make([]credit, size) }
func (f *freeList) len() int      { return f.n }

func (f *freeList) push(k credit) {
	i := f.first + f.n
	if i >= len(f.ring) {
		i -= len(f.ring)
	}
	f.ring[i] = k
	f.n++
}

func (f *freeList) pop() credit {
	k := f.ring[f.first]
	if f.first++; f.first == len(f.ring) {
		f.first = 0
	}
	f.n--
	return k
}

// purge removes the credits of a connection that is gone, keeping the order.
func (f *freeList) purge(slot int32) {
	for range f.n {
		if k := f.pop(); k.slot != slot {
			f.push(k)
		}
	}
}
