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
// or the runtime is stuck. It does not when the worker computes with all it has,
// however many conversations do so at once: the runtime preempts them, and a
// goroutine whose time has come is the next to run.
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
func (w *worker) watchdog(timeout time.Duration) {
	look := time.NewTicker(beatEvery)
	defer look.Stop()
	last, silent := w.seat.beats.Load(), time.Duration(0)
	for {
		select {
		case <-w.ended:
			return
		case <-look.C:
		}
		if now := w.seat.beats.Load(); now != last {
			last, silent = now, 0
			continue
		}
		if silent += beatEvery; silent >= timeout {
			w.hung.Store(true)
			w.kill()
			<-w.ended
			return
		}
	}
}
