package engine

import (
	"time"

	"modelbench/loadgen/record"
)

// A connection per request (Plan.NoKeepalive). A slot has no socket while it has no
// request; it is then vacant. A request that is due gets one:
//
//	vacant --dial--> connecting --carry--> up --reply--> closed, vacant
//	  ^                  |                  |
//	  `--- back-off -----+------ fault -----'   the request fails
//
//	due          begun      sent           done
//	 |---wait-----|-connect--|---service----|
//	 |----------lag----------|
//	 |----------------latency---------------|
//
// In a closed loop a request is due when its connection is begun; in an open loop when
// the schedule says, and it waits for a vacant slot. The timeout counts from when the
// connection was begun. A connection that cannot be made is its request's failure
// (err_connect), and its slot rests for a while, so that a dead port is not hammered.
//
// Who closes first has the port in TIME_WAIT for a minute. We ask an HTTP server to
// close, and close as soon as the reply is complete, without waiting for it to do so: a
// server that does not close would hold the load up, and one that does mostly comes
// first. An echo server is always left by us. A local port in TIME_WAIT may be used
// again for the same server after a second on the loopback; elsewhere, or where 28,000
// connections in a second are not enough, more sources are needed. To run out of ports
// shows as err_connect, with a hint.

// dial begins the connection of a request.
func (t *thread) dial(c *conn, due, now int64) {
	c.owed, c.first, c.unsent = 0, 0, 0
	t.push(c, stamp{due: due})
	t.connect(c, now)
}

// dialNext begins the next request of a closed loop on a vacant slot, if it is its turn.
func (t *thread) dialNext(c *conn, now int64) {
	if t.mayBegin(c) && (!t.measures(now) || t.countDue()) {
		t.dial(c, now, now)
	}
}

// carry sends the request that c was made for. One that was made for none has shown that
// the server is there.
func (t *thread) carry(c *conn, now int64) {
	c.share.up++
	c.share.reached = true
	if c.owed == 0 {
		t.replace(c, now)
		return
	}
	if now >= t.alarm {
		t.cross(now)
	}
	c.reader.Reset()
	c.share.samples.Connect.Add(time.Duration(now - c.at))
	s := &c.stamps[c.first]
	s.sent = now
	t.leaves(c.share, s.due, now)
	t.net.send(c, now)
}

// vacate has a slot wait for the next request.
func (t *thread) vacate(c *conn, now int64) {
	c.state = vacant
	if t.run.open() {
		c.share.free.push(c, now)
	} else {
		t.dialNext(c, now)
	}
}

// abandonDial gives up a request whose connection is not made when the drain ends.
func (t *thread) abandonDial(c *conn, now int64) {
	if c.share.refused {
		t.failOwed(c, record.Connect, now)
	}
	t.unfinished(c)
	t.net.disconnect(c)
	t.attemptEnded(c)
	t.reopen(c, now)
}
