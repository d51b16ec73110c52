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
	pick  func() int // nil: in turn
	log   zerolog.Logger

	full, short trouble // no place left; no descriptors

	mu       sync.Mutex
	open     map[*Conn]struct{}
	next     int // part, when they take turns
	draining bool
	empty    chan struct{} // closed when draining and none is open
	freed    chan struct{} // says that one was closed, to an accept loop that waits
}

func (h *Host) newConns() *conns {
	parts := h.Parts
	if len(parts) == 0 {
		parts = NewTallies(1)
	}
	l := h.Flags.limits()
	return &conns{limits: l, turns: h.Turns, parts: parts, pick: h.Pick, log: h.Log,
		full:  trouble{what: "connections refused: too many", log: h.Log.With().Int("max_conns", min(l.here, l.all)).Logger()},
		short: trouble{what: "connections wait or are refused: out of descriptors or memory", log: h.Log.With().Int("descriptors", DescriptorLimit()).Logger()},
		open:  make(map[*Conn]struct{}), empty: make(chan struct{}), freed: make(chan struct{})}
}

// add takes a connection in; nil when there is no place left, or a drain has
// begun.
func (s *conns) add(t *net.TCPConn, session protocol.Session) *Conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	part := s.nextPart()
	c := &Conn{TCPConn: t, session: session, tally: s.parts[part], part: int32(part), set: s}
	if s.draining {
		c.tally.RefusedDraining.Add(1)
		return nil
	}
	c.tally.Open.Add(1)
	if len(s.open) >= s.here ||
		s.all < math.MaxInt && s.count() > s.all { // of two processes at the last place both may refuse, but never both take it
		c.tally.Open.Add(-1)
		c.tally.RefusedFull.Add(1)
		s.full.note(nil)
		return nil
	}
	c.tally.Accepted.Add(1)
	s.open[c] = struct{}{}
	return c
}

// nextPart is where the next connection is counted. The lock is held.
func (s *conns) nextPart() int {
	if s.pick != nil {
		return s.pick()
	}
	s.next = (s.next + 1) % len(s.parts)
	return s.next
}

// failed counts an accept that failed: nobody is refused by that.
func (s *conns) failed(err error) {
	s.parts[0].AcceptErrors.Add(1)
	s.short.note(err)
}

// troublesOver has the log say what would have been said later.
func (s *conns) troublesOver() {
	s.full.close()
	s.short.close()
}

func (s *conns) remove(c *Conn, why error) {
	s.log.Debug().Err(why).Msg("closed")
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
	c.tally.Open.Add(-1)
	select {
	case s.freed <- struct{}{}:
	default:
	}
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

// onDrain sets who nudges c, which is done at once if the drain has begun.
func (s *conns) onDrain(c *Conn, n Nudger) {
	s.mu.Lock()
	c.nudge = n
	late := s.draining
	s.mu.Unlock()
	if late {
		n.Nudge()
	}
}

// drain nudges every connection and returns a channel that is closed when all
// are gone.
func (s *conns) drain() <-chan struct{} {
	s.mu.Lock()
	s.draining = true
	nudges := make([]Nudger, 0, len(s.open))
	for c := range s.open {
		nudges = append(nudges, c.nudger())
	}
	if len(s.open) == 0 {
		close(s.empty)
	}
	s.mu.Unlock()
	for _, n := range nudges { // not under the lock: a nudge may end in Done
		n.Nudge()
	}
	return s.empty
}

// len is how many are open in this process.
func (s *conns) len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.open)
}
