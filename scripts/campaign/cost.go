package campaign

import (
	"time"

	"modelbench/scripts/campaign/spec"
)

// connectTime is that of one connection: loadgen makes 10,000 in a second, for the sake of the server's backlog.
const connectTime = time.Second / 10_000

// idling is how long it takes to open one target's idle connections. Those that are loaded are a part of launchCost.
func (w Workload) idling() time.Duration { return time.Duration(w.Idle) * connectTime }

// cost is what one trial of a workload that stands alone takes. What stalls in it can add a second: so long loadgen waits for
// the last replies.
func (w Workload) cost() time.Duration {
	cost := launchCost + w.idling() + w.Warmup + w.lasts()
	if w.Fresh {
		cost += restartCost
	}
	if w.Fault != (spec.Injection{}) {
		cost += w.patience() // for requests that were sent last
	}
	return cost
}

// lasts is how long it is measured. That some requests, and no time, end it is only foreseen where a request's time is its own.
func (w Workload) lasts() time.Duration {
	if w.Requests == 0 || w.Wait == 0 && w.SpinIters == 0 {
		return w.Measure
	}
	turns := (w.Requests + w.Connections - 1) / w.Connections
	return min(w.Measure, time.Duration(turns)*w.request())
}

// limit is how long loadgen may take for a trial before it is stopped.
func (r Rotation) limit() time.Duration {
	if r.Workload.Alone { // a workload of some requests may take longer than expected, up to this
		return 2*(r.Expected-r.Workload.lasts()+r.Workload.Measure) + 5*time.Second
	}
	return 2*r.Expected + 5*time.Second
}
