package main

import (
	"context"
	"fmt"
	"math"
	"time"

	"modelbench/scripts/rig"
)

// Memory is quiet when it has not moved by more than 1% for five seconds: a garbage
// collector may still be giving back what a burst of connections took.
const (
	quietFor      = 5 * time.Second
	quietWithin   = 0.01
	quietInterval = 200 * time.Millisecond // reading the memory of a large process takes a while
)

// A settled is a memory reading, and how it was come by.
type settled struct {
	bytes uint64
	after time.Duration
	quiet bool // false: it still moved when the time was up
}

func (s settled) String() string {
	if s.quiet {
		return fmt.Sprintf("%.1fs", s.after.Seconds())
	}
	return fmt.Sprintf("not within %v", s.after.Round(time.Second/10))
}

// settle waits until a process tree's memory is quiet, or for most.
func settle(ctx context.Context, root int, most time.Duration) (settled, error) {
	begin := time.Now()
	tick := time.NewTicker(quietInterval)
	defer tick.Stop()
	var m movement
	for {
		bytes, err := rig.PSS(root)
		if err != nil {
			return settled{}, err
		}
		at := time.Since(begin)
		if quiet := m.add(at, bytes); quiet || at >= most {
			return settled{bytes, at, quiet}, nil
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return settled{}, context.Cause(ctx)
		}
	}
}

// movement is the readings since the last that is far from one after it.
type movement struct {
	since  time.Duration
	lo, hi uint64
	any    bool
}

// add takes a reading and tells whether all those of the last quietFor are close together.
//
//	bytes  100  140  150  150.5  150.7  151 ...
//	since             ^ everything from here on lies within 1%
func (m *movement) add(at time.Duration, bytes uint64) (quiet bool) {
	lo, hi := min(m.lo, bytes), max(m.hi, bytes)
	if !m.any || float64(hi-lo) > quietWithin*float64(hi) {
		*m = movement{at, bytes, bytes, true}
		return false
	}
	m.lo, m.hi = lo, hi
	return at-m.since >= quietFor
}

// perConnection is how much each of n connections added, in bytes. It can come out
// below zero where what the server gave back meanwhile is more.
func perConnection(before, with settled, n int) float64 {
	return (float64(with.bytes) - float64(before.bytes)) / math.Max(1, float64(n))
}
