package main

import (
	"cmp"
	"math"
	"slices"

	"modelbench/loadgen/engine"
	"modelbench/results/stats"
)

// Measures by which the targets of a rotation are compared, as --json names them.
const (
	byThroughput = "throughput_rps"
	byCPU        = "server_cpu_us_per_req"
)

// level is the confidence of all intervals.
const level = 0.95

// A comparison says how many times as much one target has as the best.
type comparison struct {
	measure      string
	target, base int // indices of Plan.Targets
	ratio        stats.Ratio
}

// A measure is how a target did in one slice, as a quotient; NaN where that is not known.
type measure struct {
	name string
	best float64                           // 1 if the smallest is the best, -1 if the greatest is
	of   func(i int) (over, under float64) // of rep.Slices[i]
}

// compare sets each target beside the best one, round by round: what the machine did in a
// round it did to all of them. The best is the one with the best figure over all slices.
// costs, if not nil, is beside rep.Slices.
//
// An open loop has no throughput to compare, as it is what was offered.
func compare(rep *engine.Report, costs []sliceCost) (all []comparison) {
	if !rep.Plan.Open() {
		all = append(all, compareBy(rep, measure{byThroughput, -1, func(i int) (float64, float64) {
			return float64(rep.Slices[i].Replies), rep.Slices[i].Measured.Seconds()
		}})...)
	}
	if costs != nil {
		all = append(all, compareBy(rep, measure{byCPU, 1, func(i int) (float64, float64) {
			if !costs[i].known {
				return math.NaN(), math.NaN()
			}
			return costs[i].cpu.Seconds(), float64(rep.Slices[i].Replies)
		}})...)
	}
	return all
}

// compareBy compares the targets that have been measured.
func compareBy(rep *engine.Report, m measure) (all []comparison) {
	n := len(rep.Plan.Targets)
	series := make([][]float64, n)
	overs, unders := make([]float64, n), make([]float64, n)
	for i := range len(rep.Slices) / n * n { // what is left of a round that was interrupted has no pair
		t := rep.Slices[i].Target
		over, under := m.of(i)
		series[t] = append(series[t], over/under)
		overs[t] += over
		unders[t] += under
	}
	var known []int
	for i := range n {
		if unders[i] > 0 {
			known = append(known, i)
		}
	}
	if len(known) == 0 {
		return nil
	}
	base := slices.MinFunc(known, func(a, b int) int {
		return cmp.Compare(m.best*overs[a]/unders[a], m.best*overs[b]/unders[b])
	})
	for _, i := range known {
		if i == base {
			continue
		}
		ratio, err := stats.SeriesRatio(series[i], series[base], level)
		if err != nil || ratio.Pairs == 0 {
			continue // no round has both, or one of the targets ended
		}
		all = append(all, comparison{m.name, i, base, ratio})
	}
	return all
}
