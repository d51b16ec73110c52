package report

import (
	"fmt"
	"strconv"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// noise is the A/A arm: what a target differs from itself.
type noise struct {
	Summary string
	Rows    []noiseRow
}

// noiseRow is the A/A arm in one measure of a workload.
type noiseRow struct {
	Workload, Target, Measure, Ratio, Interval, Blocks, Verdict, Noise string
}

// newNoise are all comparisons of a target with itself. There are no rows without an arm.
func newNoise(a *analysis.Analysis) noise {
	var n noise
	verdicts := map[stats.Verdict]int{}
	widest, where := 0.0, ""
	for _, wl := range a.Workloads {
		for _, s := range wl.Sections {
			if s.AA == nil || s.AA.Pairs == 0 {
				continue
			}
			verdicts[s.AA.Verdict]++
			if s.Noise > widest {
				widest, where = s.Noise, fmt.Sprintf("%s of %s", s.Measure.Brief, wl.Title)
			}
			r := noiseRow{Workload: wl.Title, Target: s.AA.With, Measure: s.Measure.Name, Blocks: strconv.Itoa(s.AA.Pairs),
				Verdict: s.Measure.VerdictText(s.AA), Noise: bound(s)}
			r.Ratio, r.Interval = s.AA.RatioText()
			n.Rows = append(n.Rows, r)
		}
	}
	n.Summary = fmt.Sprintf("Compared with itself %s, a target shows no difference in %d, a difference in %d; %d are undecided.",
		analysis.Count(len(n.Rows), "time", "times"), verdicts[stats.NoDifference], verdicts[stats.Slower]+verdicts[stats.Faster], verdicts[stats.Undecided])
	if where != "" {
		n.Summary += fmt.Sprintf(" The noise is largest in %s: up to %s.", where, analysis.Percent(widest))
	}
	return n
}

// bound is how far a target may be from itself.
func bound(s analysis.Section) string {
	switch {
	case s.Noise > 0:
		return "up to " + analysis.Percent(s.Noise)
	case s.AA.TooFew():
		return "not known: too few blocks"
	}
	return "none seen"
}
