package main

import (
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

// throughputs are the replies per second of each target, slice by slice. In a rotation
// they are equally long: what an interruption left of the last round is not in them.
func throughputs(rep *engine.Report) [][]float64 {
	series := make([][]float64, len(rep.Targets))
	for _, s := range rep.Slices {
		if s.Measured > 0 {
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
