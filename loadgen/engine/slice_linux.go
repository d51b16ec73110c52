package engine

import (
	"time"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/record"
)

type phase uint8

const (
	leading phase = iota
	recording
	draining
	over
)

// maxSpread is the longest time over which a closed loop's first requests are spread.
const maxSpread = 100 * time.Millisecond

// slice runs one visit, whose lead-in begins at start on all threads.
func (t *thread) slice(v visit, start int64) {
	t.visit, t.cur = v, &t.shares[v.target]
	t.start, t.end = start, start+int64(v.lead+v.window)
	t.phase, t.edge, t.sending = leading, start+int64(v.lead), true
	t.t0, t.t1, t.begun = never, never, t.cur.lo
	if v.recorded {
		t.t0, t.t1 = t.edge, t.end
	}
	t.cur.origin = start - t.cur.active
	for t.phase != over {
		now := clock()
		if now >= t.edge {
			t.cross(now)
		}
		if t.run.stopping.Load() {
			t.stopEarly(now)
		}
		if t.run.open() {
			now = t.sendDue(now)
		} else {
			t.beginDue(now)
		}
		if t.phase == draining && t.drained() {
			break
		}
		if t.phase != over {
			t.turn(now, t.timer())
		}
	}
	t.abandon()
	t.cur.active += t.end - start
	t.phase, t.edge, t.sending, t.cur = over, never, false, nil
	t.t0, t.t1 = never, never
}

// measures reports whether a moment lies in the recorded window.
func (t *thread) measures(at int64) bool { return at >= t.t0 && at < t.t1 }

// cross goes on to the phase that now belongs to. It is called as soon as any clock
// reading has passed the edge, so that the probe reads close to it.
func (t *thread) cross(now int64) {
	for now >= t.edge {
		switch t.phase {
		case leading:
			t.phase, t.edge = recording, t.end
			t.openWindow()
		case recording:
			t.phase, t.edge, t.sending = draining, t.end+int64(t.run.plan.grace()), false
			t.closeWindow()
		default:
			t.phase, t.edge = over, never
		}
	}
}

func (t *thread) openWindow() {
	if !t.visit.recorded {
		return
	}
	if t.id == 0 {
		t.run.probe.Open(t.visit.target)
	}
	t.cpuAtOpen = threadCPU()
}

func (t *thread) closeWindow() {
	if !t.visit.recorded {
		return
	}
	if t.id == 0 {
		t.run.probe.Close(t.visit.target)
	}
	m := &t.cur.samples
	m.ThreadCPU[0] += threadCPU() - t.cpuAtOpen
	m.Measured += time.Duration(t.t1 - t.t0)
	m.Windows++
}

// stopEarly ends the window now, or gives up a slice that has none yet.
func (t *thread) stopEarly(now int64) {
	switch t.phase {
	case leading:
		t.t0, t.t1 = never, never
		t.phase, t.end, t.edge = over, now, never
	case recording:
		t.end, t.edge = now+1, now // a request may have left at this very nanosecond
		if t.visit.recorded {
			t.t1 = t.end
		}
		t.cross(now)
	}
}

// drained reports whether nothing is owed and nobody waits in line.
func (t *thread) drained() bool {
	return t.cur.inFlight == 0 && (!t.run.open() || t.spent || t.cur.due() >= t.end)
}

// timer returns when the loop has to look at the clock again.
func (t *thread) timer() int64 {
	s := t.cur
	if t.run.open() {
		if due := s.due(); !t.spent && due < t.end && s.free.len() > 0 {
			return min(t.edge, due)
		}
		return t.edge
	}
	if t.sending && t.begun < s.hi {
		return min(t.edge, t.beginAt(t.begun))
	}
	return t.edge
}

// abandon gives up what the drain has not finished. What is over its timeout by now has
// failed by it, even if the loop did not get to look before the drain ended.
func (t *thread) abandon() {
	t.scan(clock())
	s := t.cur
	connected := s.up > 0 // before the connections that still owe a reply are replaced
	for i := s.lo; i < s.hi; i++ {
		c := &t.conns[i]
		if c.state != up || c.owed == 0 {
			continue
		}
		for c.owed > 0 {
			if t.measures(t.oldest(c).due) {
				s.samples.Unfinished++
			}
		}
		t.replace(c)
	}
	if !t.run.open() {
		return
	}
	for due := s.due(); due < t.end && !t.spent; due = s.due() {
		if t.measures(due) && t.countDue() {
			if connected {
				s.samples.Unfinished++
			} else {
				t.fail(s, record.Connect, clock()-due)
			}
		}
		s.advance()
	}
}

func threadCPU() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) != nil {
		return 0 // cannot be: the clock always exists
	}
	return time.Duration(ts.Nano())
}
