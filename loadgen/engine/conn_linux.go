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
	fails   uint8 // ends in a row without a good reply between them
	owed    int   // requests outstanding
	first   int   // index of the oldest of them in stamps
	unsent  int   // bytes of them that are not written yet
	at      int64 // down: not to be tried before; connecting: since
	share   *share
	reader  wire.Reader
	stamps  []stamp // ring, one place for each request of the pipeline
}

type connState uint8

const (
	down connState = iota
	queued
	connecting
	up
)

// A stamp is what is remembered of a request under way.
type stamp struct{ due, sent int64 }

// maxConnecting bounds a thread's attempts under way, so that connecting thousands
// does not overflow the server's backlog (whose overflow shows as steps of 1 s).
const maxConnecting = 32

// maxBackoff is the longest pause between attempts to connect.
const maxBackoff = 128 * time.Millisecond

// enqueue asks for c to be connected as soon as fewer than maxConnecting are.
func (t *thread) enqueue(c *conn) {
	c.state = queued
	t.queue = append(t.queue, c.slot)
}

// connectQueued begins attempts for the connections that wait in the queue.
func (t *thread) connectQueued() {
	n := 0
	for n < len(t.queue) && t.connecting < maxConnecting {
		t.connect(&t.conns[t.queue[n]])
		n++
	}
	t.queue = t.queue[:copy(t.queue, t.queue[n:])]
}

func (t *thread) connect(c *conn) {
	c.at = clock()
	c.state, c.writing = connecting, false
	t.connecting++
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
	t.connecting--
	t.tried(c)
	c.state = up
	c.owed, c.first, c.unsent = 0, 0, 0
	c.reader.Reset()
	c.share.up++
	c.share.samples.Connect.Add(time.Duration(now - c.at))
	if t.run.open() {
		for range t.run.plan.Pipeline {
			c.share.free.push(credit{c.slot, now})
		}
		t.sendDue(now)
	} else {
		t.sendNext(c, t.run.plan.Pipeline, now)
	}
}

// attemptFailed ends an attempt to connect. It is no request: nothing was due on a
// connection that is not there.
func (t *thread) attemptFailed(c *conn, err error) {
	now := clock()
	if c.state == connecting {
		t.net.disconnect(c)
	}
	t.connecting--
	t.tried(c)
	c.share.lastErr = err
	c.share.samples.ConnectFailed++
	c.fails = min(c.fails+1, 100)
	t.retry(c, now, 1)
}

func (t *thread) tried(c *conn) {
	if !c.tried {
		c.tried = true
		t.untried--
	}
}

// retry has c connected again: at once if it has failed less than patience times in a
// row, else after a back-off of 1, 2, 4 ... 128 ms.
func (t *thread) retry(c *conn, now int64, patience uint8) {
	if c.fails < patience {
		t.enqueue(c)
		return
	}
	c.state = down
	c.at = now + int64(min(maxBackoff, time.Millisecond<<min(c.fails-1, 7)))
	t.nextScan = min(t.nextScan, c.at)
}

// lose closes the socket of a connection that is up and plans its replacement. The
// requests it still owes fail as kind, if they are measured.
func (t *thread) lose(c *conn, kind record.Kind, now int64) {
	for c.owed > 0 {
		s := t.oldest(c)
		if t.measures(s.due) {
			t.fail(c.share, kind, now-s.due)
		}
	}
	c.fails = min(c.fails+1, 100)
	t.drop(c)
	t.retry(c, now, 2)
}

// replace closes a connection without fault of its own and opens it anew.
func (t *thread) replace(c *conn) {
	t.drop(c)
	t.enqueue(c)
}

func (t *thread) drop(c *conn) {
	t.net.disconnect(c)
	c.state = down
	c.share.up--
	if t.run.open() {
		c.share.free.purge(c.slot)
	}
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
	c.owed++
	c.share.inFlight++
	c.unsent += c.share.requestLen
}
