package main

import (
	"context"
	"time"
)

// roll replaces the workers one by one, each by one that accepts before the old one
// begins to drain: no connection is ever without somebody to take it.
//
//	slot 0  old ========|---- drains
//	        new    starts|==================================
//	slot 1  old ========================|---- drains
//	        new                    starts|==================
//
// It stops at the first worker that does not start, and leaves the rest as they
// are; what a new version of the program cannot do, it should fail at only once.
func (s *supervisor) roll(ctx context.Context) {
	began := time.Now()
	s.log.Info().Msg("replacing the workers one by one")
	for _, slot := range s.slots {
		if err := slot.roll(ctx); err != nil {
			if ctx.Err() == nil {
				s.log.Error().Int("worker", slot.number).Err(err).Msg("worker not replaced, and none after it: the new one does not start")
			}
			return
		}
	}
	s.log.Info().Dur("took", time.Since(began)).Msg("workers replaced")
}

// roll has the slot replace its worker and waits until the old one has gone.
func (s *slot) roll(ctx context.Context) error {
	gone := make(chan error, 1)
	select {
	case s.rolls <- gone:
	case <-ctx.Done():
		return ctx.Err()
	}
	select {
	case err := <-gone:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// replace starts another worker and has old drain beside it; gone hears of its end.
// The result serves from now on: old, if the other does not start.
func (s *slot) replace(ctx context.Context, old *child, gone chan<- error) *child {
	w, err := s.raise(ctx)
	if err != nil {
		gone <- err
		return old
	}
	s.note(func(now *status) { now.Replaced++ })
	s.retiring.Go(func() {
		if !s.drain(old) {
			s.log.Warn().Int("worker", s.number).Int("pid", old.pid()).Str("cause", old.cause()).Msg("replaced worker did not drain")
			if ctx.Err() != nil { // the server stops, and that is part of it
				s.unclean.Store(true)
			}
		}
		gone <- nil
	})
	return w
}
