// Package gate decides whether a change is to be let through: a rule such as "cpu_us_per_req>+3%" against measured ratios.
//
// A rule fails only when the whole 95% interval of the ratio is beyond its bound, so chance alone fails it in at most 2.5% of the
// comparisons even if the true change is exactly the bound, and hardly ever if there is none. An interval within what the campaign's
// A/A arm differs from itself fails nothing either. It passes when the whole interval is on the good side. In between nothing is known,
// nor of a target without values, which fails nothing but is said.
package gate

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"modelbench/results/analysis"
)

// Rule is a bound on the change of a measure.
type Rule struct {
	Measure *analysis.Measure
	Above   bool    // fails above Bound; else below
	Bound   float64 // as a ratio: 1.03 for +3%
	text    string
}

// Parse reads a rule: a measure, > or <, and a percentage with or without its sign, such as cpu_us_per_req>+3%, p99>10% or
// throughput<-5%. The measure is a key or a column of package analysis.
func Parse(text string) (Rule, error) {
	fail := func(format string, args ...any) (Rule, error) {
		return Rule{}, fmt.Errorf("%q: %s; a rule is a measure, > or <, and a percentage: 'cpu_us_per_req>+3%%'", text, fmt.Sprintf(format, args...))
	}
	at := strings.IndexAny(text, "<>")
	if at < 0 {
		return fail("there is no > or <")
	}
	m, err := analysis.MeasureOf(strings.TrimSpace(text[:at]))
	if err != nil {
		return fail("%v", err)
	}
	number, percent := strings.CutSuffix(strings.TrimSpace(text[at+1:]), "%")
	v, err := strconv.ParseFloat(number, 64)
	switch {
	case !percent:
		return fail("%q has no %% at its end", text[at+1:])
	case err != nil || math.IsNaN(v) || math.IsInf(v, 0):
		return fail("%q is not a number", number)
	case v <= -100:
		return fail("nothing falls by %v%% or more", -v)
	}
	return Rule{Measure: m, Above: text[at] == '>', Bound: 1 + v/100, text: strings.ReplaceAll(text, " ", "")}, nil
}

// String is the rule as it was written.
func (r Rule) String() string { return r.text }

// Outcome is what a rule says of one ratio.
type Outcome string

// The outcomes.
const (
	Passes  Outcome = "passes"
	Fails   Outcome = "fails"
	Unknown Outcome = "unknown" // the interval holds the bound, or does not reach its level
)

// Judge applies the rule to a ratio, of which the measure is the rule's.
func (r Rule) Judge(c analysis.Comparison) Outcome {
	switch {
	case c.Pairs == 0 || c.TooFew():
		return Unknown
	case r.Above && c.Lo > r.Bound, !r.Above && c.Hi < r.Bound:
		return Fails
	case r.Above && c.Hi <= r.Bound, !r.Above && c.Lo >= r.Bound:
		return Passes
	}
	return Unknown
}

// Finding is a ratio that rules are applied to.
type Finding struct {
	Workload, Target string
	Measure          *analysis.Measure
	analysis.Comparison
	// Noise is how far the A/A arm of the same campaign may be from itself, or controls from each other between two campaigns, as a
	// fraction; 0: not known. A ratio that is estimated to lie within it fails nothing, as it is no difference in the table.
	Noise float64
	// Unproven says that the ratio need not be the target's own, but may be the machine's: no rule fails or passes on it.
	Unproven bool
}

// judge applies a rule of the finding's measure.
func (f Finding) judge(r Rule) Outcome {
	o := r.Judge(f.Comparison)
	if f.Unproven || o == Fails && f.IsWithin(f.Noise) {
		return Unknown
	}
	return o
}

// Result is what the rules say of all findings.
type Result struct {
	Lines  []string // one for each rule, then for what failed it and what it could not judge
	Failed int
}

// Apply applies all rules to all findings. A rule that meets no finding of its measure is an error: a gate that looks at
// nothing must not pass.
func Apply(rules []Rule, findings []Finding) (Result, error) {
	var res Result
	for _, r := range rules {
		counts := map[Outcome]int{}
		var details []string
		compared := false
		for _, f := range findings {
			if f.Measure != r.Measure {
				continue
			}
			o := f.judge(r)
			counts[o]++
			compared = compared || f.Pairs > 0
			if o != Passes {
				details = append(details, "  "+f.say(o))
			}
		}
		total := counts[Passes] + counts[Fails] + counts[Unknown]
		if !compared {
			return Result{}, fmt.Errorf("rule %s: nothing of that measure was compared with what was before", r)
		}
		res.Failed += counts[Fails]
		res.Lines = append(res.Lines, fmt.Sprintf("gate %s: %s, %d of %s passed, %d unknown", r,
			map[bool]string{true: "FAILED", false: "not failed"}[counts[Fails] > 0], counts[Passes],
			analysis.Count(total, "comparison", "comparisons"), counts[Unknown]))
		res.Lines = append(res.Lines, details...)
	}
	return res, nil
}

func (f Finding) say(o Outcome) string {
	where := fmt.Sprintf("%s: %s, %s", o, f.Workload, f.Target)
	if f.Pairs == 0 {
		return where + ": shares no block with " + f.With
	}
	ratio, interval := f.RatioText()
	text := fmt.Sprintf("%s: %s %s of %s, %s", where, ratio, interval, f.With, analysis.Count(f.Pairs, "block", "blocks"))
	switch {
	case f.Unproven:
		text += ", and no control"
	case o == Unknown && f.IsWithin(f.Noise):
		text += ", within the machine's noise"
	}
	return text
}
