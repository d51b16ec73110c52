package report

import (
	"slices"
	"strings"
	"testing"

	"modelbench/results/analysis"
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
	if len(list) < 2 || list[0] != "w, 1k/s offered (constant): p99: the same target twice differs (0.50x [0.50, 0.50]): this measure is the machine's noise here." {
		t.Errorf("%q", list)
	}
	if slices.ContainsFunc(list[1:], func(s string) bool { return strings.Contains(s, "twice") }) {
		t.Errorf("%q", list)
	}
}
