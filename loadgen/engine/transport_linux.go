package engine

import "golang.org/x/sys/unix"

// A transport moves the bytes of one thread's connections. It belongs to that thread;
// only wake may be called by others. What happens to a connection it tells the thread
// by these calls, all of them from within wait, connect or send:
//
//	established(c, err)   an attempt to connect has ended
//	arrived(c, p, now)    bytes came; p is valid during the call only
//	ended(c, now)         the peer has closed, in order
//	broken(c, now)        the connection is gone: reset, or the system refuses it
//
// Any of those calls may disconnect c or any other connection, and connect them anew.
// What belonged to an earlier socket of a slot must not be reported for a later one;
// conn.gen tells them apart. Connections of role idle have neither reader nor stamps and
// are never sent on; there may be many thousands, so a transport keeps little for each.
type transport interface {
	// begin comes before all else but wake, on the thread that all calls but wake and
	// close will come from.
	begin() error
	// connect begins an attempt on a slot that has no socket. Its outcome is reported
	// by established, unless it fails at once: then by the error.
	connect(c *conn) error
	// send sends what is unsent on c, as far as the socket takes it, and the rest when
	// it does. It reports whether the connection is still there.
	send(c *conn, now int64) bool
	// disconnect closes the socket of c. Nothing is reported of it any more.
	disconnect(c *conn)
	// wait reports what has happened, after timeout (ns; 0 or less: at once) at the
	// latest. It may come back early with nothing to report.
	wait(timeout int64)
	// wake ends the wait under way, or else the next one. Any thread may call it.
	wake()
	// end comes last on the thread, with all connections disconnected. When it returns
	// their sockets are closed.
	end()
	// close gives up what the transport itself holds. Any thread may call it, after end
	// or without begin.
	close()
}

// newTransport makes the transport that the plan asks for.
func newTransport(t *thread) (transport, error) {
	if t.run.plan.Engine == Uring {
		return newUring(t)
	}
	return newEpoll(t)
}

// socket makes the socket for an attempt to connect c, bound to the next source in turn
// if there are any, and gives the slot its next generation. On success fd and gen of c
// are set. Every transport makes its sockets by it.
func (c *conn) socket() error {
	s := c.share
	fd, err := unix.Socket(family(s.target.Addr.Addr()), unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	// A request leaves when it is written, not when the last reply is acknowledged.
	unix.SetsockoptInt(fd, unix.IPPROTO_TCP, unix.TCP_NODELAY, 1)
	if n := len(s.sources); n > 0 {
		from := &s.sources[s.nextSource%n]
		s.nextSource++
		if err := from.bind(fd); err != nil {
			unix.Close(fd)
			return err
		}
	}
	c.fd = int32(fd)
	c.gen++
	return nil
}

// next returns the bytes to be sent next on c, at most as many as are unsent. The
// stream is the same request over and over, so the place in it follows from how much
// is left.
func (c *conn) next() []byte {
	s := c.share
	b := s.requests[(s.requestLen-c.unsent%s.requestLen)%s.requestLen:]
	return b[:min(len(b), c.unsent)]
}
