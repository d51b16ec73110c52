package main

import (
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

// evidence is what is known of a target beside its samples, for the verdict.
func evidence(rep *engine.Report, target int, s *servers) record.Evidence {
	e := record.Evidence{Offered: rep.Plan.Offered(), Steal: s.steal.Or(0)}
	if rep.Plan.Pace().Changes() {
		return e // throughput is meant to change
	}
	series := throughputs(rep)
	if e.Beside = len(series) > 1; e.Beside {
		e.Trend = record.NewTrend(record.Beside(series, target))
	} else if len(series) == 1 {
		e.Trend = record.NewTrend(series[0])
	}
	return e
}

// throughputs are the replies per second of each target, slice by slice. The slices are
// equally long but for the last of all, which is what was left of the time, or what an
// interruption left of it: one under half as long as the longest says too little, and is
// not in them. In a rotation neither is what was left of a round.
func throughputs(rep *engine.Report) [][]float64 {
	longest := time.Duration(0)
	for _, s := range rep.Slices {
		longest = max(longest, s.Measured)
	}
	series := make([][]float64, len(rep.Targets))
	for i, s := range rep.Slices {
		if s.Measured > 0 && (i < len(rep.Slices)-1 || s.Measured >= longest/2) {
			series[s.Target] = append(series[s.Target], float64(s.Replies)/s.Measured.Seconds())
		}
	}
	rounds := len(rep.Slices)
	for _, v := range series {
		rounds = min(rounds, len(v))
	}
	for i := range series {
		series[i] = series[i][:rounds]
	}
	return series
}
