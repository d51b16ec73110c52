package engine

import (
	"time"

	"modelbench/loadgen/record"
)

// While load is running, threads share nothing. So what they measure reaches the rest
// of the program by handing over whole sets of samples, one for each target:
//
//	thread     fills a | fills b         | fills a ...      an edge every Plan.Interval
//	collect            `- adds up and clears a, gives it back
//
// A thread never waits for that. If no empty set has come back when an interval is
// over, it keeps the one it has, and the interval becomes longer.

// A part is what one thread hands over.
type part struct {
	thread  int
	to      int64 // clock; the last parts of all threads have the same
	phase   Phase
	target  int
	samples []record.Samples // by target
}

// newSamples makes room for n targets, in the hands of one of so many threads.
func newSamples(n, threads int) []record.Samples {
	all := make([]record.Samples, n)
	for i := range all {
		all[i].Init(threads)
	}
	return all
}

// watchFrom begins the first interval, if there is anyone to tell.
func (t *thread) watchFrom(start int64) {
	if t.run.plan.Watch != nil {
		t.mark = start + int64(t.run.plan.Interval)
		t.spare <- newSamples(len(t.shares), len(t.run.threads))
	}
}

// handOver ends an interval at the last edge up to now, unless no empty set has come back.
func (t *thread) handOver(now int64) {
	interval := int64(t.run.plan.Interval)
	edge := t.mark + (now-t.mark)/interval*interval
	t.mark = edge + interval
	select {
	case empty := <-t.spare:
		t.run.parts <- t.hand(edge, empty) // does not wait: the channel has room for all sets
	default:
	}
}

// hand makes a part of what the thread has got until at, and goes on with empty.
func (t *thread) hand(at int64, empty []record.Samples) part {
	p := part{thread: t.id, to: at, phase: t.reports(), target: t.visit.target, samples: t.current}
	if t.phase == recording && t.visit.recorded {
		t.lap.add(t.cur.samples, t.id, lap{max(at, t.lap.at), threadCPU(), t.runDelay()})
	}
	for i := range t.shares {
		s := &t.shares[i]
		s.samples.Up, s.samples.IdleUp = s.up, s.idleUp
		s.handed = s.counts()
		if empty != nil {
			s.samples = &empty[i]
		}
	}
	t.current = empty
	return p
}

// reports returns the phase that the current visit is part of.
func (t *thread) reports() Phase {
	if !t.visit.recorded || t.phase == leading && len(t.shares) == 1 {
		return Warming
	}
	return Measuring
}

// handRest hands over what is left when all load is over, which is at the same clock
// value for all threads.
func (t *thread) handRest(end int64) {
	p := t.hand(end, nil)
	p.phase = Done
	t.run.parts <- p
}

// A collector adds up what threads hand over and tells Plan.Watch.
type collector struct {
	run    *run
	told   int64            // end of the last interval
	held   []part           // by thread: what is not told yet, in sets of the collector's own
	totals []record.Samples // of all that is told
}

// collect returns the samples of the whole run, when all threads have handed over the
// rest.
func (r *run) collect() []record.Samples {
	c := collector{run: r, held: make([]part, len(r.threads)), totals: make([]record.Samples, len(r.plan.Targets))}
	for i := range c.held {
		c.held[i].samples = make([]record.Samples, len(r.plan.Targets))
	}
	for running := len(r.threads); running > 0; {
		p := <-r.parts
		if p.phase == Done {
			running--
		}
		if len(r.threads) == 1 {
			c.tell(p)
		} else {
			c.hold(p)
		}
		if p.phase != Done {
			empty(p.samples)
			r.threads[p.thread].spare <- p.samples
		}
	}
	return c.totals
}

func empty(all []record.Samples) {
	for i := range all {
		all[i].Reset()
	}
}

// hold keeps p, and tells an interval when what is held of all threads ends at the same
// edge. A thread that had no empty set at an edge has left it out, and the others are
// then ahead of it or behind until they meet again, at the end of all load if not before.
func (c *collector) hold(p part) {
	h := &c.held[p.thread]
	for i := range h.samples {
		h.samples[i].Extend(&p.samples[i])
	}
	h.to, h.phase, h.target = p.to, p.phase, p.target
	for i := range c.held {
		if c.held[i].to != p.to {
			return
		}
	}
	all := c.held[0]
	for _, other := range c.held[1:] {
		for i := range all.samples {
			all.samples[i].Merge(&other.samples[i])
		}
	}
	c.tell(all)
	for _, h := range c.held {
		empty(h.samples)
	}
}

// tell ends an interval with what all threads have done in it.
func (c *collector) tell(p part) {
	r := c.run
	if c.told == 0 {
		c.told = r.base
	}
	for i := range c.totals {
		c.totals[i].Extend(&p.samples[i])
	}
	if r.plan.Watch != nil {
		r.plan.Watch(&Interval{Start: time.Duration(c.told - r.base), End: time.Duration(p.to - r.base),
			Phase: p.phase, Target: p.target, Targets: p.samples})
	}
	c.told = p.to
}
