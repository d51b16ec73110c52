package analysis

import (
	"slices"

	"modelbench/results/stats"
)

// Family is the comparisons of one measure that are judged together: all pairs of targets in all workloads, or all targets with the
// baseline. Among many comparisons of equals some look different by chance; Holm's correction keeps the
// probability that any of a family does at 5%.
type Family struct {
	Measure *Measure `json:"measure"`
	// Comparisons is how many there are; those of targets that share no block are not among them.
	Comparisons int `json:"comparisons"`
	// LeastBlocks is how many blocks it takes at the least for one of them to survive the correction.
	LeastBlocks int `json:"least_blocks"`
	// Screened counts those that have fewer blocks than that. They are judged each on its own, so that about 5% of those that are
	// equal are called different: good for finding what is worth a longer campaign.
	Screened int `json:"screened"`
}

// adjust corrects the p values of each measure's family.
func adjust(all []*assessment) []Family {
	families := []Family{}
	for _, m := range Measures {
		var members []*pair
		for _, s := range all {
			if s.m == m {
				members = append(members, s.members()...)
			}
		}
		if len(members) == 0 {
			continue
		}
		f := Family{Measure: m, Comparisons: len(members), LeastBlocks: stats.MinBlocksFor(len(members), stats.Level)}
		ps := make([]float64, len(members))
		for i, p := range members {
			ps[i] = p.of.P
		}
		for i, adjusted := range stats.Holm(ps) {
			p := members[i]
			p.adjusted, p.family = adjusted, len(members)
			if p.screened = p.of.Ratio.Pairs < f.LeastBlocks; p.screened {
				f.Screened++
			}
		}
		families = append(families, f)
	}
	return families
}

// members are the pairs of an assessment that share blocks, in the order of their names.
func (s *assessment) members() []*pair {
	var list []*pair
	for i, a := range s.present {
		for _, b := range s.present[i+1:] {
			if p := s.pairs[[2]string{a, b}]; p != nil && p.of.Ratio.Pairs > 0 {
				list = append(list, p)
			}
		}
	}
	return slices.Clip(list)
}

// comparison is the pair as one of its two sees it, with is the other one.
func (p *pair) comparison(m *Measure, noise float64, with string, inverse bool) *Comparison {
	of := p.of
	if inverse {
		r := &of.Ratio
		r.Estimate, r.Interval.Lo, r.Interval.Hi = 1/r.Estimate, 1/r.Interval.Hi, 1/r.Interval.Lo
	}
	c := &Comparison{With: with, Pairs: of.Ratio.Pairs, P: of.P, AdjustedP: p.adjusted, EquivalenceP: of.EquivalenceP, Screening: p.screened}
	if c.Pairs > 0 {
		c.Estimate, c.Lo, c.Hi, c.Level = of.Ratio.Estimate, of.Ratio.Interval.Lo, of.Ratio.Interval.Hi, of.Ratio.Interval.Level
	}
	d := stats.Decide(of, p.adjusted, p.family, m.Better)
	if p.screened {
		d = stats.Judge(of.Ratio, of.ROPE, m.Better)
	}
	c.Verdict, c.BlocksNeeded = d.Verdict, d.Blocks
	c.KeepWithin(noise)
	return c
}

// KeepWithin makes a difference that is estimated to be no larger than the machine's noise undecided: see Section.Noise.
func (c *Comparison) KeepWithin(noise float64) {
	if c.Decided() && c.IsWithin(noise) {
		c.WithinNoise, c.Verdict, c.BlocksNeeded = true, stats.Undecided, 0
	}
}

// IsWithin tells whether the ratio is estimated to be no farther from 1 than so much noise, a fraction.
func (c *Comparison) IsWithin(noise float64) bool {
	return c.Estimate >= 1/(1+noise) && c.Estimate <= 1+noise
}
