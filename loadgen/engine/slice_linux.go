package engine

import (
	"time"

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
	t.alarm = min(t.edge, t.mark)
	t.cur.origin = start - t.cur.active
	if t.cur.fit != nil {
		t.cur.fit.Break()
	}
	t.part = never
	if len(t.shares) == 1 {
		t.part = int64(t.run.plan.part())
	}
	t.seen, t.gone = start, span{}
	for t.phase != over {
		now := clock()
		t.here(now)
		for now >= t.alarm {
			t.cross(now)
			now = clock() // the probe may have taken its time
			t.here(now)
		}
		if t.run.stopping.Load() {
			t.stopEarly(now)
			now = max(now, t.end) // what leaves from here on does so after the window
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
	t.tally.settle(t.cur)
	t.cur.active += t.end - start
	t.phase, t.edge, t.alarm, t.sending, t.cur = over, never, never, false, nil
	t.t0, t.t1 = never, never
}

// measures reports whether a moment lies in the recorded window.
func (t *thread) measures(at int64) bool { return at >= t.t0 && at < t.t1 }

// cross goes through the edges that now has passed, those of phases and those of
// intervals, in order. It is called as soon as any clock reading has passed the alarm,
// so that the probe reads close to the edge.
func (t *thread) cross(now int64) {
	for {
		switch {
		case t.mark <= now && t.mark <= t.edge:
			t.handOver(min(now, t.edge))
		case t.edge <= now:
			t.crossEdge()
		default:
			t.alarm = min(t.edge, t.mark)
			return
		}
	}
}

// crossEdge ends a phase, or a part of a single target's window.
func (t *thread) crossEdge() {
	switch t.phase {
	case leading:
		t.phase = recording
		t.openWindow()
		t.edge = t.partEnd(t.edge)
	case recording:
		if t.edge < t.end {
			t.nextPart()
			t.edge = t.partEnd(t.edge)
			return
		}
		t.phase, t.edge, t.sending = draining, t.end+int64(t.run.plan.grace()), false
		t.closeWindow()
	default:
		t.phase, t.edge = over, never
	}
}

// partEnd returns when the part of the window that begins at from is over.
func (t *thread) partEnd(from int64) int64 {
	if t.part == never || t.end-from < t.part+t.part/2 {
		return t.end // no remainder too short to say anything
	}
	return from + t.part
}

func (t *thread) openWindow() {
	if !t.visit.recorded {
		return
	}
	if t.id == 0 {
		t.run.probe.Open(t.visit.target)
	}
	t.lap, t.quiet = lap{t.t0, threadCPU(), t.runDelay()}, true
	t.tally.open(t.cur, t.visit.target, t.t0, t.lap.cpu)
}

// nextPart ends a part of a single target's window, and begins the next.
func (t *thread) nextPart() {
	if t.visit.recorded {
		cpu := threadCPU()
		t.tally.close(t.cur, t.edge, cpu)
		t.tally.settle(t.cur)
		t.tally.open(t.cur, t.visit.target, t.edge, cpu)
	}
}

func (t *thread) closeWindow() {
	if !t.visit.recorded {
		return
	}
	if t.id == 0 {
		t.run.probe.Close(t.visit.target)
	}
	t.lap.add(t.cur.samples, t.id, lap{t.t1, threadCPU(), t.runDelay()})
	t.cur.samples.Windows++
	if t.quiet && !t.run.open() {
		t.cur.samples.Waiting += uint64(t.cur.inFlight)
	}
	t.tally.close(t.cur, t.t1, t.lap.cpu)
}

// stopEarly ends the window now, or gives up a slice that has none yet.
func (t *thread) stopEarly(now int64) {
	switch t.phase {
	case leading:
		t.t0, t.t1 = never, never
		t.phase, t.end, t.edge, t.alarm = over, now, never, never
	case recording:
		t.end, t.edge = now+1, now+1 // a request may have left at this very nanosecond
		if t.visit.recorded {
			t.t1 = t.end
		}
		t.cross(t.end)
	}
}

// drained reports whether nothing is owed and nobody waits in line.
func (t *thread) drained() bool {
	return t.cur.inFlight == 0 && (!t.run.open() || t.spent || t.cur.due() >= t.end)
}

// timer returns when the loop has to look at the clock again.
func (t *thread) timer() int64 {
	s, at := t.cur, t.alarm
	if t.run.open() {
		if due := s.due(); !t.spent && due < t.end && s.free.len() > 0 {
			return min(at, due)
		}
		return at
	}
	if t.sending && t.begun < s.hi {
		return min(at, t.beginAt(t.begun))
	}
	return at
}

// abandon gives up what the drain has not finished. What is over its timeout by now has
// failed by it, even if the loop did not get to look before the drain ended.
func (t *thread) abandon() {
	t.sending = false
	now := clock()
	t.scan(now)
	s := t.cur
	connected := s.connected() // before the connections that still owe a reply are replaced
	for i := s.lo; i < s.hi; i++ {
		switch c := &t.conns[i]; {
		case c.owed == 0:
		case c.state == connecting:
			t.abandonDial(c, now)
		default:
			t.unfinished(c)
			t.replace(c, now)
		}
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

// unfinished gives up the requests that c owes.
func (t *thread) unfinished(c *conn) {
	for c.owed > 0 {
		if t.measures(t.oldest(c).due) {
			c.share.samples.Unfinished++
		}
	}
}
