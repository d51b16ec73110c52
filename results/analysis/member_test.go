package analysis

import (
	"slices"
	"testing"

	"modelbench/results/trial"
)

// Members stand under the workload that they were counted in, under the name that stands there.
func TestMembers(t *testing.T) {
	t.Parallel()
	var trials []trial.Trial
	for _, workload := range []string{"wait", "echo"} {
		for procs := range 2 {
			trials = append(trials, trial.Trial{Workload: workload, Target: "a", Procs: trial.I(procs + 1), Verdict: trial.VerdictOK,
				ThroughputRPS: trial.F(100)})
		}
	}
	trials = append(trials, trial.Trial{Workload: "echo", Target: "b", Verdict: trial.VerdictDrift})
	a, err := Of(trials, Options{})
	if err != nil {
		t.Fatal(err)
	}
	all := Members(trials)
	if len(all) != len(a.Workloads) {
		t.Fatalf("%d lists of members for %d workloads", len(all), len(a.Workloads))
	}
	n := 0
	for i, wl := range a.Workloads {
		var names []string
		for _, m := range all[i] {
			n++
			names = append(names, m.Target)
			if m.Trial.Workload != wl.Name {
				t.Errorf("a trial of %s is a member of %s", m.Trial.Workload, wl.Name)
			}
		}
		if got := slices.Compact(slices.Sorted(slices.Values(names))); !slices.Equal(got, wl.Targets) {
			t.Errorf("%s: members %q of targets %q", wl.Name, got, wl.Targets)
		}
	}
	if n != len(trials) {
		t.Errorf("%d members of %d trials", n, len(trials))
	}
}
