package report

import (
	"math"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// method is what the page's explanation fills in.
type method struct {
	Level          string // wanted of intervals
	Lo, Hi         string // that they reach
	Short          bool   // some miss it
	ROPE, TailROPE string
	MinPairs       int
	Comparisons    int // in the largest family
	LeastBlocks    int
	Screened       int
	AA             bool
	Closed         bool // there is a closed loop
	Baseline       string
}

func newMethod(a *analysis.Analysis) method {
	m := method{Level: analysis.Percent(stats.Level), ROPE: analysis.Percent(a.Options.ROPE), TailROPE: analysis.Percent(a.Options.TailROPE),
		MinPairs: stats.MinPairs(stats.Level), Baseline: a.Options.Baseline}
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, wl := range a.Workloads {
		m.Closed = m.Closed || wl.Closed
		for _, s := range wl.Sections {
			m.AA = m.AA || s.AA != nil && s.AA.Pairs > 0
			for _, r := range s.Rows {
				lo, hi = min(lo, r.Level), max(hi, r.Level)
				if r.Versus != nil && r.Versus.Pairs > 0 {
					lo, hi = min(lo, r.Versus.Level), max(hi, r.Versus.Level)
				}
			}
		}
	}
	if lo <= hi {
		m.Lo, m.Hi, m.Short = analysis.Percent(lo), analysis.Percent(hi), lo < stats.Level
	}
	for _, f := range a.Families {
		m.Comparisons, m.LeastBlocks = max(m.Comparisons, f.Comparisons), max(m.LeastBlocks, f.LeastBlocks)
		m.Screened += f.Screened
	}
	return m
}
