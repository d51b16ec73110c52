package engine

import (
	"golang.org/x/sys/unix"

	"modelbench/loadgen/uring"
)

// reap handles the completions that are there and returns their number. What handling
// them completes at once has to wait for the next time: requests to receive that find no
// buffer would otherwise end and be made anew for ever.
//
// One reading of the clock stands for all of them in a closed loop: they were complete
// when the call returned, at the latest. In an open loop requests that wait in line
// leave while completions are handled, and their lag is told from a fresh reading.
func (u *uringTransport) reap() (n int) {
	now := clock()
	open := u.t.run.open()
	for ready := u.ring.Ready(); n < ready; {
		batch := u.ring.Completions()
		batch = batch[:min(len(batch), ready-n)]
		for i := range batch {
			if open && n+i > 0 {
				now = clock()
			}
			u.completed(&batch[i], now)
		}
		n += len(batch)
		u.ring.Seen(len(batch))
	}
	return n
}

// completed handles one completion.
func (u *uringTransport) completed(e *uring.CQE, now int64) {
	k := kind(e.Data >> 56)
	switch k {
	case none:
		return
	case waking:
		u.woken(e)
		return
	}
	c := &u.t.conns[uint32(e.Data)]
	current := uint32(c.gen)&0xffffff == uint32(e.Data>>32)&0xffffff
	switch k {
	case received:
		if !e.More() {
			u.under--
		}
		u.received(c, e, current, now)
	case connected:
		u.under--
		if current {
			u.connected(c, e)
		}
	case sent:
		if current {
			u.sentShort(c, e, now)
		}
	case sentLate:
		u.under--
		if current {
			u.sentLater(c, e, now)
		}
	}
}

// received handles what a request to receive has brought. Bytes for a connection that
// is there no more are dropped with their buffer. A request that goes on although its
// connection is gone was just being moved when it was to be cancelled, and not found.
func (u *uringTransport) received(c *conn, e *uring.CQE, current bool, now int64) {
	id, filled := e.Buffer()
	if current {
		gen := c.gen
		c.ring.receiving = e.More()
		switch {
		case e.Res > 0 && filled:
			u.t.arrived(c, u.bufs.Bytes(id, int(e.Res)), now)
		case e.Res == 0:
			u.t.ended(c, now)
		case again(e.Res):
		default:
			u.t.broken(c, now)
		}
		if c.gen == gen && !c.ring.receiving {
			u.receive(c)
		}
	} else if e.More() {
		u.request().Cancel(e.Data, 0)
	}
	if filled {
		u.bufs.Return(id)
	}
}

// again reports whether an operation ended for want of something that will be there
// the next time.
func again(res int32) bool {
	switch unix.Errno(-res) {
	case unix.ENOBUFS, unix.EAGAIN, unix.EINTR:
		return true
	}
	return false
}

// receive asks for what will come on c, from now on.
func (u *uringTransport) receive(c *conn) {
	c.ring.receiving = true
	u.request().Recv(c.fd, bufferGroup, mark(c, received))
	u.under++
}

func (u *uringTransport) connected(c *conn, e *uring.CQE) {
	c.ring.connecting = false
	if e.Res < 0 {
		u.t.established(c, unix.Errno(-e.Res))
		return
	}
	u.receive(c)
	u.t.established(c, nil)
}

// sentShort is told that a SendNow did not send everything.
func (u *uringTransport) sentShort(c *conn, e *uring.CQE, now int64) {
	if e.Res < 0 && !again(e.Res) {
		u.t.broken(c, now)
		return
	}
	c.unsent += c.ring.offered - int(max(e.Res, 0))
	u.sendLate(c, c.next())
}

// sentLater is told that a Send is over. If it was cut short, the next one says why.
func (u *uringTransport) sentLater(c *conn, e *uring.CQE, now int64) {
	c.writing = false
	if e.Res < 0 && !again(e.Res) {
		u.t.broken(c, now)
		return
	}
	c.unsent += c.ring.offered - int(max(e.Res, 0))
	if c.unsent > 0 {
		u.send(c, now)
	}
}

// woken ends a wait, by having completed, and gets ready for the next wake.
func (u *uringTransport) woken(e *uring.CQE) {
	if e.Res < 0 { // cancelled: the end
		return
	}
	var b [8]byte
	unix.Read(u.wakeFd, b[:])
	u.watchWake()
}
