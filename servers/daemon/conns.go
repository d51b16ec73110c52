package daemon

import (
	"math"
	"net"
	"sync"

	"github.com/rs/zerolog"

	"modelbench/servers/protocol"
)

// conns is the set of open connections: who counts against the limit, and who
// has to hear of a drain.
type conns struct {
	limits
	turns Turns // nil: nobody else counts
	parts []*Tally
	log   zerolog.Logger

	mu       sync.Mutex
	open     map[*Conn]struct{}
	next     int // part, in turn
	draining bool
	empty    chan struct{} // closed when draining and none is open
}

// limits are on open connections.
type limits struct {
	here int // in this process
	all  int // in all processes that take turns
}

func (h *Host) newConns() *conns {
	parts := h.Parts
	if len(parts) == 0 {
		parts = NewTallies(1)
	}
	return &conns{limits: h.limits(), turns: h.Turns, parts: parts, log: h.Log,
		open: make(map[*Conn]struct{}), empty: make(chan struct{})}
}

// add takes a connection in; nil when there is no place left, or a drain has
// begun.
func (s *conns) add(t *net.TCPConn, session protocol.Session) *Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next = (s.next + 1) % len(s.parts)
	c := &Conn{TCPConn: t, session: session, tally: s.parts[s.next], set: s}
	if s.draining || len(s.open) >= s.here {
		c.tally.RefusedFull.Add(1)
		return nil
	}
	c.tally.Open.Add(1)
	if s.all < math.MaxInt && s.count() > s.all { // of two processes at the last place both may refuse, but never both take it
		c.tally.Open.Add(-1)
		c.tally.RefusedFull.Add(1)
		return nil
	}
	c.tally.Accepted.Add(1)
	s.open[c] = struct{}{}
	return c
}

func (s *conns) remove(c *Conn, why error) {
	s.log.Debug().Err(why).Msg("closed")
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	c.tally.Open.Add(-1)
	if s.draining && len(s.open) == 0 {
		close(s.empty)
	}
}

// count is how many are open in all processes, the one about to be let in
// included. The lock is held.
func (s *conns) count() int {
	if s.turns == nil {
		return len(s.open) + 1
	}
	return s.turns.Open()
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
		nudges = append(nudges, c.wake())
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
