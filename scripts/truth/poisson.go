package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"modelbench/scripts/truth/capture"
)

// poisson has loadgen send at the times of a Poisson process and asks twice whether the
// requests left as one: loadgen, of the times it sent at, and a capture, of the segments.
type poisson struct {
	Duration time.Duration `short:"d" default:"20s" help:"Of the load."`
	Rate     int           `short:"R" default:"200" help:"Requests per second: so few that the microseconds by which anything is late are little beside an interval."`
}

// poissonLevel is how often intervals of a real Poisson process would be refused.
const poissonLevel = 0.001

func (p *poisson) check() error {
	if float64(p.Rate)*p.Duration.Seconds() < 1000 {
		return usage("--rate", "%d requests/s for %v are too few to tell a distribution", p.Rate, p.Duration)
	}
	return nil
}

func (p *poisson) title() string {
	return fmt.Sprintf("%d requests/s for %v at the times of a Poisson process: the intervals between them", p.Rate, p.Duration)
}

func (p *poisson) measure(ctx context.Context, b *bench) ([]finding, error) {
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	o, m, err := b.loadCaptured(ctx, server, "-R", fmt.Sprint(p.Rate), "--arrivals", "poisson", "-d", p.Duration.String(), "-w", "0s")
	if err != nil {
		return nil, err
	}
	return p.findings(o, m), nil
}

func (p *poisson) findings(o *outcome, m *capture.Matcher) []finding {
	said := finding{what: "intervals as loadgen sent them", expected: "a Poisson process", measured: "it does not say"}
	if a := o.Arrivals; a != nil {
		said.measured = fmt.Sprintf("distance %.4f of %d intervals (p %.3f)", a.Distance, a.Intervals, a.P)
		said.holds = a.Poisson != nil && *a.Poisson
	}
	gaps := intervals(m.Exchanges)
	d := exponentialDistance(gaps, float64(p.Rate))
	most := criticalDistance(len(gaps))
	return []finding{
		said,
		{
			what:     "intervals as captured",
			expected: fmt.Sprintf("distance at most %.4f (level %v)", most, poissonLevel),
			measured: fmt.Sprintf("distance %.4f of %d intervals", d, len(gaps)),
			holds:    d <= most,
		},
		within("exchanges captured", float64(o.Completed), capturedMost*float64(o.Completed), float64(len(m.Exchanges)), ""),
		o.balance(),
	}
}

// intervals are the times between successive requests, in seconds, in ascending order.
func intervals(exchanges []capture.Exchange) []float64 {
	sent := make([]int64, 0, len(exchanges))
	for _, e := range exchanges {
		sent = append(sent, e.Sent)
	}
	slices.Sort(sent)
	var gaps []float64
	for i := 1; i < len(sent); i++ {
		gaps = append(gaps, float64(sent[i]-sent[i-1])/1e9)
	}
	slices.Sort(gaps)
	return gaps
}

// exponentialDistance is the greatest difference between the distribution function of sorted
// intervals and that of a Poisson process of this rate (Kolmogorov, Smirnov); NaN of none.
func exponentialDistance(sorted []float64, rate float64) float64 {
	n := float64(len(sorted))
	if n == 0 {
		return math.NaN()
	}
	most := 0.0
	for i, gap := range sorted {
		u := -math.Expm1(-rate * gap)
		most = max(most, u-float64(i)/n, float64(i+1)/n-u)
	}
	return most
}

// criticalDistance is what n intervals of a Poisson process exceed with a probability of
// poissonLevel: 1.9495 is where Kolmogorov's distribution has it, and Stephens' (1970) factor makes
// that good for any n above five.
func criticalDistance(n int) float64 {
	root := math.Sqrt(float64(n))
	return 1.9495 / (root + 0.12 + 0.11/root)
}
