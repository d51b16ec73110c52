package campaign

import (
	"fmt"
	"maps"
	"math"
	"slices"

	"modelbench/results/trial"
)

// Rate is the fixed rate of a workload and where it comes from.
type Rate struct {
	Workload string             `json:"workload"`
	RPS      float64            `json:"rps"`                    // offered to every target alike
	Capacity map[string]float64 `json:"capacity_rps,omitempty"` // of each target in a short closed loop, the client sharing the machine
	Slowest  string             `json:"slowest,omitempty"`
	Share    float64            `json:"share,omitempty"` // of what the slowest reached; 0: the rate was given
}

// String says the rate and its reason to a person.
func (r Rate) String() string {
	if r.Slowest == "" {
		return fmt.Sprintf("%s: %.6g requests/s for every target, as given", r.Workload, r.RPS)
	}
	return fmt.Sprintf("%s: %.6g requests/s for every target, %.3g%% of the %.0f that %s, the slowest, reached",
		r.Workload, r.RPS, 100*r.Share, r.Capacity[r.Slowest], r.Slowest)
}

// mostApart is how many times the slowest's capacity the fastest's may be before that is said.
const mostApart = 5

// farApart says that the rate is next to nothing for the fastest target; empty: it is not.
func (r Rate) farApart() string {
	fastest := r.Slowest
	for _, name := range slices.Sorted(maps.Keys(r.Capacity)) {
		if r.Capacity[name] > r.Capacity[fastest] {
			fastest = name
		}
	}
	least, most := r.Capacity[r.Slowest], r.Capacity[fastest]
	if most <= mostApart*least {
		return ""
	}
	return fmt.Sprintf("%s: %s reached %.0f requests/s and %s %.0f, %.3g times as many. At a rate that both can meet, what a request costs the fast one is mostly to "+
		"wake up for it; a closed loop (--path with --rate closed, rate: closed in a campaign's file) compares capacities", r.Workload, r.Slowest, least, fastest, most, most/least)
}

// rateShare is the usual fixed rate's part of what the slowest target reached in a closed
// loop, in which requests come in batches and so cost both ends less than one by one.
// At a half the load generator, sharing two CPUs with the server, computes for 73 to
// 86% of the time, and while others compiled there 20 of 112 trials missed the rate;
// at a quarter it is below 60% and 6 of 112. A rate that some target cannot meet
// compares queues, not models.
const rateShare = 1.0 / 4

// chooseRate takes the workload's share of what the slowest target reached, rounded down to two
// significant digits. Each row is of a target that completed something.
func chooseRate(w Workload, rows map[string]trial.Trial) (Rate, error) {
	r := Rate{Workload: w.Name, Share: w.Rate.Share, Capacity: make(map[string]float64, len(rows))}
	least := math.Inf(1)
	for _, name := range slices.Sorted(maps.Keys(rows)) {
		rps := rows[name].ThroughputRPS.Or(0)
		r.Capacity[name] = rps
		if rps < least {
			least, r.Slowest = rps, name
		}
	}
	r.RPS = twoDigits(least * w.Rate.Share)
	if r.Slowest == "" || r.RPS < 1 {
		return Rate{}, fmt.Errorf("no target answered %s fast enough to find a rate", w.Name)
	}
	return r, nil
}

// twoDigits rounds a positive number down to two significant decimal digits.
func twoDigits(v float64) float64 {
	if math.IsInf(v, 0) || v <= 0 {
		return 0
	}
	unit := math.Pow10(int(math.Floor(math.Log10(v))) - 1)
	if unit < 1 { // a product with 0.1 is not exact
		return math.Floor(v/unit) / math.Round(1/unit)
	}
	return math.Floor(v/unit) * unit
}
