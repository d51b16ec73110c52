package engine

import (
	"context"
	"reflect"
	"testing"
	"time"

	"modelbench/loadgen/record"
)

// The intervals are without gap, their samples add up to the report's, and a watcher
// that takes its time loses nothing.
func TestWatch(t *testing.T) {
	for name, p := range map[string]Plan{
		"closed":    {Connections: 3},
		"open":      {Connections: 3, Rate: 2000},
		"threads":   {Connections: 6, Threads: 3},
		"warm":      {Connections: 3, Threads: 2, Warmup: 60 * time.Millisecond},
		"rotation":  {Connections: 4, Threads: 2, Slice: 20 * time.Millisecond, Warmup: 50 * time.Millisecond},
		"pipelined": {Connections: 4, Pipeline: 3},
	} {
		for _, slow := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				server := serve(t, always(okReply))
				p := p
				p.Duration, p.Interval = 200*time.Millisecond, 10*time.Millisecond
				p.Targets = []Target{httpTarget(t, "a", server)}
				if p.Slice > 0 {
					p.Targets = append(p.Targets, httpTarget(t, "b", server))
				}
				sums := make([]record.Samples, len(p.Targets))
				var at time.Duration
				phase, intervals := Warming, 0
				p.Watch = func(iv *Interval) {
					if iv.Start != at || iv.End < at || phase == Done {
						t.Errorf("an interval from %v to %v after %v, phase %d", iv.Start, iv.End, at, phase)
					}
					at, phase = iv.End, iv.Phase
					intervals++
					for i := range sums {
						sums[i].Extend(&iv.Targets[i])
					}
					if slow && intervals < 3 {
						time.Sleep(35 * time.Millisecond)
					}
				}
				rep := mustRun(t, p)
				if phase != Done {
					t.Errorf("%d intervals, the last in phase %d", intervals, phase)
				}
				for i := range sums {
					got, want := sums[i], rep.Targets[i]
					want.ConnectError = ""
					if !sameSamples(&got, &want) {
						t.Errorf("target %d: the intervals add up to\n%+v, the report has\n%+v", i, got, want)
					}
				}
			})
		}
	}
}

func sameSamples(a, b *record.Samples) bool {
	x, y := *a, *b
	for _, h := range [][2]*record.Hist{{&x.Latency, &y.Latency}, {&x.Service, &y.Service}, {&x.Connect, &y.Connect}, {&x.Failures, &y.Failures}} {
		p50, _ := h[0].Quantile(0.5)
		q50, _ := h[1].Quantile(0.5)
		if h[0].Count() != h[1].Count() || h[0].Min() != h[1].Min() || h[0].Max() != h[1].Max() || p50 != q50 {
			return false
		}
	}
	for _, s := range []*record.Samples{&x, &y} {
		s.Latency, s.Service, s.Lag, s.Late, s.Connect, s.Failures = record.Hist{}, record.Hist{}, record.Hist{}, record.Hist{}, record.Hist{}, record.Hist{}
	}
	return reflect.DeepEqual(x, y)
}

// Intervals come while load is running.
func TestWatchGoesOn(t *testing.T) {
	t.Parallel()
	for _, threads := range []int{1, 3} {
		server := serve(t, always(okReply))
		ctx, cancel := context.WithCancel(context.Background())
		measured := 0
		rep, err := Run(ctx, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 3, Threads: threads, Duration: time.Hour,
			Interval: 10 * time.Millisecond, Watch: func(iv *Interval) {
				if iv.Phase == Measuring && iv.Targets[0].Measured > 0 {
					if measured++; measured == 3 {
						cancel()
					}
				}
			}})
		cancel()
		if err != nil || !rep.Interrupted || measured < 3 {
			t.Errorf("%d threads: %d intervals, error %v", threads, measured, err)
		}
	}
}

// The last interval comes in any case.
func TestWatchUnreachable(t *testing.T) {
	t.Parallel()
	server := serve(t, always(okReply))
	server.die()
	told := 0
	_, err := carryOut(context.Background(), Plan{Targets: []Target{httpTarget(t, "gone", server)}, Watch: func(iv *Interval) {
		if told++; iv.Phase != Done {
			t.Errorf("phase %d", iv.Phase)
		}
	}})
	if err == nil || told != 1 {
		t.Errorf("told %d times, error %v", told, err)
	}
}
