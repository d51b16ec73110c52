package campaign

import (
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// scattered makes trials of three targets, whose costs are 10, 11 and 12 and scatter by so
// much around a block's own level.
func scattered(workload string, blocks int, scatter float64, open bool) []trial.Trial {
	rng := rand.New(rand.NewPCG(1, uint64(blocks)))
	var trials []trial.Trial
	for block := 1; block <= blocks; block++ {
		level := 1 + rng.Float64()
		for i, name := range []string{"a", "b", "c", "a-again"} {
			v := float64(10+i%3) * level * math.Exp(scatter*rng.NormFloat64())
			t := trial.Trial{Workload: workload, Target: name, Block: trial.I(block), Arrivals: trial.ArrivalsClosed,
				Verdict: trial.VerdictOK, ThroughputRPS: trial.F(1e4 / v), ServerCPUUsPerReq: trial.F(100)}
			if open {
				t.Arrivals, t.ServerCPUUsPerReq, t.ThroughputRPS = trial.ArrivalsConstant, trial.F(v), trial.F(500)
			}
			if name == "a-again" { // as noisy as can be: it must not matter
				t.Variant = trial.AgainVariant
				t.ServerCPUUsPerReq, t.ThroughputRPS = trial.F(rng.Float64()), trial.F(rng.Float64())
			}
			trials = append(trials, t)
		}
	}
	return trials
}

func TestPrecise(t *testing.T) {
	t.Parallel()
	echo, wait := Workload{Name: "echo"}, Workload{Name: "wait"}
	for _, tt := range []struct {
		name      string
		trials    []trial.Trial
		workloads []Workload
		enough    bool
		widest    string // part of it
	}{
		{"quiet", scattered("echo", 6, 0.001, true), []Workload{echo}, true, " in echo, ±0."},
		{"noisy", scattered("echo", 6, 0.2, true), []Workload{echo}, false, " in echo, ±"},
		{"noisy, many blocks", scattered("echo", 200, 0.02, true), []Workload{echo}, true, " in echo, ±"},
		{"closed loops by throughput", scattered("wait", 6, 0.001, false), []Workload{wait}, true, " in wait, ±0."},
		{"five blocks", scattered("echo", 5, 0, true), []Workload{echo}, false, "±+Inf%"},
		{"one of two is noisy", append(scattered("echo", 6, 0.001, true), scattered("wait", 6, 0.2, false)...), []Workload{echo, wait}, false, " in wait, ±"},
		{"one of two was left out", scattered("wait", 6, 0.001, false), []Workload{echo, wait}, true, " in wait, ±"},
		{"nothing", nil, []Workload{echo}, false, ""},
	} {
		widest, enough := precise(0.03, tt.trials, tt.workloads)
		if enough != tt.enough || !strings.Contains(widest.String(), tt.widest) {
			t.Errorf("%s: %v, %v; want %v, %q", tt.name, enough, widest, tt.enough, tt.widest)
		}
	}
	invalid := scattered("echo", 6, 0.001, true)
	invalid[1].Verdict = trial.VerdictLagging
	if widest, enough := precise(0.03, invalid, []Workload{echo}); enough || widest.target != "b" {
		t.Errorf("a pair less than six: %v, %v", enough, widest)
	}
}

// The fakes scatter by nothing at all: the eight blocks that six comparisons take together are enough.
func TestCampaignStopsAtPrecision(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	cfg.Blocks, cfg.Until = 9, 0.03
	report, err := Run(t.Context(), cfg)
	must(t, err)
	if report.Blocks != 8 || report.Status != Complete || len(report.Trials) != 48 {
		t.Errorf("%d blocks, %s, %d trials", report.Blocks, report.Status, len(report.Trials))
	}
	if m := readManifest(t, cfg.Out); m.Until != 0.03 || !strings.Contains(strings.Join(m.Notes, "\n"), "precise enough after 8 blocks: no interval is wider than ±3%") {
		t.Errorf("manifest: until %v, notes %q", m.Until, m.Notes)
	}
}
