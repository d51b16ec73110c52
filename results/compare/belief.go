package compare

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modelbench/results/trial"
)

// unbelieved says in words which trials are left out of what, by target and reason. A verdict's first reason stands for
// all of its kind: they differ in figures only.
func unbelieved(trials []trial.Trial, names []string) []string {
	type kind struct{ verdict, target string }
	counts, reasons := map[kind]int{}, map[kind]string{}
	for i, t := range trials {
		if t.Verdict == trial.VerdictOK {
			continue
		}
		k := kind{cmp.Or(t.Verdict, "without a verdict"), names[i]}
		counts[k]++
		reasons[k] = cmp.Or(reasons[k], t.VerdictReason)
	}
	perTarget := map[string]int{}
	for _, name := range names {
		perTarget[name]++
	}
	var notes []string
	for _, k := range slices.SortedFunc(maps.Keys(counts), func(a, b kind) int {
		return cmp.Or(strings.Compare(a.verdict, b.verdict), strings.Compare(a.target, b.target))
	}) {
		what := "left out"
		if costStands(k.verdict) {
			what = "left out of throughput and latency"
		}
		note := fmt.Sprintf("%s: %d of %s %s: %s", k.target, counts[k], count(perTarget[k.target], "trial", "trials"), what, k.verdict)
		if reasons[k] != "" {
			note += " (" + reasons[k] + ")"
		}
		notes = append(notes, note)
	}
	return notes
}

// count is "1 trial" or "3 trials".
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
