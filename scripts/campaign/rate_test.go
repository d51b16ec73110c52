package campaign

import (
	"math"
	"strings"
	"testing"

	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

func TestTwoDigits(t *testing.T) {
	t.Parallel()
	for v, want := range map[float64]float64{
		0: 0, -3: 0, math.Inf(1): 0,
		1: 1, 9.99: 9.9, 10: 10, 99.9: 99, 100: 100, 123: 120, 999: 990, 1000: 1000, 29_999: 29_000, 30_000: 30_000, 1e6: 1e6,
		9.87: 9.8, 0.123: 0.12,
	} {
		if got := twoDigits(v); got != want {
			t.Errorf("%v becomes %v, want %v", v, got, want)
		}
	}
}

func TestChooseRate(t *testing.T) {
	t.Parallel()
	row := func(rps float64) trial.Trial { return trial.Trial{ThroughputRPS: trial.F(rps)} }
	w := Workload{Name: "echo", Rate: spec.Rate{Share: rateShare}}
	r, err := chooseRate(w, map[string]trial.Trial{"a": row(50_000), "b": row(41_234)})
	must(t, err)
	if r.RPS != 10_000 || r.Slowest != "b" || len(r.Capacity) != 2 || r.Workload != "echo" {
		t.Errorf("chose %+v", r)
	}
	if got, want := r.String(), "echo: 10000 requests/s for every target, 25% of the 41234 that b, the slowest, reached"; got != want {
		t.Errorf("says %q", got)
	}
	for name, rows := range map[string]map[string]trial.Trial{
		"nobody": nil, "too slow": {"a": row(3.5)},
	} {
		if r, err := chooseRate(w, rows); err == nil {
			t.Errorf("%s: chose %+v", name, r)
		}
	}
}

func TestFarApart(t *testing.T) {
	t.Parallel()
	near := Rate{Workload: "x", Slowest: "a", Capacity: map[string]float64{"a": 1000, "b": 5000, "c": 2000}}
	if text := near.farApart(); text != "" {
		t.Errorf("of 5 times it says %q", text)
	}
	if text := (Rate{Workload: "x", RPS: 5}).farApart(); text != "" {
		t.Errorf("of a rate that was given it says %q", text)
	}
	far := Rate{Workload: "x", Slowest: "a", Capacity: map[string]float64{"a": 1000, "b": 82000, "c": 2000}}
	if text := far.farApart(); !strings.HasPrefix(text, "x: a reached 1000 requests/s and b 82000, 82 times as many. ") {
		t.Errorf("it says %q", text)
	}
}

func TestUncalibrated(t *testing.T) {
	t.Parallel()
	row := func(rps float64, completed int64, verdict, reason string) trial.Trial {
		return trial.Trial{ThroughputRPS: trial.F(rps), Completed: trial.I(completed), Verdict: verdict, VerdictReason: reason}
	}
	for _, tt := range []struct {
		row      trial.Trial
		measured bool
		want     string
	}{
		{row(500, 9, trial.VerdictOK, ""), true, ""},
		{row(500, 9, trial.VerdictTooFew, "9 samples"), true, ""},
		{row(500, 9, trial.VerdictErrors, "30 timeouts"), true, "errors: 30 timeouts"},
		{row(0, 0, trial.VerdictTooFew, "0 samples"), true, "too_few: 0 samples"},
		{row(0, 0, trial.VerdictOK, ""), true, "nothing completed"},
		{trial.Trial{}, true, "nothing completed"},
		{trial.Trial{}, false, "loadgen wrote no trial"},
	} {
		if got := uncalibrated(tt.row, tt.measured); got != tt.want {
			t.Errorf("%+v: %q, want %q", tt.row, got, tt.want)
		}
	}
}

func TestDrifted(t *testing.T) {
	t.Parallel()
	for calib, want := range map[[2]float64]bool{
		{100, 100}: false, {100, 104.9}: false, {104.9, 100}: false, {100, 105.1}: true, {105.1, 100}: true,
	} {
		if drifted(calib) != want {
			t.Errorf("%v: drift %v", calib, !want)
		}
	}
	if ns := kernelTime(); ns <= 0 {
		t.Errorf("the kernel took %v ns", ns)
	}
}
