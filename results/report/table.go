package report

import (
	"fmt"
	"strconv"

	"modelbench/results/analysis"
)

// row is one line of a workload's table: what the charts show, in figures.
type row struct {
	Measure  string // empty: the same as above
	Target   string
	Mark     *mark // nil for the A/A arm
	Median   string
	Interval string
	Ratio    string
	RatioInt string
	Blocks   string
	P        string
	Verdict  string
}

// tableRows are all measures of a workload, those that a text leaves out included.
func tableRows(wl analysis.Workload, l looks) []row {
	var list []row
	for _, s := range wl.Sections {
		u := s.Measure.Unit(s.Rows[0].Median)
		name := s.Measure.Name
		for _, r := range s.Rows {
			m := l[r.Target]
			line := row{Measure: name, Target: r.Target, Mark: &m, Median: u.Text(r.Median),
				Interval: fmt.Sprintf("[%s, %s]", u.Number(r.Lo), u.Number(r.Hi)), Blocks: strconv.Itoa(len(r.Values))}
			line.against(s, r.Versus)
			list, name = append(list, line), ""
		}
		for _, target := range s.Missing {
			m := l[target]
			list = append(list, row{Target: target, Mark: &m, Median: "-", Verdict: "no value: too few requests, or no valid trial"})
		}
		if s.AA != nil && s.AA.Pairs > 0 {
			line := row{Target: s.AA.With + ", A/A"}
			line.against(s, s.AA)
			list = append(list, line)
		}
	}
	return list
}

// against fills in what a row says of its comparison.
func (r *row) against(s analysis.Section, c *analysis.Comparison) {
	first := "best"
	if s.Baseline {
		first = "baseline"
	}
	switch {
	case len(s.Rows) == 1 && c == nil:
		r.Verdict = "no other"
	case c == nil:
		r.Ratio, r.Verdict = "1", first
	case c.Pairs == 0:
		r.Blocks, r.Verdict = "0", "undecided: shares no block with the "+first
	default:
		r.Ratio, r.RatioInt = c.RatioText()
		r.Blocks, r.P, r.Verdict = strconv.Itoa(c.Pairs), probability(c), s.Measure.VerdictText(c)
		if c.Screening && c.Decided() {
			r.Verdict += " (screening)"
		}
	}
}

// probability is the p that the verdict was made by.
func probability(c *analysis.Comparison) string {
	p := c.AdjustedP
	if c.Screening {
		p = c.P
	}
	if p < 0.001 {
		return "< 0.001"
	}
	return strconv.FormatFloat(p, 'f', 3, 64)
}
