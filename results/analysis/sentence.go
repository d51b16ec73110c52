package analysis

import (
	"fmt"
	"slices"
	"strings"

	"modelbench/results/stats"
)

// Sentence says which target does what better. It is made of verdicts alone: what is not decided is not said.
//
//	goroutine and prefork are better than eventloop in throughput (0.50x) and p50 (2.02x); eventloop is better than
//	prefork in memory (4.00x); no difference: server CPU; undecided: p99.
func (wl Workload) Sentence() string {
	if len(wl.Shown()) == 0 {
		return "No trial of this workload holds a measure that may be believed."
	}
	if len(wl.Targets) == 1 {
		return fmt.Sprintf("Only %s was measured: there is nothing to compare it with.", wl.Targets[0])
	}
	parts := decided(wl)
	var missing []string
	tooFew := ""
	for _, s := range wl.Shown() {
		if len(s.Missing) > 0 {
			missing = append(missing, fmt.Sprintf("%s (%s)", s.Measure.Brief, strings.Join(s.Missing, ", ")))
		}
		for _, r := range s.With(stats.Undecided) {
			if r.Versus.TooFew() {
				tooFew = fmt.Sprintf(" (too few blocks in common, %d is the least)", stats.MinPairs(stats.Level))
			}
		}
	}
	if list := equal(wl); len(list) > 0 {
		parts = append(parts, "no difference: "+strings.Join(list, ", "))
	}
	if list := undecided(wl); len(list) > 0 {
		parts = append(parts, "undecided: "+strings.Join(list, ", ")+tooFew)
	}
	if len(missing) > 0 {
		parts = append(parts, "no value to compare: "+strings.Join(missing, ", "))
	}
	return strings.Join(parts, "; ") + "."
}

// decided returns the clauses that say who is better than whom, one for each two sides, in the order of the table.
func decided(wl Workload) []string {
	var sides []string
	in := map[string][]string{}
	win := func(winners, losers, ratios []string, what string) {
		verb := "is"
		if len(winners) > 1 {
			verb = "are"
		}
		side := fmt.Sprintf("%s %s better than %s in ", enumerate(winners), verb, enumerate(losers))
		if in[side] == nil {
			sides = append(sides, side)
		}
		in[side] = append(in[side], fmt.Sprintf("%s (%s)", what, strings.Join(ratios, ", ")))
	}
	for _, s := range wl.Shown() {
		var losers, ratios []string
		for _, r := range s.With(stats.Slower) {
			ratio, _ := r.Versus.RatioText()
			losers, ratios = append(losers, r.Target), append(ratios, ratio)
		}
		if len(losers) > 0 {
			win(s.Leaders, losers, ratios, s.Measure.Brief)
		}
		for _, r := range s.With(stats.Faster) { // not the best median, yet better block by block: rare, and worth saying
			ratio, _ := r.Versus.Inverse(r.Target).RatioText()
			win([]string{r.Target}, []string{s.Rows[0].Target}, []string{ratio}, s.Measure.Brief)
		}
	}
	clauses := make([]string, len(sides))
	for i, side := range sides {
		clauses[i] = side + enumerate(in[side])
	}
	return clauses
}

// equal lists the measures in which targets make no difference to the best, with their names where it is not all of
// them. Those that lead together with the best have been named.
func equal(wl Workload) []string {
	var list []string
	for _, s := range wl.Shown() {
		rows := s.With(stats.NoDifference)
		if len(rows) == len(s.Rows)-1 && len(rows) > 0 {
			list = append(list, s.Measure.Brief)
			continue
		}
		if len(s.With(stats.Slower)) > 0 && len(s.Leaders) == len(rows)+1 {
			continue
		}
		for _, r := range rows {
			list = append(list, fmt.Sprintf("%s of %s and %s", s.Measure.Brief, s.Rows[0].Target, r.Target))
		}
	}
	return list
}

// undecided lists the measures that are undecided, with the targets where it is not all of them.
func undecided(wl Workload) []string {
	var list []string
	for _, s := range wl.Shown() {
		rows := s.With(stats.Undecided)
		if len(rows) == len(s.Rows)-1 && len(rows) > 0 {
			list = append(list, s.Measure.Brief)
			continue
		}
		for _, r := range rows {
			list = append(list, fmt.Sprintf("%s of %s and %s", s.Measure.Brief, s.Rows[0].Target, r.Target))
		}
	}
	return list
}

// enumerate is "a", "a and b", "a, b and c".
func enumerate(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}

// Shown are the measures that a person is shown.
func (wl Workload) Shown() []Section {
	return slices.DeleteFunc(slices.Clone(wl.Sections), func(s Section) bool { return s.Measure.Detail })
}

// Notes are what a reader has to know beside the figures.
func (wl Workload) Notes() []string {
	list := wl.UnlikeItself()
	for _, l := range wl.LeftOut {
		list = append(list, l.String())
	}
	if wl.Repeated > 0 {
		list = append(list, fmt.Sprintf("%s too many: a block holds a target more than once, and the median of its values counts",
			Count(wl.Repeated, "trial", "trials")))
	}
	return list
}

// UnlikeItself are the measures that are shown, in which the A/A arm differs from the target that it is a copy of: the first doubt about
// whatever else is said of them. The comparison is not corrected for how many there are.
func (wl Workload) UnlikeItself() []string {
	var list []string
	for _, s := range wl.Shown() {
		if s.AA == nil || !s.AA.Decided() {
			continue
		}
		ratio, interval := s.AA.RatioText()
		list = append(list, fmt.Sprintf("%s: the same target twice differs (%s %s): this measure is the machine's noise here", s.Measure.Brief, ratio, interval))
	}
	return list
}

// VerdictText is a comparison's verdict in the measure's own words, with what would help where there is none.
func (m *Measure) VerdictText(c *Comparison) string {
	const many = 200 // beyond that the spread has to fall, not the number of blocks to grow
	switch {
	case c.Verdict != stats.Undecided:
		return m.Word(c.Verdict)
	case c.WithinNoise:
		return "undecided: within the machine's noise (A/A)"
	case c.TooFew():
		return fmt.Sprintf("undecided: needs %d blocks", c.BlocksNeeded)
	case c.BlocksNeeded > many:
		return fmt.Sprintf("undecided: more than %d blocks would help", many)
	}
	return fmt.Sprintf("undecided: about %d blocks would help", c.BlocksNeeded)
}
