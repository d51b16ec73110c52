package report

import (
	"slices"
	"strings"
	"testing"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// doubtful is a trial of a workload at a fixed rate, with what a test of doubts needs.
func doubtful(block int, target string, p99 float64) trial.Trial {
	t := trial.Trial{CampaignID: "c1", Block: trial.I(block), Target: target, Workload: "w", Arrivals: trial.ArrivalsConstant, OfferedRPS: trial.F(1000),
		ThroughputRPS: trial.F(1000), ServerCPUUsPerReq: trial.F(40), Verdict: trial.VerdictOK}
	if p99 > 0 {
		t.LatP99Us = trial.F(p99)
	}
	if strings.HasSuffix(target, trial.AgainSuffix) {
		t.Variant = trial.AgainVariant
	}
	return t
}

// A target that differs from itself is the first doubt.
func TestUnlikeItselfComesFirst(t *testing.T) {
	t.Parallel()
	var trials []trial.Trial
	for block := range 9 {
		trials = append(trials, doubtful(block+1, "a", 1000), doubtful(block+1, "a-again", 500), doubtful(block+1, "b", 2000))
	}
	trials[0].Verdict = trial.VerdictDrift
	a, err := analysis.Of(trials, defaults)
	if err != nil {
		t.Fatal(err)
	}
	list := warnings(a, analysis.Members(trials), nil)
	if len(list) < 2 || list[0].Text != "w, 1k/s offered (constant): p99: the same target twice differs (0.50x [0.50, 0.50]): this measure is the machine's noise here." || list[0].Section != "noise" {
		t.Errorf("%q", list)
	}
	if slices.ContainsFunc(list[1:], func(w warning) bool { return strings.Contains(w.Text, "twice") }) {
		t.Errorf("%q", list)
	}
}

// Five blocks decide nothing, which is said once; what failed is named, with the section that holds it; a measure without values says why.
func TestFewBlocksAndFailures(t *testing.T) {
	t.Parallel()
	var trials []trial.Trial
	for block := range 5 {
		trials = append(trials, doubtful(block+1, "a", 0), doubtful(block+1, "b", 0))
	}
	other := doubtful(1, "a", 1000)
	other.Workload, other.Arrivals, other.OfferedRPS = "x", trial.ArrivalsClosed, trial.Float{}
	trials = append(trials, other)
	a, err := analysis.Of(trials, defaults)
	if err != nil {
		t.Fatal(err)
	}
	m := &folder.Manifest{Status: "complete", Failures: []string{"one", "two", "three", "four"}, LeftOut: []folder.LeftOut{{Target: "c", Workload: "w", Why: "answers 404"}}}
	got := warnings(a, analysis.Members(trials), []Source{{Folder: folder.Folder{Manifest: m}, Name: "c1"}})
	want := []warning{
		{"c was not measured in w: it answers 404.", "setup", "Machine and command"},
		{"c1: 4 failures during the campaign: one; two; three. The section lists 1 more.", "setup", "Machine and command"},
		{Text: "Too few blocks for any verdict: targets share 5 at the most, and 6 is the least."},
	}
	if !slices.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	members, why := analysis.Members(trials), map[string]string{}
	for i, wl := range a.Workloads {
		for _, c := range newCard("", wl, members[i], columns(a), newLooks(marks(a))).Cells {
			why[wl.Name+" "+c.Measure] = c.Why
		}
	}
	for cell, reason := range map[string]string{"w throughput": "fixed rate, the same for all", "w p99": "too few requests", "w server CPU": "", "x p99": "measured alone"} {
		if why[cell] != reason {
			t.Errorf("%s: %q", cell, why[cell])
		}
	}
}
