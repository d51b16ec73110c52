package main

import (
	"time"
)

// beatEvery is how often a worker shows that it makes progress, and how often the
// supervisor looks.
const beatEvery = 100 * time.Millisecond

// beat shows signs of life for as long as the process makes progress. It blocks.
//
// What beats is a goroutine among the others: it stops when the process is stopped
// or the runtime is stuck. It comes late when the worker computes with all it has,
// by up to 10 ms for each conversation that does so at the same time.
func (s *seat) beat() {
	for ; ; time.Sleep(beatEvery) {
		s.beats.Add(1)
	}
}

// watchdog kills a worker that has shown no sign of life for as long as timeout. It
// returns when the worker has ended.
//
// It reads no clock but counts its own looks. So when this process was stopped, or
// the machine suspended, or all cores are taken by others, the time that passed
// does not count: there were no looks in it either, and one look is never enough.
func (w *child) watchdog(timeout time.Duration) {
	look := time.NewTicker(beatEvery)
	defer look.Stop()
	var s silence
	for {
		select {
		case <-w.ended:
			return
		case <-look.C:
		}
		if s.after(w.seat.beats.Load(), func() time.Duration { return computed(w.pid()) }) >= timeout {
			w.hung.Store(true)
			w.kill()
			<-w.ended
			return
		}
	}
}

// A silence is for how long a worker has shown no sign of life, by the looks at it.
type silence struct {
	beats    int64
	computed time.Duration
	lasts    time.Duration
}

// busyLooks is how many looks at a silent worker count as one while it computes.
// With thousands of conversations in a spin the beat may have to wait for its turn
// for longer than any sensible timeout; a runtime that is stuck in a spin of its own
// is found all the same, only later.
const busyLooks = 10

// after is the silence after another look.
func (s *silence) after(beats int64, computed func() time.Duration) time.Duration {
	if beats != s.beats {
		s.beats, s.lasts = beats, 0
		return 0
	}
	before := s.computed
	if s.computed = computed(); s.computed > before {
		s.lasts += beatEvery / busyLooks
	} else {
		s.lasts += beatEvery
	}
	return s.lasts
}
