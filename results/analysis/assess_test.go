package analysis

import (
	"slices"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// Two campaigns, each with an A/A arm of another target: neither arm has a place in the ranking, and the larger noise counts.
func TestTwoArms(t *testing.T) {
	t.Parallel()
	var trials []trial.Trial
	for campaign, targets := range map[string]map[string]float64{
		"one": {"a": 10, "a-again": 10.1, "b": 12},
		"two": {"b": 12, "b-again": 12.6, "c": 14},
	} {
		for block := range 8 {
			for name, cost := range targets {
				variant := ""
				if strings.HasSuffix(name, trial.AgainSuffix) {
					variant = trial.AgainVariant
				}
				trials = append(trials, trial.Trial{CampaignID: campaign, Block: trial.I(block + 1), Target: name, Variant: variant, Workload: "w",
					ServerCPUUsPerReq: trial.F(cost), Verdict: trial.VerdictOK})
			}
		}
	}
	for range 2 {
		a, err := Of(trials, Options{})
		if err != nil {
			t.Fatal(err)
		}
		w := a.Workloads[0]
		s := w.Sections[0]
		if !slices.Equal(w.Targets, []string{"a", "b", "c"}) || w.Again != "a-again" || s.AA.With != "a" || s.Noise < 0.049 || s.Noise > 0.051 {
			t.Errorf("targets %v, again %s, noise %v", w.Targets, w.Again, s.Noise)
		}
		slices.Reverse(trials)
	}
}

// A target that differs from itself is the first of the notes; one that does not is none.
func TestUnlikeItself(t *testing.T) {
	t.Parallel()
	for factor, want := range map[float64][]string{
		0.5: {"p99: the same target twice differs (0.50x [0.50, 0.50]): this measure is the machine's noise here", "a: 1 of 9 trials left out: drift"},
		1:   {"a: 1 of 9 trials left out: drift"},
	} {
		var trials []trial.Trial
		for block := range 9 {
			for name, p99 := range map[string]float64{"a": 1000, "a-again": 1000 * factor, "b": 2000} {
				one := trial.Trial{CampaignID: "one", Block: trial.I(block + 1), Target: name, Workload: "w", LatP99Us: trial.F(p99), Verdict: trial.VerdictOK}
				if name == "a-again" {
					one.Variant = trial.AgainVariant
				}
				if name == "a" && block == 8 {
					one.Verdict = trial.VerdictDrift
				}
				trials = append(trials, one)
			}
		}
		a, err := Of(trials, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := a.Workloads[0].Notes(); !slices.Equal(got, want) {
			t.Errorf("%v: %q", factor, got)
		}
	}
}
