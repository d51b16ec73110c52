package compare

import (
	"fmt"
	"math"
	"math/rand/v2"

	"modelbench/results/trial"
)

// scenarios are the trials behind testdata/*.csv, by file name. They are made up: what matters is that their true ratios
// are known. TestGolden keeps the files equal to them.
var scenarios = map[string]func() []trial.Trial{
	"campaign":   campaign,
	"few-blocks": fewBlocks,
	"unbelieved": unbelievedTrials,
	"same-twice": sameTwice,
	"variants":   variants,
	"one-target": oneTarget,
	"no-pairs":   noPairs,
	"nothing":    nothing,
	"again":      again,
}

// source makes believable trials: figures times a drift that a block's trials share, times their own noise.
type source struct {
	rng   *rand.Rand
	drift map[string]float64
	noise float64
}

func newSource(seed uint64, noise float64) *source {
	return &source{rand.New(rand.NewPCG(seed, 1)), map[string]float64{}, noise}
}

// figures are a target's true ones; a zero is not measured.
type figures struct {
	rps, cpuUs, p50Us, p99Us, pssMiB float64
}

func (s *source) trial(workload, target, campaign string, block int, f figures) trial.Trial {
	key := fmt.Sprint(campaign, "/", block)
	if s.drift[key] == 0 {
		s.drift[key] = math.Exp(0.15 * s.rng.NormFloat64())
	}
	t := trial.Trial{CampaignID: campaign, Block: trial.I(block), Target: target, Model: target, Workload: workload,
		Connections: trial.I(64), Pipeline: trial.I(1), Arrivals: trial.ArrivalsClosed, Keepalive: trial.B(true),
		Verdict: trial.VerdictOK, Machine: trial.Machine{HostID: "0a1b2c3d"}}
	put := func(to *trial.Float, v float64, digits float64) {
		if v > 0 {
			v *= s.drift[key] * math.Exp(s.noise*s.rng.NormFloat64())
			*to = trial.F(math.Round(v*digits) / digits)
		}
	}
	put(&t.ThroughputRPS, f.rps, 1)
	put(&t.ServerCPUUsPerReq, f.cpuUs, 1000)
	put(&t.LatP50Us, f.p50Us, 10)
	put(&t.LatP99Us, f.p99Us, 10)
	var pss trial.Float
	put(&pss, f.pssMiB*(1<<20), 1)
	if v, ok := pss.Get(); ok {
		t.ServerPSSBytes = trial.I(int64(v))
	}
	t.TrialID = fmt.Sprintf("%s-%d-%s-%s", campaign, block, workload, target)
	t.CellID = trial.CellID(t)
	return t
}

// campaign is what the default campaign looks like: a clear winner here, equality there, an open loop beside.
func campaign() []trial.Trial {
	s := newSource(11, 0.01)
	var all []trial.Trial
	for block := range 12 {
		for target, f := range inOrder(map[string][4]figures{
			"goroutine": {{101e3, 8.2, 610, 1450, 21}, {310, 6400, 205e3, 240e3, 21}, {6390, 14, 10.1e3, 11.4e3, 24}, {0, 9.1, 180, 920, 21}},
			"prefork":   {{98e3, 8.3, 640, 1500, 48}, {311, 6410, 204e3, 239e3, 48}, {6388, 14.1, 10.1e3, 11.5e3, 50}, {0, 9.3, 185, 1100, 48}},
			"eventloop": {{112e3, 6.9, 540, 1180, 12}, {156, 6405, 409e3, 460e3, 12}, {6391, 11.8, 10.1e3, 11.2e3, 13}, {0, 7.7, 150, 880, 12}},
		}) {
			all = append(all, s.trial("plaintext", target, "c1", block, f[0]), s.trial("spin", target, "c1", block, f[1]))
			spin, wait := &all[len(all)-1], s.trial("wait", target, "c1", block, f[2])
			spin.SpinIters, wait.WaitUs = trial.I(400_000), trial.F(10_000)
			open := s.trial("plaintext", target, "c1", block, f[3])
			open.Arrivals, open.OfferedRPS, open.ThroughputRPS = trial.ArrivalsConstant, trial.F(20_000), trial.F(19_998)
			all = append(all, wait, open)
		}
	}
	return all
}

// inOrder ranges over a map by its keys in order, so that a seed gives the same trials always.
func inOrder[V any](m map[string]V) func(func(string, V) bool) {
	return func(yield func(string, V) bool) {
		for _, name := range []string{"goroutine", "prefork", "eventloop", "a", "b", "c"} {
			if v, has := m[name]; has && !yield(name, v) {
				return
			}
		}
	}
}

// fewBlocks is far apart, but three blocks decide nothing.
func fewBlocks() []trial.Trial {
	s := newSource(12, 0.01)
	var all []trial.Trial
	for block := range 3 {
		all = append(all, s.trial("echo", "goroutine", "c1", block, figures{rps: 50e3, cpuUs: 8, p50Us: 800}),
			s.trial("echo", "eventloop", "c1", block, figures{rps: 150e3, cpuUs: 4, p50Us: 300}))
	}
	return all
}

// unbelievedTrials holds every reason to leave something out.
func unbelievedTrials() []trial.Trial {
	s := newSource(13, 0.01)
	var all []trial.Trial
	for block := range 8 {
		fast := s.trial("plaintext", "eventloop", "c1", block, figures{rps: 150e3, cpuUs: 6, p50Us: 300, p99Us: 700})
		fast.Verdict, fast.VerdictReason = trial.VerdictClientBound, fmt.Sprintf("loadgen used %d%% of its CPU", 97+block%3)
		slow := s.trial("plaintext", "goroutine", "c1", block, figures{rps: 90e3, cpuUs: 8, p50Us: 600, p99Us: 1500})
		if block == 5 {
			slow.Verdict, slow.VerdictReason = trial.VerdictDrift, "the fixed kernel took 9% longer afterwards"
		}
		other := s.trial("plaintext", "prefork", "c1", block, figures{rps: 88e3, cpuUs: 8.1, p50Us: 610, p99Us: 1480})
		if block == 6 {
			other.Verdict = ""
		}
		all = append(all, fast, slow, other)
	}
	return all
}

// sameTwice is an A/A campaign with a quiet and a noisy measure.
func sameTwice() []trial.Trial {
	quiet, noisy := newSource(14, 0.012), newSource(15, 0.12)
	var all []trial.Trial
	for block := range 9 {
		for _, target := range []string{"a", "b", "c"} {
			t := quiet.trial("plaintext", target, "c1", block, figures{rps: 100e3, cpuUs: 8, p50Us: 600})
			t.LatP99Us = noisy.trial("plaintext", target, "c1", block, figures{p99Us: 1500}).LatP99Us
			all = append(all, t)
		}
	}
	return all
}

// variants has one target under two process budgets, two campaigns with the same block numbers, labels, and a block
// that was measured twice.
func variants() []trial.Trial {
	s := newSource(16, 0.01)
	var all []trial.Trial
	for _, id := range []string{"monday", "tuesday"} {
		for block := range 4 {
			for procs, rps := range []float64{60e3, 101e3} {
				t := s.trial("plaintext", "goroutine", id, block, figures{rps: rps, cpuUs: 9})
				t.Procs, t.Labels, t.Pipeline = trial.I(procs+1), "gc=off;kernel=6.1", trial.I(16)
				t.HostID = id
				all = append(all, t)
			}
		}
	}
	return append(all, all[3])
}

// oneTarget is what somebody who runs loadgen by hand collects: no campaign, no block, no target's name.
func oneTarget() []trial.Trial {
	s := newSource(17, 0.01)
	var all []trial.Trial
	for i := range 4 {
		t := s.trial("", "", "", i, figures{rps: 1234, p50Us: 0.93e6, p99Us: 2.5e6})
		t.Block, t.Model, t.URL = trial.Int{}, "", "http://127.0.0.1:8000/"
		all = append(all, t)
	}
	return all
}

// noPairs has two targets that never met in a block.
func noPairs() []trial.Trial {
	s := newSource(18, 0.01)
	var all []trial.Trial
	for block := range 6 {
		all = append(all, s.trial("echo", "a", "c1", block, figures{cpuUs: 8}), s.trial("echo", "b", "c1", block+6, figures{cpuUs: 9}))
	}
	return all
}

// nothing holds trials, but none to believe.
func nothing() []trial.Trial {
	s := newSource(19, 0.01)
	t := s.trial("echo", "a", "c1", 0, figures{rps: 8})
	t.Verdict, t.VerdictReason = trial.VerdictErrors, "12% of the requests failed"
	return []trial.Trial{t}
}

// again is a campaign long enough for Holm's correction, with an A/A arm that is noisy in p99: six comparisons in all.
func again() []trial.Trial {
	s := newSource(31, 0.01)
	noisy := newSource(32, 0.25)
	var all []trial.Trial
	for block := range 12 {
		for _, workload := range []string{"plaintext", "spin"} {
			for i, target := range []string{"goroutine", "prefork", "eventloop", "goroutine" + trial.AgainSuffix} {
				cost := []float64{10, 10.9, 10.05, 10}[i]
				t := s.trial(workload, target, "c", block, figures{cpuUs: cost})
				t.LatP99Us = noisy.trial(workload, target, "c", block, figures{p99Us: 300}).LatP99Us
				if i == 3 {
					t.Model, t.Variant = "goroutine", trial.AgainVariant
				}
				all = append(all, t)
			}
		}
	}
	return all
}
