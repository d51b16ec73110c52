package compare

import (
	"fmt"
	"io"
	"math"
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// writeLegend explains the words that the tables above really use, for someone who sees them for the first time.
func writeLegend(w io.Writer, a *analysis.Analysis) {
	seen := look(a)
	if !seen.any {
		return
	}
	level := analysis.Percent(stats.Level)
	fmt.Fprintf(w, "\nHow to read this\n")
	fmt.Fprintf(w, "  median, interval  over blocks, with the distribution-free %s interval of the median\n", level)
	if seen.compared {
		fmt.Fprintf(w, "  ratio, interval   target/%s, paired block by block: Hodges-Lehmann estimate, Wilcoxon signed-rank interval (%s)\n", seen.first, level)
		fmt.Fprintf(w, "                    (in the sentence: theirs/its)\n")
		if seen.best {
			fmt.Fprintf(w, "  best              has the best median here, picked from these same data: it is shown to be better than the\n"+
				"                    targets marked slower or more, not than the others\n")
		}
		fmt.Fprintf(w, "  slower, more      the ratio's interval leaves 1 out, and reaches beyond what makes no difference\n")
		fmt.Fprintf(w, "  no difference     the whole interval is within %s (latency p99: %s)\n", analysis.Percent(a.Options.ROPE), analysis.Percent(a.Options.TailROPE))
		fmt.Fprintf(w, "  undecided         the interval holds 1 and differences that would matter, or there are too few blocks:\n"+
			"                    below %d no interval reaches %s\n", stats.MinPairs(stats.Level), level)
	}
	if seen.aa {
		fmt.Fprintf(w, "  (target, A/A)     the same target a second time, against itself: what of a ratio is the machine's noise.\n"+
			"                    What differs from the best by no more is undecided\n")
	}
	writeFamilies(w, a)
	fmt.Fprintf(w, "  levels            %s\n", seen.levels())
	if seen.closedLatency {
		fmt.Fprintf(w, "  closed loop       finds capacity and flatters latency: a slow server is asked less often\n")
	}
}

// writeFamilies says how far verdicts are corrected for how many there are.
func writeFamilies(w io.Writer, a *analysis.Analysis) {
	largest, screened := analysis.Family{}, 0
	for _, f := range a.Families {
		if f.Comparisons > largest.Comparisons {
			largest = f
		}
		screened += f.Screened
	}
	switch {
	case largest.Comparisons <= 1:
	case screened == 0:
		fmt.Fprintf(w, "  corrected         for up to %d comparisons of each measure (Holm): in one measure, no more than %s of campaigns\n"+
			"                    of equals call any two of them different\n", largest.Comparisons, analysis.Percent(1-stats.Level))
	default:
		fmt.Fprintf(w, "  screening         not corrected for how many comparisons there are: of equals about 1 in 20 is called different.\n"+
			"                    %d of one measure take %d blocks to be corrected (Holm), or compare less\n", largest.Comparisons, largest.LeastBlocks)
	}
}

// looked is what the tables hold.
type looked struct {
	any, compared, best, aa, closedLatency bool
	first                                  string
	lo, hi                                 float64 // of the levels that intervals reach
}

func look(a *analysis.Analysis) looked {
	seen := looked{lo: math.Inf(1), first: "best"}
	note := func(level float64) { seen.lo, seen.hi = min(seen.lo, level), max(seen.hi, level) }
	for _, wl := range a.Workloads {
		for _, s := range wl.Shown() {
			seen.any = true
			seen.compared = seen.compared || len(s.Rows) > 1
			seen.aa = seen.aa || s.AA != nil
			if s.Baseline {
				seen.first = "baseline"
			} else {
				seen.best = true
			}
			seen.closedLatency = seen.closedLatency || wl.Closed && slices.Contains([]string{"p50", "p99"}, s.Measure.Brief)
			for _, r := range s.Rows {
				note(r.Level)
				if r.Versus != nil && r.Versus.Pairs > 0 {
					note(r.Versus.Level)
				}
			}
		}
	}
	return seen
}

func (l looked) levels() string {
	text := fmt.Sprintf("intervals above really reach %s to %s", analysis.Percent(l.lo), analysis.Percent(l.hi))
	if analysis.Percent(l.lo) == analysis.Percent(l.hi) {
		text = "intervals above really reach " + analysis.Percent(l.lo)
	}
	if l.lo < stats.Level {
		text += ", where they miss " + analysis.Percent(stats.Level) + " they are the full range of what was seen"
	}
	return text
}
