package engine

// The closed loop: a connection's next request is due when the last reply is in.

// beginAt returns when a slot of the current target sends its first request of the
// slice. The first ones are spread evenly over all connections of all threads: those
// that began together would be answered together, and a slow request would then run in
// lockstep bursts to the end of the slice.
func (t *thread) beginAt(slot int) int64 {
	span := int64(min(t.visit.lead, maxSpread))
	nth := int64(t.cur.ordinal + slot - t.cur.lo)
	return t.start + span*nth/int64(t.run.plan.Connections)
}

// beginDue begins the slots whose time has come.
func (t *thread) beginDue(now int64) {
	for t.sending && t.begun < t.cur.hi && t.beginAt(t.begun) <= now {
		c := &t.conns[t.begun]
		t.begun++
		switch c.state {
		case up:
			t.sendNext(c, t.run.plan.Pipeline, now)
		case vacant:
			t.dialNext(c, now)
		}
	}
}

// mayBegin reports whether c should send as soon as it can.
func (t *thread) mayBegin(c *conn) bool {
	return t.sending && c.share == t.cur && int(c.slot) < t.begun
}

// sendNext sends n requests on c, if it is its turn, in one write. It reports whether
// the connection is still there.
func (t *thread) sendNext(c *conn, n int, now int64) bool {
	if !t.mayBegin(c) {
		return true
	}
	measured := t.measures(now)
	for range n {
		if measured {
			if !t.countDue() {
				break
			}
			c.share.samples.Sent++
			c.share.samples.Left++
		}
		t.push(c, stamp{now, now})
	}
	return t.net.send(c, now)
}

// countDue counts a measured request as due, unless Plan.Requests have been.
func (t *thread) countDue() bool {
	if !t.run.ticket() {
		t.spent = true
		return false
	}
	t.cur.samples.Due++
	t.quiet = false
	return true
}
