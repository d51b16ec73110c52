package analysis

import (
	"slices"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// Every factor but those of the target sets trials apart, and the title says so: what was measured under other conditions is never
// compared.
func TestEveryFactorSetsApart(t *testing.T) {
	t.Parallel()
	texts := map[string]string{"arrivals": trial.ArrivalsPoisson, "keepalive": "false", "labels": "k=v", "fault": "exit", "workload": "other"}
	for _, c := range trial.Columns() {
		if c.Group != trial.Factors || c.Name == "url" || slices.Contains(targetColumns, c.Name) {
			continue
		}
		usual := trial.Trial{CampaignID: "a", Block: trial.I(1), Target: "T", Workload: "wait", Verdict: trial.VerdictOK, ThroughputRPS: trial.F(1)}
		other := usual
		text := texts[c.Name]
		if text == "" {
			text = "7"
		}
		if err := trial.Set(&other, c.Name, text); err != nil {
			t.Fatal(err)
		}
		a, err := Of([]trial.Trial{usual, other}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if len(a.Workloads) != 2 || a.Workloads[0].Title == a.Workloads[1].Title {
			t.Errorf("%s: %d workloads, %+v", c.Name, len(a.Workloads), a.Workloads[0].Title)
		}
	}
}

func TestTitleOfWhatIsBeside(t *testing.T) {
	t.Parallel()
	got := title(trial.Trial{Workload: "h1", Connections: trial.I(64), Arrivals: trial.ArrivalsConstant, OfferedRPS: trial.F(2000), Keepalive: trial.B(false),
		HeavyConnections: trial.I(1), IdleConnections: trial.I(2000), Fault: "exit", Labels: "k=v"})
	for _, want := range []string{"h1, 64 connections, 2k/s offered (constant)", "1 heavy connection beside", "2000 idle connections beside", "keepalive false", "fault exit", "k=v"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q lacks %q", got, want)
		}
	}
}
