package claims

import (
	"math"
	"slices"

	"modelbench/results/stats"
)

// duel is how much worse one target is than another in a cell.
type duel struct {
	cell         int
	target, over string
	worse        paired // by block: log ratios, or differences, above 0 where the target is worse
	rope         float64
	lo, hi       float64 // interval of worse
	known        bool    // the interval reaches its level
	p            float64 // that it is no worse than by the rope, corrected over all duels of the target
}

// beaten tells whether the target is decidedly worse.
func (d duel) beaten() bool { return d.known && d.lo > d.rope && d.p <= 1-stats.Level+1e-12 }

// ofWinners asks for each target whether it is beaten in some cell, decidedly and by more than makes no difference: what the A/A
// arm of the experiment shows, 5%, or 10% in the tails, whichever is most.
//
//	yes   every target is. p is the greatest of the targets' (each must be beaten), and a target's is corrected over all rivals
//	      and cells (one is enough) by sign flips of whole blocks: stats.SignFlipMax
//	no    some target is in no cell worse than any other by more than that. p is the least of the targets' (one is enough), times
//	      their number, and a target's is the greatest of its one-sided signed-rank tests (it must hold against each): stats.BelowP
//	      with the same edge
//
// One of the two is true at most, so that the smaller p is the test's. Cells of one experiment share blocks; those of different
// experiments are tossed apart.
func (j *judge) ofWinners(w *Winners, predicts Prediction, name func(string) string) (seen, []*sample) {
	o := seen{lean: Unknown, Outcome: Outcome{P: 1}}
	duels, samples, why := j.duels(w, name)
	if why != "" {
		o.Answer, o.Why = Unasked, why
		return o, samples
	}
	for _, s := range samples {
		p := s.alone()
		o.LeftOut, o.Trials = o.LeftOut+p.leftOut, append(o.Trials, p.trials...)
	}
	slices.Sort(o.Trials)
	o.Trials = slices.Compact(o.Trials)
	o.Blocks = math.MaxInt
	allBeaten, someLeads := 0.0, 1.0
	beaten, best := 0, false
	for _, t := range w.Targets {
		own := correct(duels, t)
		least, greatest := 1.0, 0.0
		isBeaten, never := false, true
		for _, d := range own {
			least, greatest = min(least, d.p), max(greatest, stats.BelowP(d.worse.values, d.rope))
			isBeaten, never = isBeaten || d.beaten(), never && d.known && d.hi <= d.rope
			o.Blocks = min(o.Blocks, len(d.worse.values))
		}
		allBeaten, someLeads = max(allBeaten, least), min(someLeads, greatest*float64(len(w.Targets)))
		best = best || never
		if isBeaten {
			beaten++
		}
	}
	if o.Blocks == 0 {
		o.Answer, o.Why = Unasked, "the targets share no block in some cell"
		return o, samples
	}
	o.Estimate, o.Lo, o.Hi = float64(beaten), float64(beaten), float64(len(w.Targets))
	o.Level = stats.Level
	o.Cells = leaders(w, duels)
	if !predicts.Beaten {
		return o, samples
	}
	o.P, o.least = min(allBeaten, someLeads), math.Exp2(float64(1-o.Blocks))
	switch {
	case beaten == len(w.Targets):
		o.lean = Yes
	case best && beaten < len(w.Targets):
		o.lean = No
	}
	return o, samples
}

// duels are those of all ordered pairs of targets in all cells. why says what is missing; it is empty where nothing is.
func (j *judge) duels(w *Winners, name func(string) string) (all []*duel, samples []*sample, why string) {
	for c, cell := range w.Cells {
		m, err := MeasureOf(cell.Measure)
		if err != nil {
			return nil, samples, err.Error()
		}
		of := map[string]*sample{}
		for _, t := range w.Targets {
			s := j.sample(cell.Experiment, m, Operand{name(t), cell.Workload})
			if len(s.values) == 0 && why == "" {
				why = "no block has a value of " + t + " in " + cell.String() + " that may be believed"
			}
			of[t], samples = &s, append(samples, &s)
		}
		rope := max(m.ROPE(), j.noise(cell, m))
		if !m.Zero {
			rope = math.Log1p(rope)
		}
		for _, t := range w.Targets {
			for _, r := range w.Targets {
				if t != r {
					d := &duel{cell: c, target: t, over: r, rope: rope, worse: of[t].over(*of[r], m.Zero)}
					d.orient(m)
					for k := range d.worse.keys { // blocks of two experiments are not the same, whatever they are called
						d.worse.keys[k].campaign = cell.Experiment + "/" + d.worse.keys[k].campaign
					}
					all = append(all, d)
				}
			}
		}
	}
	return all, samples, why
}

// orient makes values such that more is worse, and finds their interval.
func (d *duel) orient(m *Measure) {
	if !m.Zero {
		d.worse.values = logs(d.worse.values)
	}
	if m.Better == stats.HigherIsBetter {
		for i := range d.worse.values {
			d.worse.values[i] = -d.worse.values[i]
		}
	}
	_, ci := stats.HodgesLehmann(d.worse.values, stats.Level)
	d.lo, d.hi, d.known = ci.Lo, ci.Hi, ci.Reaches(stats.Level)
}

// correct gives the duels of a target their p.
func correct(all []*duel, target string) (own []*duel) {
	var keys []blockKey
	for _, d := range all {
		if d.target == target {
			own = append(own, d)
			keys = append(keys, d.worse.keys...)
		}
	}
	slices.SortFunc(keys, blockKey.compare)
	keys = slices.CompactFunc(keys, func(a, b blockKey) bool { return a == b })
	series := make([][]float64, len(own))
	for i, d := range own {
		series[i] = make([]float64, len(keys))
		for k := range keys {
			series[i][k] = math.NaN()
		}
		for k, key := range d.worse.keys {
			at, _ := slices.BinarySearchFunc(keys, key, blockKey.compare)
			series[i][at] = d.worse.values[k] - d.rope
		}
	}
	for i, p := range stats.SignFlipMax(series, seed) {
		own[i].p = p
	}
	return own
}

// leaders says of each cell who is beaten, and who is not: nobody is shown to be better than they.
func leaders(w *Winners, duels []*duel) []CellWinner {
	cells := make([]CellWinner, len(w.Cells))
	for c := range cells {
		cells[c] = CellWinner{Cell: w.Cells[c], Leaders: []string{}, Beaten: []string{}}
		for _, t := range w.Targets {
			if slices.ContainsFunc(duels, func(d *duel) bool { return d.cell == c && d.target == t && d.beaten() }) {
				cells[c].Beaten = append(cells[c].Beaten, t)
			} else {
				cells[c].Leaders = append(cells[c].Leaders, t)
			}
		}
	}
	return cells
}

// String is the cell as the file has it.
func (c Cell) String() string { return c.Experiment + "/" + c.Workload + "/" + c.Measure }
