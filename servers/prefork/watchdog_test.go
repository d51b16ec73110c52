package main

import (
	"testing"
	"time"
)

// What a look finds, and how long the worker has been silent then.
func TestSilence(t *testing.T) {
	const ms = time.Millisecond
	var s silence
	for i, c := range []struct {
		beats    int64
		computed time.Duration
		want     time.Duration
	}{
		{1, 0, 0},
		{1, 20 * ms, 10 * ms}, // it computes: a look counts for a tenth
		{1, 20 * ms, 110 * ms},
		{1, 20 * ms, 210 * ms},
		{1, 30 * ms, 220 * ms},
		{2, 30 * ms, 0},
		{2, 30 * ms, 100 * ms},
		{2, 30 * ms, 200 * ms},
		{5, 90 * ms, 0},
	} {
		if got := s.after(c.beats, func() time.Duration { return c.computed }); got != c.want {
			t.Errorf("look %d: silent for %v, want %v", i, got, c.want)
		}
	}
}
