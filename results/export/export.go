// Package export writes trials in the formats of other tools: the Go benchmark format for benchstat, one JSON document, and
// tidy CSV for pandas, R and DuckDB. What the documents hold is described in results/export/FORMAT.md, which is a contract.
//
// It opens no file but the manifests that lie beside trials, and keeps no state. The same trials give the same bytes.
//
// What may not be believed stays out, by the rule that package analysis has: a trial that holds no measure to be believed is
// left out, and one of which only the server's cost stands (client_bound, lagging) has no throughput and latency.
package export

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// Input is what is to be exported.
type Input struct {
	Folders []folder.Folder
	// All keeps what may not be believed; the verdict is then the reader's to look at.
	All bool
}

// Formats are the functions of this package by the names of the flags.
var Formats = map[string]func(io.Writer, Input) error{
	"benchstat": Benchstat,
	"json":      JSON,
	"csv":       CSV,
}

// trials are all that there are, in the order of the files.
func (in Input) trials() []trial.Trial {
	var all []trial.Trial
	for _, f := range in.Folders {
		all = append(all, f.Trials...)
	}
	return all
}

// keeps tells whether anything of the trial is exported.
func (in Input) keeps(t trial.Trial) bool { return in.All || len(believed(t)) > 0 }

// believed are the measures of a trial that were taken and may be believed.
func believed(t trial.Trial) []*analysis.Measure {
	return slices.DeleteFunc(slices.Clone(analysis.Measures), func(m *analysis.Measure) bool {
		_, ok := m.Believed(t)
		return !ok
	})
}

// Check says whether there is anything to export. The error wraps analysis.ErrNothing.
func (in Input) Check() error {
	all := in.trials()
	if len(all) == 0 {
		return fmt.Errorf("%w: there is no trial", analysis.ErrNothing)
	}
	if !slices.ContainsFunc(all, in.keeps) {
		return fmt.Errorf("%w: none of %s holds a measure that may be believed; --all keeps them", analysis.ErrNothing, analysis.Count(len(all), "trial", "trials"))
	}
	return nil
}

// Doubts says what was left out and why, for the user; nothing where all was kept.
func (in Input) Doubts() []string {
	if in.All {
		return nil
	}
	out, partly, total := map[string]int{}, map[string]int{}, 0
	for _, t := range in.trials() {
		total++
		switch {
		case !in.keeps(t):
			out[t.Verdict]++
		case t.Verdict != trial.VerdictOK:
			partly[t.Verdict]++
		}
	}
	var doubts []string
	if len(out) > 0 {
		doubts = append(doubts, fmt.Sprintf("%s left out: %s; --all keeps them", of(out, total), counts(out)))
	}
	if len(partly) > 0 {
		doubts = append(doubts, fmt.Sprintf("%s without throughput and latency, of which only what the server spent may be believed: %s",
			of(partly, total), counts(partly)))
	}
	return doubts
}

func of(byVerdict map[string]int, total int) string {
	sum := 0
	for _, n := range byVerdict {
		sum += n
	}
	return fmt.Sprintf("%d of %s", sum, analysis.Count(total, "trial", "trials"))
}

// counts is "3 errors, 1 rate_missed".
func counts(byVerdict map[string]int) string {
	var parts []string
	for _, verdict := range slices.Sorted(maps.Keys(byVerdict)) {
		name := verdict
		switch verdict {
		case "":
			name = "without a verdict"
		case trial.VerdictOK:
			name = "ok, but none of the measures was taken"
		}
		parts = append(parts, fmt.Sprintf("%d %s", byVerdict[verdict], name))
	}
	return strings.Join(parts, ", ")
}
