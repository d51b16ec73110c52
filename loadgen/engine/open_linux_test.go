package engine

import (
	"testing"
	"time"
)

// What is due follows from the schedule alone, however late it leaves: a ramp from 1000
// to 3000/s is 600 requests in 300 ms, and so are three steps of 100 ms with that mean.
func TestScheduleDecidesWhatIsDue(t *testing.T) {
	t.Parallel()
	server := serve(t, always(okReply))
	for name, p := range map[string]Plan{
		"ramp":        {Ramp: [2]float64{1000, 3000}},
		"warm ramp":   {Ramp: [2]float64{1000, 3000}, Warmup: 50 * time.Millisecond},
		"steps":       {Steps: []float64{1000, 4000, 1000}, Threads: 2},
		"warm steps":  {Steps: []float64{4000, 1000, 1000}, Warmup: 50 * time.Millisecond, Threads: 2},
		"from 0 to 4": {Ramp: [2]float64{0, 4000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p.Targets, p.Connections, p.Duration = []Target{httpTarget(t, "a", server)}, 4, 300*time.Millisecond
			rep := mustRun(t, p)
			if s := &rep.Targets[0]; s.Due < 599 || s.Due > 601 {
				t.Errorf("%d due, want 600", s.Due)
			}
			if got := rep.Plan.Offered(); got < 1999 || got > 2001 {
				t.Errorf("offered %g, want 2000", got)
			}
			if rep.Arrivals != nil {
				t.Error("evenly spaced arrivals were judged as random ones")
			}
		})
	}
}

// Random arrivals are judged by the intervals as they were sent, in each slice apart.
func TestPoisson(t *testing.T) {
	t.Parallel()
	server := serve(t, always(okReply))
	for _, threads := range []int{1, 2} {
		p := Plan{Rate: 5000, Poisson: true, Seed: 1, Threads: threads, Connections: 8, Duration: 300 * time.Millisecond,
			Targets: []Target{httpTarget(t, "a", server)}}
		rep := mustRun(t, p)
		s := &rep.Targets[0]
		if s.Due < 1200 || s.Due > 1800 || len(rep.Arrivals) != 1 || rep.Arrivals[0].Intervals != s.Sent-uint64(threads) {
			t.Errorf("%d threads: %d due, %d sent, arrivals %+v", threads, s.Due, s.Sent, rep.Arrivals)
		}
		again := mustRun(t, p)
		if again.Targets[0].Due != s.Due {
			t.Errorf("%d due with a seed, then %d with the same", s.Due, again.Targets[0].Due)
		}
	}
	p := Plan{Rate: 5000, Poisson: true, Seed: 1, Connections: 8, Duration: 300 * time.Millisecond, Slice: 30 * time.Millisecond,
		Targets: []Target{httpTarget(t, "a", server), httpTarget(t, "b", server)}}
	rep := mustRun(t, p)
	for i := range rep.Targets {
		s := &rep.Targets[i]
		if n := rep.Arrivals[i].Intervals; n > s.Sent-1 || n+uint64(s.Windows) < s.Sent {
			t.Errorf("target %d: %d intervals of %d requests in %d slices", i, n, s.Sent, s.Windows)
		}
	}
}
