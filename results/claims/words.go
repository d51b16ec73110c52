package claims

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"modelbench/results/analysis"
)

// Figure is what was estimated, with its interval, in the units of the measure; both are empty where nothing was.
func (o Outcome) Figure() (figure, interval string) {
	if o.Answer == Unasked {
		return "", ""
	}
	switch q := o.Test.Quantity; {
	case q.Winners != nil:
		return fmt.Sprintf("%d of %d", int(o.Estimate), len(q.Winners.Targets)), ""
	case q.Ratio != nil:
		return (&analysis.Comparison{Estimate: o.Estimate, Lo: o.Lo, Hi: o.Hi}).RatioText()
	case q.Count != nil:
		if q.Count.To != "" {
			return strconv.FormatFloat(o.Estimate, 'f', 2, 64) + "x", ""
		}
		return strconv.FormatFloat(o.Estimate, 'f', -1, 64), ""
	}
	u := o.Test.unit(o.Estimate)
	return u.Text(o.Estimate), fmt.Sprintf("[%s, %s]", u.Number(o.Lo), u.Number(o.Hi))
}

// unit is that of a test's figures.
func (t Test) unit(near float64) analysis.Unit {
	if t.Quantity.Frequency != nil {
		return analysis.Shares(near)
	}
	m, err := MeasureOf(t.Measure)
	if err != nil {
		return analysis.Plain(near)
	}
	return m.Unit(near)
}

// Threshold is what is predicted, in words: above 1.3x, within 5%, below 1.20 s, all beaten; empty: nothing.
func (t Test) Threshold() string {
	p := t.Predicts
	number := func(v float64) string {
		if q := t.Quantity; q.Ratio != nil || q.Count != nil && q.Count.To != "" {
			return strconv.FormatFloat(v, 'f', -1, 64) + "x"
		}
		return t.unit(v).Text(v)
	}
	switch {
	case p.Above > 0:
		return "above " + number(p.Above)
	case p.Below > 0:
		return "below " + number(p.Below)
	case p.Within > 0:
		return "within " + analysis.Percent(p.Within)
	case p.Beaten:
		return "all beaten"
	}
	return ""
}

// String is the quantity as the file has it, each operand with its workload.
func (q Quantity) String() string {
	switch {
	case q.Ratio != nil:
		return q.Ratio[0].String() + " / " + q.Ratio[1].String()
	case q.Value != nil:
		return q.Value.String()
	case q.Frequency != nil:
		return "trials above 0 of " + q.Frequency.String()
	case q.Winners != nil:
		return "beaten of " + strings.Join(q.Winners.Targets, ", ")
	case q.Count != nil && q.Count.To != "":
		return q.Count.Of + " / " + q.Count.To
	case q.Count != nil:
		return q.Count.Of
	}
	return ""
}

// Chance is the p value in words, and whether it was corrected; empty where there is none.
func (o Outcome) Chance() string {
	if o.Answer == Observed || o.Answer == Unasked || o.Test.Quantity.Count != nil {
		return ""
	}
	if o.Screening {
		return "p " + pText(o.P) + " uncorrected"
	}
	return "p " + pText(o.Adjusted)
}

func pText(p float64) string {
	if p < 0.0001 {
		return "<0.0001"
	}
	return strconv.FormatFloat(p, 'g', 2, 64)
}

// Sentence is what was seen of the test: figure, interval, prediction, blocks, p, and why there is no answer.
func (o Outcome) Sentence() string {
	if o.Answer == Unasked {
		return "not measured: " + o.Why
	}
	figure, interval := o.Figure()
	parts := []string{strings.TrimSpace(figure + " " + interval)}
	if q := o.Test.Quantity; q.Winners != nil {
		parts[0] += " beaten in some cell"
	} else if t := o.Test.Threshold(); t != "" {
		parts = append(parts, "predicted "+t)
	}
	if o.Blocks > 0 {
		one, many := "block", "blocks"
		if o.Test.Quantity.Frequency != nil {
			one, many = "trial", "trials"
		}
		text := analysis.Count(o.Blocks, one, many)
		if o.LeftOut > 0 {
			text += fmt.Sprintf(" (%d left out)", o.LeftOut)
		}
		parts = append(parts, text)
	}
	if p := o.Chance(); p != "" {
		parts = append(parts, p)
	}
	text := strings.Join(parts, ", ")
	if o.Why != "" {
		text += ": " + o.Why
	}
	return text
}

// PythonText is CPython's figure beside it; empty where there is none.
func (o Outcome) PythonText() string {
	if o.Python == nil {
		return ""
	}
	figure, interval := o.Python.Figure()
	one, many := "block", "blocks"
	if o.Python.Test.Quantity.Frequency != nil {
		one, many = "trial", "trials"
	}
	return fmt.Sprintf("%s %s, %s", figure, interval, analysis.Count(o.Python.Blocks, one, many))
}

// Summary counts the verdicts in words: 28 claims: 12 hold, 3 are refuted ...
func (r Report) Summary() string {
	n := map[Verdict]int{}
	for _, f := range r.Findings {
		n[f.Verdict]++
	}
	var parts []string
	for _, v := range []struct {
		verdict   Verdict
		one, many string
	}{{Holds, "holds", "hold"}, {Refuted, "is refuted", "are refuted"}, {Depends, "depends", "depend"}, {Undecided, "is undecided", "are undecided"},
		{NoVerdict, "has figures that stand for it (proxy)", "have figures that stand for them (proxy)"}, {NotMeasured, "was not measured", "were not measured"}} {
		if n[v.verdict] > 0 {
			parts = append(parts, analysis.Count(n[v.verdict], v.one, v.many))
		}
	}
	return analysis.Count(len(r.Findings), "claim", "claims") + ": " + strings.Join(parts, ", ")
}

// Notes are what a reader has to know beside the verdicts: correction, noise of the machine, what was dropped, what was not believed.
func (r Report) Notes() []string {
	var notes []string
	switch {
	case r.Family == 0:
	case r.Family == 1:
		notes = append(notes, "one test decides, so there is nothing to correct for")
	case r.Screening:
		notes = append(notes, fmt.Sprintf("screening: %d tests are judged together, which takes %d blocks; answers from fewer are not corrected, so that about 1 in 20 of those "+
			"at their threshold is wrong", r.Family, r.MinBlocks))
	default:
		notes = append(notes, fmt.Sprintf("corrected for %d tests (Holm): at their thresholds, any of them is answered in at most 5%% of the runs", r.Family))
	}
	notes = append(notes, r.noise()...)
	trials, invalid := 0, map[string]int{}
	for i, e := range append(slices.Clone(r.Experiments), r.Python...) {
		trials += e.Trials
		for verdict, n := range e.Verdicts {
			if verdict != "ok" {
				invalid[verdict] += n
			}
		}
		if e.Dropped != "" {
			name := e.Experiment.Name
			if i >= len(r.Experiments) {
				name = "CPython's " + name
			}
			notes = append(notes, "dropped: "+name+": "+e.Dropped)
		}
	}
	notes = append(notes, r.Remarks...)
	if trials > 0 {
		text := analysis.Count(trials, "trial", "trials")
		if len(invalid) > 0 {
			text += ", of which not believed (or not in everything): " + tally(invalid)
		}
		notes = append(notes, text)
	}
	return notes
}

// noise is what the A/A arms say.
func (r Report) noise() []string {
	if len(r.AA) == 0 {
		return []string{"no target ran twice: of the machine's own noise nothing is known"}
	}
	loud := r.Loud()
	if len(loud) == 0 {
		return []string{fmt.Sprintf("A/A quiet: %s of a target with itself, none of which differs (Holm)", analysis.Count(len(r.AA), "comparison", "comparisons"))}
	}
	var list []string
	for _, a := range loud {
		ratio, interval := (&analysis.Comparison{Estimate: a.Estimate, Lo: a.Lo, Hi: a.Hi}).RatioText()
		list = append(list, fmt.Sprintf("A/A loud: %s differs from itself in %s: %s %s, p %s", a.Target,
			Cell{a.Experiment, a.Workload, a.Measure}, ratio, interval, pText(a.Adjusted)))
	}
	return list
}

// tally is "2 drift, 1 lagging".
func tally(n map[string]int) string {
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(n)) {
		text := name
		if name == "" {
			text = "without a verdict"
		}
		parts = append(parts, fmt.Sprintf("%d %s", n[name], text))
	}
	return strings.Join(parts, ", ")
}
