package main

import (
	"context"
	"sync"
	"time"

	"modelbench/servers/daemon"
)

// A slot is the place of one worker. It has a number, two seats in the page and,
// with --listener reuseport, a listener.
//
//	   +-----------------<-----------------+
//	   v                                   | back-off
//	starting --ready--> serving --dies--> down
//	   | dies              |                 ^
//	   +-------------------|-----------------+
//	                       | SIGHUP: starts a second worker in the other seat
//	                       |   dies:  the roll stops; still serving
//	                       v   ready: the first one drains beside it
//	                    serving
//
//	SIGTERM, in any state: draining --ended--> down, for good
//
// keep is the only goroutine that starts workers in the slot.
type slot struct {
	*supervisor
	number   int
	rolls    chan chan<- error // asks for another worker; the answer is nil when the old one has gone
	retiring sync.WaitGroup    // the worker that drains beside another
	seats    [seatsPerSlot]*child

	mu  sync.Mutex
	now status
}

// A status is what an onlooker may know of a slot.
type status struct {
	Worker    int
	State     string    // "starting", "serving", "draining" or "down"
	PID       int       // of the process that serves, or is about to; 0: none
	Started   time.Time // of that process
	Restarts  int       // workers started because the one before had died
	Replaced  int       // workers started because of SIGHUP
	LastDeath string    // cause of the latest death; "": none has died
	Tallies   [seatsPerSlot]*daemon.Tally
}

func (s *supervisor) newSlot(n int) *slot {
	at := &slot{supervisor: s, number: n, rolls: make(chan chan<- error), now: status{Worker: n, State: "starting"}}
	seats := s.page.slot(n)
	for i := range seats {
		at.now.Tallies[i] = &seats[i].Tally
	}
	return at
}

// status is the state of the slot at this moment. Safe to call from anywhere.
func (s *slot) status() status {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.now
}

func (s *slot) note(change func(*status)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(&s.now)
}

// keep has a worker in the slot until ctx ends, then has it drain. What became of
// the very first start goes to first.
func (s *slot) keep(ctx context.Context, first chan<- error) {
	w, err := s.raise(ctx)
	first <- err
	var pause backoff
	for ctx.Err() == nil {
		if w == nil || !w.alive() {
			s.died(w, err, pause.after(w))
			if wait(ctx, pause.last); ctx.Err() == nil {
				s.note(func(now *status) { now.State = "starting" })
				w, err = s.raise(ctx)
			}
			continue
		}
		select {
		case <-ctx.Done():
		case <-w.ended:
		case gone := <-s.rolls:
			w = s.replace(ctx, w, gone)
		}
	}
	s.note(func(now *status) { now.State = "draining" })
	if w != nil && !s.drain(w) {
		s.unclean.Store(true)
	}
	s.retiring.Wait()
	s.note(func(now *status) { now.State, now.PID = "down", 0 })
}

// raise starts a worker in a free seat and waits until it is ready. There is
// always a free seat: a roll ends when the worker that it replaces has.
func (s *slot) raise(ctx context.Context) (*child, error) {
	seat := 0
	if s.seats[seat] != nil && s.seats[seat].alive() {
		seat = 1
	}
	w, err := s.start(s.number, s.number*seatsPerSlot+seat)
	if err != nil {
		return nil, err
	}
	s.seats[seat] = w
	if err = w.awaitReady(ctx); err != nil {
		s.drain(w) // it has ended, or has to
		return nil, err
	}
	s.log.Info().Int("worker", s.number).Int("pid", w.pid()).Dur("took", time.Since(w.began)).Msg("worker started")
	s.note(func(now *status) { now.State, now.PID, now.Started = "serving", w.pid(), w.began })
	return w, nil
}

// died logs how the slot lost its worker: how that died, or why it did not start.
func (s *slot) died(w *child, err error, pause time.Duration) {
	line := s.log.Error().Int("worker", s.number).Dur("restart_in", pause)
	if w == nil {
		s.note(func(now *status) { now.State, now.PID, now.LastDeath = "down", 0, err.Error(); now.Restarts++ })
		line.Err(err).Msg("worker does not start")
		return
	}
	s.note(func(now *status) { now.State, now.PID, now.LastDeath = "down", 0, w.cause(); now.Restarts++ })
	line.Int("pid", w.pid()).Str("cause", w.cause()).Dur("lived", w.lived).Int("open", w.open).Msg("worker died")
}

// drain has a worker finish what is in flight and waits for its end, which it
// brings about when the worker overstays. It reports whether nothing was broken
// off.
func (s *slot) drain(w *child) bool {
	w.terminate()
	select {
	case <-w.ended:
	case <-time.After(s.flags.Drain + overstay):
		s.log.Error().Int("worker", s.number).Int("pid", w.pid()).Msg("worker does not stop: killed")
		w.kill()
		<-w.ended
	}
	return w.clean()
}

// overstay is how much longer than --drain a worker may take before it is killed.
const overstay = 2 * time.Second

// A backoff is how long a slot stays empty after a death.
type backoff struct{ last time.Duration }

// Lives are short when the worker dies before it can have been of much use. After a
// long one the next worker starts at once, after short ones later and later.
//
// One that had begun to serve was killed by somebody, or by a request: another will
// serve as well, so it is back soon however often that happens. One that never
// served will not do so for being tried more often.
const (
	shortLife    = time.Second
	longestDown  = 5 * time.Second
	longestUnfit = 200 * time.Millisecond // where it had begun to serve
	shortestDown = 25 * time.Millisecond
)

// after is the pause after the end of w, which is nil if it never served.
func (b *backoff) after(w *child) time.Duration {
	switch {
	case w == nil:
		b.last = min(max(2*b.last, shortestDown), longestDown)
	case w.lived >= shortLife:
		b.last = 0
	default:
		b.last = min(max(2*b.last, shortestDown), longestUnfit)
	}
	return b.last
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
