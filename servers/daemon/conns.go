package daemon

import (
	"net"
	"sync"
	"time"

	"modelbench/servers/protocol"
)

// A Conn is an accepted connection on its way to a model, which becomes its
// owner: it runs the Session over the socket, closes the socket, then calls Done.
type Conn struct {
	*net.TCPConn
	Session protocol.Session

	set   *conns
	nudge func()
}

// Done gives the connection's place back. Call it once, after the socket is
// closed.
func (c *Conn) Done() { c.set.remove(c) }

// OnDrain says how to make the model step the session again, which it must do
// when the server starts to drain. The default puts the read deadline of the
// socket in the past, which wakes a goroutine that blocks in Read. f may be
// called from any goroutine, at most once, also after Done.
func (c *Conn) OnDrain(f func()) { c.set.onDrain(c, f) }

// conns is the set of open connections: who counts against the limit, and who
// has to hear of a drain.
type conns struct {
	limits
	turns Turns // nil: nobody else counts

	mu       sync.Mutex
	open     map[*Conn]struct{}
	draining bool
	empty    chan struct{} // closed when draining and none is open
}

// limits are on open connections.
type limits struct {
	here int // in this process
	all  int // in all processes that take turns
}

func newConns(most limits, turns Turns) *conns {
	return &conns{limits: most, turns: turns, open: make(map[*Conn]struct{}), empty: make(chan struct{})}
}

// add takes a connection in; nil when there is no place left, or a drain has
// begun.
func (s *conns) add(t *net.TCPConn, session protocol.Session) *Conn {
	c := &Conn{TCPConn: t, Session: session, set: s}
	c.nudge = func() { t.SetReadDeadline(time.Unix(1, 0)) }
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.draining || len(s.open) >= s.here {
		return nil
	}
	s.open[c] = struct{}{}
	if s.count() > s.all { // of two processes at the last place both may refuse, but never both take it
		delete(s.open, c)
		s.count()
		return nil
	}
	return c
}

func (s *conns) remove(c *Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	s.count()
	if s.draining && len(s.open) == 0 {
		close(s.empty)
	}
}

// count tells the others how many are open here and returns how many are in all.
// The lock is held.
func (s *conns) count() int {
	if s.turns == nil {
		return len(s.open)
	}
	return s.turns.Count(len(s.open))
}

// onDrain sets c's nudge, and gives it at once if the drain has begun.
func (s *conns) onDrain(c *Conn, f func()) {
	s.mu.Lock()
	c.nudge = f
	late := s.draining
	s.mu.Unlock()
	if late {
		f()
	}
}

// drain nudges every connection and returns a channel that is closed when all
// are gone.
func (s *conns) drain() <-chan struct{} {
	s.mu.Lock()
	s.draining = true
	nudges := make([]func(), 0, len(s.open))
	for c := range s.open {
		nudges = append(nudges, c.nudge)
	}
	if len(s.open) == 0 {
		close(s.empty)
	}
	s.mu.Unlock()
	for _, nudge := range nudges { // not under the lock: a nudge may end in Done
		nudge()
	}
	return s.empty
}

// len is how many are open in this process.
func (s *conns) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}
