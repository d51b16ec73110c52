package main

import (
	"context"
	"fmt"
	"math"
	"time"
)

// same has loadgen compare a server with itself. The truth is known: the ratio of CPU per
// request is 1. Of intervals at 95%, one in twenty may miss it.
type same struct {
	Runs     int           `default:"20" help:"Rotations."`
	Duration time.Duration `short:"d" default:"10s" help:"Of each."`
	Rate     string        `short:"R" help:"Requests per second on either target; without it a closed loop."`
}

const (
	sameMeasure   = "server_cpu_us_per_req"
	sameHalfWidth = 0.025 // of the interval, at most
	sameMisses    = 0.1   // share of the intervals that may leave 1 out: 2 of 20
)

func (s *same) check() error {
	if s.Runs < 1 {
		return usage("--runs", "%d is less than 1", s.Runs)
	}
	return atLeast("--duration", s.Duration, time.Second)
}

func (s *same) title() string {
	return fmt.Sprintf("the same server under two names, %d rotations of %v: its CPU per request, as a ratio", s.Runs, s.Duration)
}

func (s *same) measure(ctx context.Context, b *bench) ([]finding, error) {
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	url, pid := plaintext(server), fmt.Sprint(server.Proc.PID)
	var ratios []ratio
	for run := range s.Runs {
		args := []string{"-d", s.Duration.String(), "--pid", "a=" + pid, "--pid", "b=" + pid, "--seed", fmt.Sprint(run + 1)}
		if s.Rate != "" {
			args = append(args, "-R", s.Rate)
		}
		l, err := b.start([]string{"a=" + url, "b=" + url}, args...)
		if err != nil {
			return nil, err
		}
		r, err := b.finish(ctx, l)
		if err != nil {
			return nil, err
		}
		one, err := cpuRatio(r)
		if err != nil {
			return nil, fmt.Errorf("run %d: %w", run+1, err)
		}
		ratios = append(ratios, one)
	}
	return sameFindings(ratios), nil
}

// cpuRatio is the one ratio of CPU per request that a rotation of two targets has.
func cpuRatio(r *report) (ratio, error) {
	for _, one := range r.Ratios {
		if one.Measure == sameMeasure {
			return one, nil
		}
	}
	return ratio{}, fmt.Errorf("loadgen gives no ratio of %s", sameMeasure)
}

func sameFindings(ratios []ratio) []finding {
	held, widest := 0, 0.0
	lowest := math.Inf(1)
	for _, r := range ratios {
		if r.Lo <= 1 && r.Hi >= 1 {
			held++
		}
		widest = max(widest, (r.Hi-r.Lo)/2)
		lowest = min(lowest, r.Level)
	}
	n := len(ratios)
	most := int(sameMisses * float64(n))
	return []finding{
		{
			what: "intervals that hold 1", expected: fmt.Sprintf("at least %d of %d", n-most, n), measured: fmt.Sprint(held),
			holds: n > 0 && held >= n-most,
		},
		atMost("widest interval", 100*sameHalfWidth, 100*widest, "% either way"),
		{what: "level of the intervals", expected: "95%", measured: fmt.Sprintf("%s%%", short(100*lowest)), holds: lowest >= 0.95-1e-9},
	}
}
