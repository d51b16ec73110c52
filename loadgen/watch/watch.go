// Package watch lets several readers follow one run, each in intervals of its own length.
//
// The engine tells one function about stretches of one length. Split makes that function of
// any number of readers: short intervals are added up into long ones, so that a panel that
// wants ten a second and a file that wants one see the same requests.
//
//	engine     |--|--|--|--|--|--|--|--|--|--|--|
//	a reader   |--|--|--|--|--|--|--|--|--|--|--|   Every 100 ms
//	another    |-----------|-----------|--------|   Every 400 ms, and the rest
//
// Whoever has read all intervals has seen every sample of the report, once. All calls come
// from the goroutine that calls the returned function, one after the other; what a reader is
// told is the reader's until it returns. Nothing here reads a clock.
package watch

import (
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

// A Reader wants to be told about stretches of a run.
type Reader struct {
	// Every is their length, at least engine.MinSlice. They end at its multiples since load
	// began, or later where the engine's own intervals became longer.
	Every time.Duration
	// Tell is called in order, and last with what ends in phase engine.Done.
	Tell func(*engine.Interval)
}

// Split returns what to set as a plan's Watch and Interval, which is the longest that all
// readers' lengths are multiples of. Where that is shorter than engine.MinSlice it is the
// shortest reader's length, and the others' intervals end up to that much late. Without
// readers it returns nil and 0: nobody watches.
func Split(readers ...Reader) (tell func(*engine.Interval), interval time.Duration) {
	if len(readers) == 0 {
		return nil, 0
	}
	all := make([]sum, len(readers))
	shortest := readers[0].Every
	for i, r := range readers {
		all[i] = sum{reader: r, edge: r.Every}
		interval = divisor(r.Every, interval)
		shortest = min(shortest, r.Every)
	}
	if interval < engine.MinSlice {
		interval = shortest
	}
	return func(iv *engine.Interval) {
		for i := range all {
			all[i].add(iv)
		}
	}, interval
}

// divisor returns the greatest common divisor of two lengths, the first of which is not 0.
func divisor(a, b time.Duration) time.Duration {
	for b != 0 {
		a, b = b, a%b
	}
	return a
}

// A sum is what one reader has not been told yet.
type sum struct {
	reader Reader
	edge   time.Duration // where the current interval ends
	held   engine.Interval
	holds  bool
}

func (s *sum) add(iv *engine.Interval) {
	ends := iv.End >= s.edge || iv.Phase == engine.Done
	if ends {
		s.edge = iv.End - iv.End%s.reader.Every + s.reader.Every
	}
	if ends && !s.holds {
		s.reader.Tell(iv) // the usual case where lengths are equal: nothing to copy
		return
	}
	s.hold(iv)
	if ends {
		s.reader.Tell(&s.held)
		s.holds = false
		for i := range s.held.Targets {
			s.held.Targets[i].Reset()
		}
	}
}

// hold adds iv to what is held.
func (s *sum) hold(iv *engine.Interval) {
	if s.held.Targets == nil {
		s.held.Targets = make([]record.Samples, len(iv.Targets))
	}
	if !s.holds {
		s.held.Start, s.holds = iv.Start, true
	}
	s.held.End, s.held.Phase, s.held.Target = iv.End, iv.Phase, iv.Target
	for i := range iv.Targets {
		s.held.Targets[i].Extend(&iv.Targets[i])
	}
}
