package engine

import (
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

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
	writing bool  // a write was cut short: waiting until the socket takes more
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
	family := unix.AF_INET
	if c.share.target.Addr.Addr().Is6() {
		family = unix.AF_INET6
	}
	c.at = clock()
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.connecting++ // attemptFailed takes it back
		t.attemptFailed(c, err)
		return
	}
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	c.fd, c.state = int32(fd), connecting
	c.gen++
	t.connecting++
	if err := unix.Connect(fd, c.share.sockaddr); err != nil && err != unix.EINPROGRESS {
		t.attemptFailed(c, err)
		return
	}
	if err := t.poll.control(unix.EPOLL_CTL_ADD, fd, unix.EPOLLIN|unix.EPOLLOUT, c.slot, c.gen); err != nil {
		t.attemptFailed(c, err)
	}
}

// established is called when a connecting socket reports something.
func (t *thread) established(c *conn) {
	errno, err := unix.GetsockoptInt(int(c.fd), unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		err = unix.Errno(errno)
	}
	if err == nil {
		err = t.poll.control(unix.EPOLL_CTL_MOD, int(c.fd), unix.EPOLLIN, c.slot, c.gen)
	}
	if err != nil {
		t.attemptFailed(c, err)
		return
	}
	now := clock()
	t.connecting--
	t.tried(c)
	c.state, c.writing = up, false
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

// attemptFailed ends an attempt to connect. In a closed loop it stands for a request.
func (t *thread) attemptFailed(c *conn, err error) {
	now := clock()
	if c.state == connecting {
		unix.Close(int(c.fd))
	}
	t.connecting--
	t.tried(c)
	c.share.lastErr = err
	c.share.samples.ConnectFailed++
	if !t.run.open() && t.mayBegin(c) && t.measures(now) && t.countDue() {
		t.fail(c.share, record.Connect)
	}
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
			t.fail(c.share, kind)
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
	unix.Close(int(c.fd))
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

// flush writes what is unsent. It reports whether the connection is still there.
func (t *thread) flush(c *conn, now int64) bool {
	for c.unsent > 0 {
		// The stream is the same request over and over, so the place in it follows
		// from how much is left.
		from := (c.share.requestLen - c.unsent%c.share.requestLen) % c.share.requestLen
		b := c.share.requests[from:]
		b = b[:min(len(b), c.unsent)]
		n, _, errno := unix.RawSyscall6(unix.SYS_SENDTO, uintptr(c.fd), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), unix.MSG_NOSIGNAL, 0, 0)
		switch errno {
		case 0:
			c.unsent -= int(n)
		case unix.EINTR:
		case unix.EAGAIN:
			return t.watchWrites(c, true, now)
		default:
			t.lose(c, record.Reset, now)
			return false
		}
	}
	if c.writing {
		return t.watchWrites(c, false, now)
	}
	return true
}

func (t *thread) watchWrites(c *conn, on bool, now int64) bool {
	events := uint32(unix.EPOLLIN)
	if on {
		events |= unix.EPOLLOUT
	}
	if on != c.writing {
		if err := t.poll.control(unix.EPOLL_CTL_MOD, int(c.fd), events, c.slot, c.gen); err != nil {
			t.lose(c, record.Reset, now)
			return false
		}
		c.writing = on
	}
	return true
}
