package engine

import "time"

// Idle connections (Plan.Idle) stay open beside the load and never carry a request. An
// idle one is a slot like any other, without a reader and without stamps: some 100 bytes.
// Their slots come behind all others, so that a scan need not look at them while all
// of them are up. One that the server closes is counted and opened again.

// maxIdleBackoff is the longest pause between attempts to open an idle connection:
// thousands of them must not keep the client from its load while a server is down.
const maxIdleBackoff = 4 * time.Second

// steady is how long an idle connection must have been open for its end to be no fault
// that adds to the back-off.
const steady = time.Second

// addIdle makes n idle slots for the share, behind those that are there.
func (t *thread) addIdle(s *share, n int) {
	for range n {
		t.conns = append(t.conns, conn{slot: int32(len(t.conns)), share: s, role: idle})
	}
	t.idleDown += n
}

// idleUp notes that an idle connection is open.
func (t *thread) idleUp(c *conn, now int64) {
	c.at = now
	c.share.idleUp++
	t.idleDown--
}

// watched returns the connections that a scan has to look at.
func (t *thread) watched() []conn {
	if t.idleDown == 0 {
		return t.conns[:t.active]
	}
	return t.conns
}
