package claims

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// asks is a test of winners in two workloads of one experiment and one of another.
const asks = "winners: [T, A, P], cells: [cpu/spin/throughput, cpu/wait/throughput, faults/exit/conns_lost_share], beaten: all"

// winnersWorld has throughputs in two workloads, and what share of 1000 connections each target loses.
func winnersWorld(seed uint64, noise float64, spin, wait, lost map[string]float64) *world {
	w := newWorld(seed)
	w.noise = noise
	w.throughput("cpu", "spin", 12, spin)
	w.throughput("cpu", "wait", 12, wait)
	for b := 1; b <= 12; b++ {
		for _, target := range slices.Sorted(keys(lost)) {
			w.trial("faults", target, "exit", b, func(t *trial.Trial) {
				t.Connections, t.ConnsLost = trial.I(1000), trial.I(int(1000*lost[target])+w.rng.IntN(11)-5)
			})
		}
	}
	return w
}

func TestWinners(t *testing.T) {
	t.Parallel()
	equal, half := map[string]float64{"T": 1000, "A": 1000, "P": 1000}, map[string]float64{"T": 0.5, "A": 0.5, "P": 0.5}
	for name, c := range map[string]struct {
		spin, wait, lost map[string]float64
		want             Answer
		beaten           []string
	}{
		"each somewhere":         {map[string]float64{"T": 2000, "A": 1000, "P": 2000}, equal, map[string]float64{"T": 1, "A": 0.5, "P": 0.8}, Yes, []string{"A", "", "T P"}},
		"by ratios alone":        {map[string]float64{"T": 2000, "A": 1000, "P": 2000}, map[string]float64{"T": 1000, "A": 1200, "P": 1000}, half, Yes, []string{"A", "T P", ""}},
		"one leads everywhere":   {map[string]float64{"T": 2000, "A": 1000, "P": 2000}, equal, half, No, []string{"A", "", ""}},
		"all the same":           {equal, equal, half, No, []string{"", "", ""}},
		"worse, but by too much": {map[string]float64{"T": 2000, "A": 1000, "P": 1900}, map[string]float64{"T": 950, "A": 1000, "P": 1000}, half, Unknown, nil},
		"not all were measured":  {map[string]float64{"T": 2000, "A": 1000}, equal, half, Unasked, nil},
	} {
		o := Judge(rulesOf(t, Confirmatory, asks), winnersWorld(3, 0.02, c.spin, c.wait, c.lost).m).Findings[0].Outcomes[0]
		if o.Answer != c.want || c.want != Unasked && o.Blocks != 12 {
			t.Errorf("%s: %+v", name, o)
		}
		for i, want := range c.beaten {
			if got := strings.Join(o.Cells[i].Beaten, " "); got != want {
				t.Errorf("%s, cell %d: %s are beaten, want %s", name, i, got, want)
			}
		}
	}
}

// One that is worse by exactly what makes no difference is no reason for a yes, nor is one that leads by chance: wrong answers are rare.
func TestWinnersErr(t *testing.T) {
	t.Parallel()
	const runs = 150
	set := rulesOf(t, Confirmatory, "winners: [T, A, P], cells: [cpu/spin/throughput, cpu/wait/throughput], beaten: all")
	yes, no := 0, 0
	for seed := range uint64(runs) {
		// A and P are beaten in truth, T is worse than A by 5% and no more.
		w := winnersWorld(500+seed, 0.06, map[string]float64{"T": 2000, "A": 1000, "P": 2000}, map[string]float64{"T": 1000, "A": 1050, "P": 900}, nil)
		if Judge(set, w.m).Findings[0].Outcomes[0].Answer == Yes {
			yes++
		}
		// Each is beaten in truth, if barely.
		w = winnersWorld(900+seed, 0.06, map[string]float64{"T": 1000, "A": 952, "P": 1000}, map[string]float64{"T": 952, "A": 1000, "P": 952}, nil)
		if Judge(set, w.m).Findings[0].Outcomes[0].Answer == No {
			no++
		}
	}
	for name, wrong := range map[string]int{"yes": yes, "no": no} {
		if share := float64(wrong) / runs; share > 0.05+2.5*math.Sqrt(0.05*0.95/runs) {
			t.Errorf("%v of the campaigns say %s", share, name)
		}
	}
}

// What the A/A arm shows widens what makes no difference.
func TestWinnersNoise(t *testing.T) {
	t.Parallel()
	const two = "winners: [T, A], cells: [cpu/spin/throughput, cpu/wait/throughput], beaten: all"
	worlds := map[float64]Answer{1: Yes, 1.5: Unknown}
	for again, want := range worlds {
		w := newWorld(1)
		w.throughput("cpu", "spin", 12, map[string]float64{"T": 1300, "A": 1000, "T-again": 1300 * again})
		w.throughput("cpu", "wait", 12, map[string]float64{"T": 1000, "A": 1300, "T-again": 1000})
		r := Judge(rulesOf(t, Confirmatory, two, spin+"ratio: T / A, above: 1.1"), w.m)
		if o := r.Findings[0].Outcomes[0]; o.Answer != want && !(want == Unknown && o.Answer == No) {
			t.Errorf("%v: %+v", again, o)
		}
		if loud := len(r.Loud()); loud != map[bool]int{true: 1}[again > 1] {
			t.Errorf("%v: %d are loud: %+v", again, loud, r.AA)
		}
		if len(r.AA) != 2 || r.AA[0].Target != "T" || r.AA[0].Workload != "spin" || math.Abs(r.AA[0].Estimate-again) > 0.05 || r.AA[0].Blocks != 12 {
			t.Errorf("%+v", r.AA)
		}
	}
}

// Memory for each idle connection is the slope through all workloads, block by block.
func TestSlope(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	for b := range 7 {
		for target, per := range map[string]int{"T": 4000, "A": 1000, "P": -3} {
			for _, n := range []int{0, 500, 2000} {
				w.trial("idle", target, fmt.Sprintf("i%d", n), b, func(t *trial.Trial) {
					if t.ServerPSSBytes = trial.I(10_000_000 + 1000*b + per*n); n > 0 {
						t.IdleConnections = trial.I(n)
					}
					if b == 6 && n > 0 { // nothing to draw a line through
						t.Verdict = trial.VerdictDrift
					}
				})
			}
		}
	}
	o := Judge(rulesOf(t, Confirmatory, "experiment: idle, measure: pss_per_idle, ratio: A / T, below: 0.5", "experiment: idle, measure: pss_per_idle, value: T, above: 2KiB",
		"experiment: idle, measure: pss_per_idle, value: P, above: 1"), w.m).Findings[0].Outcomes
	for i, want := range []struct {
		estimate float64
		blocks   int
	}{{0.25, 6}, {4000, 6}, {0, 0}} {
		if math.Abs(o[i].Estimate-want.estimate) > 1e-6 || o[i].Blocks != want.blocks || o[i].LeftOut != 7-want.blocks {
			t.Errorf("%d: %+v", i, o[i])
		}
	}
}

// CPython's figure is that of the counterparts in the experiment's twin.
func TestPython(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	w.throughput("cpu", "spin", 8, map[string]float64{"T": 1900, "T1": 1000, "A": 1000, "P": 2000})
	w.throughput("python/cpu", "spin", 6, map[string]float64{"py-t": 100, "py-t1": 200})
	o := Judge(rulesOf(t, Confirmatory, spin+"ratio: T / T1, above: 1.3", spin+"value: T1, above: 1", spin+"ratio: A / T1, above: 1.3", spin+"ratio: P / T1, above: 1.3"), w.m).Findings[0].Outcomes
	for i, want := range []float64{0.5, 200, 0, 0} {
		p := o[i].Python
		if (p == nil) != (want == 0) || p != nil && (math.Abs(math.Log(p.Estimate/want)) > 0.5 || p.Blocks != 6 || p.Answer != Observed || p.P != 0) {
			t.Errorf("%d: %+v", i, p)
		}
	}
	if r := Judge(rulesOf(t, Confirmatory, spin+"ratio: T / T1, above: 1.3"), w.m); len(r.Python) != 1 || r.Python[0].Trials != 12 || r.Family != 1 {
		t.Errorf("%+v", r.Python)
	}
}

// The counts of source code are no chance: they answer by themselves, and are in no family.
func TestCounted(t *testing.T) {
	t.Parallel()
	_, m := campaigns()
	r := Judge(rulesOf(t, Confirmatory, "count: eventloop / goroutine, figure: lines, above: 2", "count: eventloop / goroutine, figure: lines, within: 5%",
		"count: goroutine, figure: states, below: 4", "count: goroutine / eventloop, figure: states, above: 1", "count: prefork, figure: lines, above: 1"), m)
	for i, want := range []Answer{Yes, No, Yes, Unasked, Unasked} {
		if o := r.Findings[0].Outcomes[i]; o.Answer != want {
			t.Errorf("%d: %+v", i, o)
		}
	}
	if r.Family != 0 {
		t.Errorf("a family of %d", r.Family)
	}
}
