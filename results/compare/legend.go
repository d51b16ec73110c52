package compare

import (
	"fmt"
	"io"
	"math"
	"slices"

	"modelbench/results/stats"
)

// writeLegend explains the words that the tables above really use, for someone who sees them for the first time.
func writeLegend(w io.Writer, all []workload, opts Options) {
	seen := look(all)
	if !seen.any {
		return
	}
	level := percent(stats.Level)
	fmt.Fprintf(w, "\nHow to read this\n")
	fmt.Fprintf(w, "  median, interval  over blocks, with the distribution-free %s interval of the median\n", level)
	if seen.compared {
		fmt.Fprintf(w, "  ratio, interval   target/best, paired block by block: Hodges-Lehmann estimate, Wilcoxon signed-rank interval (%s)\n", level)
		fmt.Fprintf(w, "                    (in the sentence: theirs/its)\n")
		fmt.Fprintf(w, "  best              has the best median here, picked from these same data: it is shown to be better than the\n"+
			"                    targets marked slower or more, not than the others\n")
		fmt.Fprintf(w, "  slower, more      the ratio's interval leaves 1 out, and reaches beyond what makes no difference\n")
		fmt.Fprintf(w, "  no difference     the whole interval is within %s (latency p99: %s)\n", percent(opts.ROPE), percent(opts.TailROPE))
		fmt.Fprintf(w, "  undecided         the interval holds 1 and differences that would matter, or there are too few blocks:\n"+
			"                    below %d no interval reaches %s\n", stats.MinPairs(stats.Level), level)
	}
	fmt.Fprintf(w, "  levels            %s\n", seen.levels())
	if seen.closedLatency {
		fmt.Fprintf(w, "  closed loop       finds capacity and flatters latency: a slow server is asked less often\n")
	}
}

// looked is what the tables hold.
type looked struct {
	any, compared, closedLatency bool
	lo, hi                       float64 // of the levels that intervals reach
}

func look(all []workload) looked {
	seen := looked{lo: math.Inf(1)}
	note := func(i stats.Interval) { seen.lo, seen.hi = min(seen.lo, i.Level), max(seen.hi, i.Level) }
	for _, wl := range all {
		for _, s := range wl.sections {
			seen.any = true
			seen.compared = seen.compared || len(s.rows) > 1
			seen.closedLatency = seen.closedLatency || wl.closed && slices.Contains([]string{"p50", "p99"}, s.m.brief)
			for _, r := range s.rows {
				note(r.interval)
				if r.ratio.Pairs > 0 {
					note(r.ratio.Interval)
				}
			}
		}
	}
	return seen
}

func (l looked) levels() string {
	text := fmt.Sprintf("intervals above really reach %s to %s", percent(l.lo), percent(l.hi))
	if percent(l.lo) == percent(l.hi) {
		text = "intervals above really reach " + percent(l.lo)
	}
	if l.lo < stats.Level {
		text += ", where they miss " + percent(stats.Level) + " they are the full range of what was seen"
	}
	return text
}
