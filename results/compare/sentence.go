package compare

import (
	"fmt"
	"strings"

	"modelbench/results/stats"
)

// sentence says which target does what better. It is made of verdicts alone: what is not decided is not said.
//
//	goroutine and prefork are better than eventloop in throughput (0.50x) and p50 (2.02x); eventloop is better than
//	prefork in memory (4.00x); no difference: server CPU; undecided: p99.
func sentence(wl workload) string {
	if len(wl.sections) == 0 {
		return "No trial of this workload holds a measure that may be believed."
	}
	if len(wl.targets) == 1 {
		return fmt.Sprintf("Only %s was measured: there is nothing to compare it with.", wl.targets[0])
	}
	parts := decided(wl)
	var missing []string
	tooFew := ""
	for _, s := range wl.sections {
		if len(s.missing) > 0 {
			missing = append(missing, fmt.Sprintf("%s (%s)", s.m.brief, strings.Join(s.missing, ", ")))
		}
		for _, r := range s.with(stats.Undecided) {
			if !r.ratio.Interval.Reaches(r.ratio.Wanted) {
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
func decided(wl workload) []string {
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
	for _, s := range wl.sections {
		var losers, ratios []string
		for _, r := range s.with(stats.Slower) {
			ratio, _ := ratioText(r.ratio, true)
			losers, ratios = append(losers, r.target), append(ratios, ratio)
		}
		if len(losers) > 0 {
			win(s.leaders, losers, ratios, s.m.brief)
		}
		for _, r := range s.with(stats.Faster) { // not the best median, yet better block by block: rare, and worth saying
			inverse := stats.Ratio{Estimate: 1 / r.ratio.Estimate,
				Interval: stats.Interval{Lo: 1 / r.ratio.Interval.Hi, Hi: 1 / r.ratio.Interval.Lo}}
			ratio, _ := ratioText(inverse, true)
			win([]string{r.target}, []string{s.rows[0].target}, []string{ratio}, s.m.brief)
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
func equal(wl workload) []string {
	var list []string
	for _, s := range wl.sections {
		rows := s.with(stats.NoDifference)
		if len(rows) == len(s.rows)-1 && len(rows) > 0 {
			list = append(list, s.m.brief)
			continue
		}
		if len(s.with(stats.Slower)) > 0 && len(s.leaders) == len(rows)+1 {
			continue
		}
		for _, r := range rows {
			list = append(list, fmt.Sprintf("%s of %s and %s", s.m.brief, s.rows[0].target, r.target))
		}
	}
	return list
}

// undecided lists the measures that are undecided, with the targets where it is not all of them.
func undecided(wl workload) []string {
	var list []string
	for _, s := range wl.sections {
		rows := s.with(stats.Undecided)
		if len(rows) == len(s.rows)-1 && len(rows) > 0 {
			list = append(list, s.m.brief)
			continue
		}
		for _, r := range rows {
			list = append(list, fmt.Sprintf("%s of %s and %s", s.m.brief, s.rows[0].target, r.target))
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
