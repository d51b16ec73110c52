package analysis

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modelbench/results/trial"
)

// LeftOut is trials of a target that may not be believed, all with the same verdict.
type LeftOut struct {
	Target  string `json:"target"`
	Verdict string `json:"verdict"` // empty: they have none
	Trials  int    `json:"trials"`
	Of      int    `json:"of"`     // trials of the target in this workload
	Reason  string `json:"reason"` // of the first of them: they differ in figures only
	// CostStands says that they are left out of throughput and latency alone.
	CostStands bool `json:"cost_stands"`
}

// String says it to a person.
func (l LeftOut) String() string {
	what := "left out"
	if l.CostStands {
		what = "left out of throughput and latency"
	}
	text := fmt.Sprintf("%s: %d of %s %s: %s", l.Target, l.Trials, Count(l.Of, "trial", "trials"), what, cmp.Or(l.Verdict, "without a verdict"))
	if l.Reason != "" {
		text += " (" + l.Reason + ")"
	}
	return text
}

// leftOut finds the trials that are left out of what, by verdict and target.
func leftOut(trials []trial.Trial, names []string) []LeftOut {
	type kind struct{ verdict, target string }
	found := map[kind]LeftOut{}
	perTarget := map[string]int{}
	for i, t := range trials {
		perTarget[names[i]]++
		if t.Verdict == trial.VerdictOK {
			continue
		}
		k := kind{t.Verdict, names[i]}
		l := found[k]
		found[k] = LeftOut{Target: k.target, Verdict: k.verdict, Trials: l.Trials + 1,
			Reason: cmp.Or(l.Reason, t.VerdictReason), CostStands: CostStands(k.verdict)}
	}
	list := []LeftOut{}
	for _, k := range slices.SortedFunc(maps.Keys(found), func(a, b kind) int {
		return cmp.Or(strings.Compare(a.verdict, b.verdict), strings.Compare(a.target, b.target))
	}) {
		l := found[k]
		l.Of = perTarget[k.target]
		list = append(list, l)
	}
	return list
}

// Count is "1 trial" or "3 trials".
func Count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
