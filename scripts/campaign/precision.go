package campaign

import (
	"fmt"
	"math"
	"slices"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

// precision is how well a workload's targets are told apart: the widest interval among the
// ratios of each target to the best.
type precision struct {
	workload, target string
	half             float64 // half the width of the 95% interval, as a share of the ratio; +Inf: not known
}

func (p precision) String() string {
	return fmt.Sprintf("%s in %s, ±%.2g%%", p.target, p.workload, 100*p.half)
}

// precise tells whether the trials of whole blocks are enough for Config.Until, and which
// interval is the widest. A campaign that stops at a width, whatever the ratio in it, is
// not one that stops when it likes what it sees.
func precise(until float64, trials []trial.Trial, workloads []Workload) (widest precision, enough bool) {
	for _, w := range workloads {
		if w.studied() {
			continue // what it is about has no interval here
		}
		if p := widestOf(w, trials); p.target != "" && p.half >= widest.half {
			widest = p
		}
	}
	return widest, widest.target != "" && widest.half <= until
}

// widestOf compares each target with the best one: in server CPU per request at a fixed rate,
// in throughput in a closed loop. Where there is no pair at all there is no target either.
func widestOf(w Workload, trials []trial.Trial) precision {
	byTarget := map[string]map[int64]float64{} // by block
	var names []string
	for _, t := range trials {
		if _, again := t.Again(); again || t.Workload != w.Name {
			continue
		}
		if byTarget[t.Target] == nil {
			byTarget[t.Target] = map[int64]float64{}
			names = append(names, t.Target)
		}
		if v, known := cost(t); known {
			byTarget[t.Target][t.Block.Or(0)] = v
		}
	}
	if len(names) == 0 {
		return precision{}
	}
	best := slices.MinFunc(names, func(a, b string) int {
		return compareCost(typical(byTarget[a]), typical(byTarget[b]))
	})
	widest := precision{workload: w.Name}
	for _, name := range names {
		if name == best {
			continue
		}
		if half := halfWidth(byTarget[name], byTarget[best]); half >= widest.half {
			widest.target, widest.half = name, half
		}
	}
	return widest
}

// cost is what a trial is judged by: CPU per request at a fixed rate, time per request in a
// closed loop; the less, the better. Trials that are not valid have none.
func cost(t trial.Trial) (v float64, known bool) {
	if t.Verdict != trial.VerdictOK {
		return 0, false
	}
	if t.OpenLoop() {
		v, known = t.ServerCPUUsPerReq.Get()
	} else {
		v, known = t.ThroughputRPS.Get()
		v = 1 / v
	}
	return v, known && v > 0 && !math.IsInf(v, 0)
}

func typical(byBlock map[int64]float64) float64 {
	var all []float64
	for _, v := range byBlock {
		all = append(all, v)
	}
	median, _ := stats.Median(all, stats.Level)
	return median // NaN without any
}

// compareCost orders costs, those that are not known last.
func compareCost(a, b float64) int {
	switch {
	case math.IsNaN(a) && math.IsNaN(b), a == b:
		return 0
	case math.IsNaN(b), a < b:
		return -1
	}
	return 1
}

// halfWidth is +Inf where the pairs are too few for an interval.
func halfWidth(a, b map[int64]float64) float64 {
	var as, bs []float64
	for block, v := range a {
		if u, paired := b[block]; paired {
			as, bs = append(as, v), append(bs, u)
		}
	}
	r, err := stats.CompareRatio(as, bs, stats.Level)
	if err != nil || !r.Interval.Reaches(stats.Level) {
		return math.Inf(1)
	}
	return (r.Interval.Hi - r.Interval.Lo) / 2 / r.Estimate
}
