package campaign

import (
	"strings"
	"testing"
	"time"

	"modelbench/results/trial"
)

// say is a probe that prints so and ends with this status.
func say(name, text, status string) Target {
	return Target{Name: name, Model: ownModel, Probe: true, Command: []string{"sh", "-c", `printf '%s' "$0" && exit "$1"`, text, status}}
}

func TestProbes(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	cfg.Blocks = 1
	lonely := Workload{Name: "start", Connections: 8, Alone: true, Measure: time.Second,
		Only: []string{"good", "fails", "wordy", "silent", "unknown", "foreign", "text", "missing"}}
	beside := Workload{Name: "orders", Connections: 8, Alone: true, Measure: time.Second, Fresh: true, Only: []string{"prefork"},
		Probe: []string{"sh", "-c", `echo "{\"orders\": {n}, \"lat_max_us\": ${0##*:}}"`, "{http}"}}
	cfg.Workloads = []Workload{lonely, beside}
	cfg.Targets = []Target{
		Targets(2)[1],
		say("good", `{"start_to_ready_us": 81.25, "due": {n}, "completed": 7, "unfinished": 1}`+"\n", "0"),
		say("fails", `{"due": 1}`, "3"),
		say("wordy", `{"due": 1}`+"\n"+`{"due": 1}`, "0"),
		say("silent", "\n", "0"),
		say("unknown", `{"due": 1, "speed": 1}`, "0"),
		say("foreign", `{"due": 1, "seed": 1}`, "0"),
		say("text", `{"due": "many"}`, "0"),
		{Name: "missing", Model: ownModel, Probe: true, Command: []string{"./no-such-program"}},
	}
	report, err := Run(t.Context(), cfg)
	must(t, err)
	if len(report.Trials) != 9 || report.Valid != 2 || len(report.Failures) > 0 {
		t.Fatalf("%d trials, %d valid, failures %q", len(report.Trials), report.Valid, report.Failures)
	}
	byTarget := map[string]trial.Trial{}
	for _, row := range report.Trials {
		byTarget[row.Target] = row
	}
	if g := byTarget["good"]; g.StartToReadyUs != trial.F(81.25) || g.Due != trial.I(8) || g.Completed != trial.I(7) || g.Unfinished != trial.I(1) ||
		g.Connections != trial.I(8) || g.Workload != "start" || g.Block != trial.I(1) || g.ThroughputRPS != (trial.Float{}) {
		t.Errorf("good: %+v", g)
	}
	if p := byTarget["prefork"]; p.Orders != trial.I(8) || !(p.LatMaxUs.Or(0) > 0) || p.Model != "prefork" || p.Workers != trial.I(2) {
		t.Errorf("beside prefork, which has a port: %+v", p)
	}
	for target, why := range map[string]string{
		"fails": "exit status 3", "wordy": "2 lines", "silent": "0 lines", "unknown": `"speed"`, "foreign": "seed is a column that the campaign fills in",
		"text": "no JSON object of numbers", "missing": "no-such-program",
	} {
		row := byTarget[target]
		if row.Verdict != trial.VerdictErrors || !strings.Contains(row.VerdictReason, why) || row.Due != (trial.Int{}) {
			t.Errorf("%s: %s (%s), want errors: %s; due %v", target, row.Verdict, row.VerdictReason, why, row.Due)
		}
	}
	allGone(t, cfg.Bin, 2) // one to be asked, one for the trial
}
