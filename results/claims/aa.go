package claims

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"modelbench/results/stats"
)

// aa compares each target that ran twice with itself, in the workloads and measures that tests of the set ask for.
func (j *judge) aa() []AA {
	list := []AA{}
	for _, cell := range j.cells() {
		m, err := MeasureOf(cell.Measure)
		if err != nil || m.Zero {
			continue // without a logarithm there is no ratio
		}
		for target, pair := range j.twins(cell, m) {
			o := ofValues(pair, Prediction{Above: 1}, logarithmic)
			if o.Blocks > 0 {
				list = append(list, AA{cell.Experiment, cell.Workload, cell.Measure, target, o.Estimate, o.Lo, o.Hi, o.P, 0, o.Blocks})
			}
		}
	}
	slices.SortFunc(list, func(a, b AA) int {
		return cmp.Or(strings.Compare(a.Experiment, b.Experiment), strings.Compare(a.Workload, b.Workload),
			strings.Compare(a.Measure, b.Measure), strings.Compare(a.Target, b.Target))
	})
	ps := make([]float64, len(list))
	for i, a := range list {
		ps[i] = a.P
	}
	for i, p := range stats.Holm(ps) {
		list[i].Adjusted = p
	}
	return list
}

// Loud are the A/A pairs that differ after the correction over all of them: none is what a quiet machine gives in 95 of 100 runs.
func (r Report) Loud() []AA {
	return slices.DeleteFunc(slices.Clone(r.AA), func(a AA) bool { return a.Adjusted > 1-stats.Level })
}

// cells are those that tests ask for, each once.
func (j *judge) cells() []Cell {
	all := map[Cell]bool{}
	for _, c := range j.set.Claims {
		for _, t := range c.Tests {
			for _, o := range t.Quantity.operands() {
				all[Cell{t.Experiment, o.Workload, t.Measure}] = true
			}
			if w := t.Quantity.Winners; w != nil {
				for _, cell := range w.Cells {
					all[cell] = true
				}
			}
		}
	}
	return slices.SortedFunc(maps.Keys(all), func(a, b Cell) int { return strings.Compare(a.String(), b.String()) })
}

// twins are the second runs over the first, by the target's name.
func (j *judge) twins(c Cell, m *Measure) map[string]paired {
	arms := map[string]string{}
	for _, r := range j.rows[c.Experiment] {
		if first, is := r.Again(); is {
			arms[first] = r.Target
		}
	}
	pairs := map[string]paired{}
	for first, again := range arms {
		a, b := j.sample(c.Experiment, m, Operand{again, c.Workload}), j.sample(c.Experiment, m, Operand{first, c.Workload})
		pairs[first] = a.over(b, m.Zero)
	}
	return pairs
}

// noise is how far a target may be from itself in a cell, as a fraction; 0: there is no A/A arm, or too few blocks to say.
func (j *judge) noise(c Cell, m *Measure) float64 {
	if m.Zero {
		return 0
	}
	var all [][]float64
	for _, p := range j.twins(c, m) {
		all = append(all, logs(p.values))
	}
	bound, reached := stats.NoiseBound(all...)
	if reached < stats.Level {
		return 0
	}
	return bound
}

// runs says how each experiment of the set went, in their order.
func (j *judge) runs(campaigns map[string]Campaign, rows map[string][]row, run *Run, python bool) []ExperimentRun {
	list := []ExperimentRun{}
	for _, e := range j.set.Experiments {
		why := ""
		if run != nil {
			for _, d := range run.Dropped {
				if d.Experiment == e.Name && d.Python == python {
					why = d.Why
				}
			}
		}
		c, ran := campaigns[e.Name]
		if python && !ran && why == "" {
			continue
		}
		r := ExperimentRun{Experiment: e, Folder: c.Folder, Trials: len(c.Trials), Verdicts: map[string]int{}, Dropped: why}
		blocks := map[blockKey]bool{}
		for _, t := range rows[e.Name] {
			r.Verdicts[t.Verdict]++
			if t.in.alone == 0 {
				blocks[t.in] = true
			}
		}
		r.Blocks = len(blocks)
		list = append(list, r)
	}
	return list
}
