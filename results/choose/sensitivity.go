package choose

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// sensitivity asks how firmly the answer rests on the blocks that happened to be measured, and where else it would be another.
func (c *chooser) sensitivity() {
	c.advice.Flips = []Sentence{}
	if len(c.rounds) == 0 {
		return
	}
	c.stability(c.rounds[len(c.rounds)-1])
	if c.advice.Outcome == Recommendation {
		c.flips(c.last())
	}
}

// stability draws the blocks anew and counts who wins: who has the best centre in every dimension.
func (c *chooser) stability(r round) {
	if len(r.targets) < 2 {
		return
	}
	var all []series
	for _, d := range r.dims {
		for _, name := range r.targets {
			all = append(all, d.values[name])
		}
	}
	blocks := common(all...)
	if len(blocks) < stats.MinPairs(stats.Level) { // a few blocks drawn anew are the same few blocks
		return
	}
	logs := make([][][]float64, len(r.dims)) // by dimension and target, over blocks
	for i, d := range r.dims {
		logs[i] = centred(d, r.targets, blocks)
		if r.measure.Better == stats.HigherIsBetter {
			for _, own := range logs[i] {
				for j := range own {
					own[j] = -own[j]
				}
			}
		}
	}
	wins := stats.Stability(len(blocks), len(r.targets), seed, func(sample []int) int { return bestIn(logs, sample) })
	c.advice.Stability = &Stability{Metric: r.measure.Key, Blocks: len(blocks), Resamples: stats.Resamples}
	for i, f := range wins {
		c.advice.Stability.Wins = append(c.advice.Stability.Wins, WinShare{r.targets[i], f.Share()})
	}
	slices.SortStableFunc(c.advice.Stability.Wins, func(a, b WinShare) int { return cmp.Compare(b.Share, a.Share) })
}

// centred are the logarithms of the targets' values over blocks, less each block's mean, so that drift between blocks favours nobody.
func centred(d dimension, targets []string, blocks []block) [][]float64 {
	logs := make([][]float64, len(targets))
	mean := make([]float64, len(blocks))
	for t, name := range targets {
		logs[t] = d.values[name].over(blocks)
		for j, v := range logs[t] {
			logs[t][j] = math.Log(v)
			mean[j] += logs[t][j] / float64(len(targets))
		}
	}
	for t := range logs {
		for j := range logs[t] {
			logs[t][j] -= mean[j]
		}
	}
	return logs
}

// bestIn returns who has the lowest centre over the sampled blocks in every dimension; -1: nobody has.
func bestIn(logs [][][]float64, sample []int) int {
	winner := -1
	own := make([]float64, len(sample))
	for i, targets := range logs {
		best, lowest := -1, math.Inf(1)
		for t := range targets {
			for j, b := range sample {
				own[j] = targets[t][b]
			}
			if centre, _ := stats.HodgesLehmann(own, stats.Level); centre < lowest {
				best, lowest = t, centre
			}
		}
		if i > 0 && best != winner {
			return -1
		}
		winner = best
	}
	return winner
}

// flip is a measured cell in which the winner loses.
type flip struct {
	column   string // in which the cell differs; workload for another one
	distance float64
	sentence Sentence
}

// flips looks for cells that differ from those asked for in one factor, or in the workload, and in which another target beats the winner by
// the same measure. Of each factor it keeps the nearest.
func (c *chooser) flips(r round) {
	winner := r.leaders[0]
	nearest := map[string]flip{}
	for _, w := range c.measured(func(*analysis.Workload) bool { return true }) {
		if slices.ContainsFunc(c.sources, func(s source) bool { return s.column == "" && s.cells[0] == w }) {
			continue
		}
		sec := section(w, r.measure)
		if sec == nil || !slices.Contains(w.Targets, winner) {
			continue
		}
		column, distance, what := c.differs(w)
		if column == "" {
			continue
		}
		c.advice.Looked++
		s, lost := c.loses(w, sec, winner)
		if old, has := nearest[column]; lost && (!has || distance < old.distance) {
			s.Text += what
			nearest[column] = flip{column, distance, s}
		}
	}
	for _, column := range slices.Sorted(maps.Keys(nearest)) {
		c.advice.Flips = append(c.advice.Flips, nearest[column].sentence)
	}
}

// differs tells in which one column a cell differs from one that was asked for, and how far; the column is empty if in several.
// For another workload the distance is in the number of its further differences.
func (c *chooser) differs(w *analysis.Workload) (column string, distance float64, what string) {
	for _, s := range c.sources {
		if s.column != "" && slices.Contains(s.cells, w) {
			return s.column, math.Abs(math.Log(number(w, s.column)) - math.Log(s.want)), fmt.Sprintf(" (%s %s instead of %s)", s.column, w.Factors[s.column], analysis.Short(s.want))
		}
		for _, from := range s.cells {
			var in []string
			for _, col := range append(conditions(), "workload") {
				if from.Factors[col] != w.Factors[col] {
					in = append(in, col)
				}
			}
			switch {
			case from.Name != w.Name:
				if column == "" || column == "workload" && float64(len(in)) < distance {
					column, distance, what = "workload", float64(len(in)), fmt.Sprintf(" (%s instead of %s)", w.Name, s.share.Workload)
				}
			case len(in) == 1:
				x, y := number(from, in[0]), number(w, in[0])
				d := math.Abs(math.Log(y) - math.Log(x))
				if math.IsNaN(d) {
					d = math.Inf(1)
				}
				if column == "" || column == "workload" || d < distance {
					column, distance, what = in[0], d, fmt.Sprintf(" (%s %s instead of %s)", in[0], cmp.Or(w.Factors[in[0]], "none"), cmp.Or(from.Factors[in[0]], "none"))
				}
			}
		}
	}
	return column, distance, what
}

// loses tells whether another candidate beats the winner in a cell, by its best one.
func (c *chooser) loses(w *analysis.Workload, sec *analysis.Section, winner string) (Sentence, bool) {
	d := dimension{workload: w.Name, title: w.Title, rope: max(sec.ROPE, sec.Noise), values: map[string]series{}}
	names := []string{winner}
	for _, k := range c.candidates {
		if k.Target != winner && slices.Contains(w.Targets, k.Target) {
			names = append(names, k.Target)
		}
	}
	for _, name := range names {
		d.values[name] = valuesIn(w, name, sec.Measure)
	}
	var worst *pair
	for _, p := range compare(sec.Measure, []dimension{d}, names) {
		if p.a == winner && p.relation == beaten && (worst == nil || math.Abs(math.Log(p.of.Ratio.Estimate)) > math.Abs(math.Log(worst.of.Ratio.Estimate))) {
			worst = p
		}
	}
	if worst == nil {
		return Sentence{}, false
	}
	return worst.sentence(sec.Measure, winner), true
}
