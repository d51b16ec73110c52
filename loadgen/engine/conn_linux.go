package engine

import (
	"time"

	"modelbench/loadgen/record"
	"modelbench/loadgen/wire"
)

// A conn is one connection slot. It is replaced, not removed, when its socket ends:
//
//	down --connect--> connecting --established--> up
//	 ^ ^                  |                        |
//	 | `----- failed -----'                        |
//	 `------ closed by the peer, broken, timed out '
type conn struct {
	fd      int32
	slot    int32
	gen     int32 // counts sockets, so that an event of an earlier one is recognised
	state   connState
	writing bool  // the transport's: a send is under way
	tried   bool  // the first attempt has ended, one way or the other
	lost    bool  // one of its sockets has ended that was up: see record.Samples.Lost
	role    role  // what the connection is for
	fails   uint8 // ends in a row without a good reply between them
	credits int32 // in the free list
	owed    int   // requests outstanding
	first   int   // index of the oldest of them in stamps
	unsent  int   // bytes of them that are not written yet
	at      int64 // down: not to be tried before; connecting: since; up: see role
	share   *share
	reader  wire.Reader
	stamps  []stamp // ring, one place for each request of the pipeline
	ring    uringState
}

type connState uint8

const (
	down connState = iota
	queued
	connecting
	up
	vacant // a single slot without a socket, ready for the next request
)

type role uint8

const (
	lasting role = iota // carries requests, one after the other
	single              // is made for one request: see single_linux.go; up: at is when it was begun
	idle                // only stays open: see idle_linux.go; up: at is since when
)

// A stamp is what is remembered of a request under way.
type stamp struct{ due, sent int64 }

// maxBackoff is the longest pause between attempts to connect.
const maxBackoff = 128 * time.Millisecond

// connect begins an attempt to connect c.
func (t *thread) connect(c *conn, now int64) {
	c.at = now
	c.state, c.writing = connecting, false
	if c.role != single {
		t.storm.underWay++
	}
	if err := t.net.connect(c); err != nil {
		c.state = queued // there is no socket
		t.attemptFailed(c, err)
	}
}

// established is called by the transport when an attempt to connect has ended.
func (t *thread) established(c *conn, err error) {
	if err != nil {
		t.attemptFailed(c, err)
		return
	}
	now := clock()
	t.here(now)
	if now >= t.alarm {
		t.cross(now) // before anything leaves: it belongs to the slice that has begun
	}
	t.attemptEnded(c)
	c.state = up
	c.share.refused = false
	switch c.role {
	case single:
		t.carry(c, now)
		return
	case idle:
		t.idleUp(c, now)
		return
	}
	c.owed, c.first, c.unsent = 0, 0, 0
	c.reader.Reset()
	c.share.up++
	c.share.samples.Connect.Add(time.Duration(now - c.at))
	if t.run.open() {
		for range t.run.plan.Pipeline {
			c.share.free.push(c, now)
		}
		t.sendDue(now)
	} else {
		t.sendNext(c, t.run.plan.Pipeline, now)
	}
}

// attemptFailed ends an attempt to connect. It is no request, as nothing is due on a
// connection that is not there; but a single one was made for a request, which fails.
func (t *thread) attemptFailed(c *conn, err error) {
	now := clock()
	t.here(now)
	if now >= t.alarm {
		t.cross(now)
	}
	if c.state == connecting {
		t.net.disconnect(c)
	}
	t.attemptEnded(c)
	c.share.lastErr, c.share.refused = err, true
	c.share.samples.ConnectFailed++
	t.failOwed(c, record.Connect, now)
	c.fails = min(c.fails+1, 100)
	t.retry(c, now, 1)
}

// attemptEnded gives back what an attempt has taken.
func (t *thread) attemptEnded(c *conn) {
	if c.role != single {
		t.storm.underWay--
	}
	if !c.tried {
		c.tried = true
		t.untried--
	}
}

// retry has c connected again: at once if it has failed less than patience times in a
// row, else after a back-off of 1, 2, 4 ... 128 ms (longer for idle ones).
func (t *thread) retry(c *conn, now int64, patience uint8) {
	if c.fails < patience {
		t.reopen(c, now)
		return
	}
	longest := maxBackoff
	if c.role == idle {
		longest = maxIdleBackoff
	}
	c.state = down
	c.at = now + int64(min(longest, time.Millisecond<<min(c.fails-1, 20)))
	t.nextScan = min(t.nextScan, c.at)
}

// reopen has a slot without a socket used again: connected, or left for the next request
// if that makes its own connection.
func (t *thread) reopen(c *conn, now int64) {
	if c.role == single {
		t.vacate(c, now)
	} else {
		t.enqueue(c)
	}
}

// lose closes the socket of a connection that is up and plans its replacement. The
// requests it still owes fail as kind, if they are measured.
func (t *thread) lose(c *conn, kind record.Kind, now int64) {
	t.failOwed(c, kind, now)
	if c.role == lasting && !c.lost {
		c.lost = true
		c.share.samples.Lost++
	}
	if c.role == idle && now-c.at >= int64(steady) {
		c.fails = 0
	}
	c.fails = min(c.fails+1, 100)
	t.drop(c)
	t.retry(c, now, 2)
}

// failOwed fails the requests that c owes as kind, if they are measured.
func (t *thread) failOwed(c *conn, kind record.Kind, now int64) {
	for c.owed > 0 {
		s := t.oldest(c)
		if t.measures(s.due) {
			t.fail(c.share, kind, now-s.due)
		}
	}
}

// replace closes a connection without fault of its own and has its slot used again.
func (t *thread) replace(c *conn, now int64) {
	t.drop(c)
	t.reopen(c, now)
}

func (t *thread) drop(c *conn) {
	t.net.disconnect(c)
	c.state = down
	if c.role == idle {
		c.share.idleUp--
		t.idleDown++
		return
	}
	c.share.up--
	c.share.free.forget(c)
}

// begun returns when the timeout of the oldest request of c began to count.
func (c *conn) begun() int64 {
	if c.role == single {
		return c.at
	}
	return c.stamps[c.first].sent
}

// oldest takes the oldest outstanding request off c.
func (t *thread) oldest(c *conn) stamp {
	s := c.stamps[c.first]
	if c.first++; c.first == len(c.stamps) {
		c.first = 0
	}
	c.owed--
	c.share.inFlight--
	return s
}

// push notes a request that is about to be sent on c.
func (t *thread) push(c *conn, s stamp) {
	i := c.first + c.owed
	if i >= len(c.stamps) {
		i -= len(c.stamps)
	}
	c.stamps[i] = s
	t.pushed = s.sent
	c.owed++
	c.share.inFlight++
	c.unsent += c.share.requestLen
}

// left notes when the requests that were pushed at now have left, if that is known.
func (c *conn) left(now, at int64) {
	if at == 0 {
		return
	}
	for i := c.owed - 1; i >= 0; i-- {
		s := &c.stamps[(c.first+i)%len(c.stamps)]
		if s.sent != now {
			return
		}
		s.sent = at
	}
}
