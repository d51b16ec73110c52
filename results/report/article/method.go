package article

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"modelbench/results/analysis"
	"modelbench/results/claims"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// fact is a word and what stands for it. Code is what a person types, or a program wrote.
type fact struct {
	Name, Text string
	Code       bool
}

// doubt is what a reader must know before believing anything, and where the whole of it is.
type doubt struct{ Text, Section, Link string }

// doubts are about the run as a whole; a test's own are with the test.
func doubts(s Source, aa noise) (list []doubt) {
	if !s.Run.Started.IsZero() && s.Run.Ended.IsZero() {
		list = append(list, doubt{Text: "The run has not ended: it was stopped or is still going on."})
	}
	if n := len(s.Run.Dropped); n > 0 {
		var names []string
		for _, d := range s.Run.Dropped {
			name := d.Experiment
			if d.Python {
				name += " (CPython)"
			}
			names = append(names, name)
		}
		list = append(list, doubt{fmt.Sprintf("Not run, or not in full: %s.", strings.Join(names, ", ")), "method", "why"})
	}
	for _, failure := range s.Run.Failures {
		list = append(list, doubt{Text: "Failed: " + failure + "."})
	}
	if s.Report.Screening {
		list = append(list, doubt{fmt.Sprintf("Screening: some tests have fewer blocks than the %d that a correction for %d tests takes. Their answers are not corrected, and of tests without any effect about 1 in 20 would be answered by chance.",
			s.Report.MinBlocks, s.Report.Family), "method", "how it is judged"})
	}
	if aa.Loud > 0 {
		list = append(list, doubt{fmt.Sprintf("A target differed from itself in %d of %d comparisons.", aa.Loud, len(aa.Rows)), "noise", "the machine's own noise"})
	}
	if bad, all := invalid(s.Experiments); bad > 0 {
		list = append(list, doubt{fmt.Sprintf("%d of %s may not be believed, or not in full.", bad, analysis.Count(all, "trial", "trials")), "experiments", "which"})
	}
	return list
}

func invalid(experiments []Experiment) (bad, all int) {
	for _, e := range experiments {
		for _, t := range e.Trials {
			all++
			if t.Verdict != trial.VerdictOK {
				bad++
			}
		}
	}
	return bad, all
}

// verdictCounts says how many trials have which verdict, the valid ones first.
func verdictCounts(experiments []Experiment) string {
	n := map[string]int{}
	for _, e := range experiments {
		for _, t := range e.Trials {
			n[cmp.Or(t.Verdict, "without a verdict")]++
		}
	}
	names := slices.SortedFunc(maps.Keys(n), func(a, b string) int {
		if (a == trial.VerdictOK) != (b == trial.VerdictOK) {
			return sign(a == trial.VerdictOK)
		}
		return cmp.Or(cmp.Compare(n[b], n[a]), cmp.Compare(a, b))
	})
	for i, name := range names {
		names[i] = fmt.Sprintf("%d %s", n[name], name)
	}
	return strings.Join(names, ", ")
}

// noise is the A/A arm.
type noise struct {
	Summary string
	Loud    int // comparisons in which a target differs from itself
	Rows    []noiseRow
}

type noiseRow struct {
	Experiment, Workload, Target, Measure, Ratio, Interval, Blocks, P string
	Differs                                                           bool
}

func newNoise(r claims.Report) (n noise) {
	loud := r.Loud()
	for _, a := range r.AA {
		row := noiseRow{Experiment: a.Experiment, Workload: a.Workload, Target: a.Target, Measure: a.Measure, Blocks: strconv.Itoa(a.Blocks), Differs: slices.Contains(loud, a)}
		if m, err := claims.MeasureOf(a.Measure); err == nil {
			row.Measure = m.Name
		}
		row.Ratio, row.Interval = (&analysis.Comparison{Estimate: a.Estimate, Lo: a.Lo, Hi: a.Hi}).RatioText()
		row.P = strconv.FormatFloat(a.Adjusted, 'f', 3, 64)
		n.Rows = append(n.Rows, row)
	}
	n.Loud = len(loud)
	switch {
	case len(n.Rows) == 0:
		n.Summary = "No target ran twice, so the machine's own noise is not known."
	case n.Loud == 0:
		n.Summary = fmt.Sprintf("Quiet: compared with itself %s, a target never differs once the comparisons are corrected for how many they are.", analysis.Count(len(n.Rows), "time", "times"))
	default:
		n.Summary = fmt.Sprintf("Not quiet: compared with itself %s, a target differs in %d.", analysis.Count(len(n.Rows), "time", "times"), n.Loud)
	}
	return n
}

// facts are about the run and its machine, which is the same for all experiments.
func facts(s Source) (list []fact) {
	add := func(name, text string, code bool) {
		if text != "" {
			list = append(list, fact{name, text, code})
		}
	}
	r := s.Run
	add("command", strings.Join(r.Command, " "), true)
	if r.Seed != 0 {
		add("seed", strconv.FormatInt(r.Seed, 10), true)
	}
	if !r.Started.IsZero() {
		text := r.Started.UTC().Format("2006-01-02 15:04") + " UTC"
		if !r.Ended.IsZero() {
			text += ", for " + r.Ended.Sub(r.Started).Round(time.Second).String()
		}
		add("measured", text, false)
	}
	if r.BudgetS > 0 {
		add("budget", (time.Duration(r.BudgetS * float64(time.Second))).String(), false)
	}
	if m := firstManifest(s.Experiments); m != nil {
		add("revision", m.Git.Revision, true)
		add("machine", m.Machine.HostID, true)
		add("CPU", m.Machine.CPUModel, false)
		if m.Machine.CPUs > 0 {
			add("CPUs", strconv.FormatInt(m.Machine.CPUs, 10), false)
		}
		if m.Machine.MemoryB > 0 {
			add("memory", analysis.Memory(float64(m.Machine.MemoryB)).Text(float64(m.Machine.MemoryB)), false)
		}
		add("kernel", m.Machine.Kernel, false)
		add("Go", m.Machine.Go, false)
	}
	add("trials", verdictCounts(s.Experiments), false)
	for _, note := range r.Notes {
		add("note", note, false)
	}
	for _, failure := range r.Failures {
		add("failure", failure, false)
	}
	return list
}

func firstManifest(experiments []Experiment) *folder.Manifest {
	for _, e := range experiments {
		if e.Manifest != nil {
			return e.Manifest
		}
	}
	return nil
}
