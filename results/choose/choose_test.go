package choose

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

func expect(t *testing.T, a *Advice, outcome Outcome, targets ...string) {
	t.Helper()
	if a.Outcome != outcome || !slices.Equal(a.Targets, targets) {
		var b strings.Builder
		if err := Text(&b, a); err != nil {
			t.Error(err)
		}
		t.Fatalf("%s %v, want %s %v\n%s", a.Outcome, a.Targets, outcome, targets, b.String())
	}
}

func TestRecommendation(t *testing.T) {
	t.Parallel()
	a := advise(t, need("wait"), wait(map[string]truth{"goroutine": base, "prefork": base.times(1.3, 1, 1), "eventloop": base.times(0.8, 1, 1)}))
	expect(t, a, Recommendation, "eventloop")
	if len(a.Because) != 2 || len(a.Candidates) != 3 {
		t.Errorf("%d sentences, %d candidates: the A/A arm is none", len(a.Because), len(a.Candidates))
	}
	for _, s := range a.Because {
		e := s.Evidence
		if e.Target != "eventloop" || e.N != 12 || len(e.Trials) != 24 || len(e.Commands) != 1 || e.Screening || *e.Hi >= 1/1.05 || !(*e.Lo < *e.Estimate) {
			t.Errorf("%+v", s)
		}
		if truth := map[string]float64{"goroutine": 0.8, "prefork": 0.8 / 1.3}[e.Versus]; math.Abs(*e.Estimate/truth-1) > 0.02 {
			t.Errorf("%s: %v, want %v", s.Text, *e.Estimate, truth)
		}
	}
	if w := a.Stability.Wins; w[0] != (WinShare{"eventloop", 1}) || a.Stability.Blocks != 12 {
		t.Errorf("%+v", a.Stability)
	}
	if a.Measured[0].Command != "go run ./scripts/compare --seed 1" || len(a.Missing) != 0 {
		t.Errorf("%+v %+v", a.Measured, a.Missing)
	}
}

// Where the first objective makes no difference the next one decides, and where none does it is a tie.
func TestObjectivesInOrder(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base.times(1, 1, 1.5), "eventloop": base})
	a := advise(t, need("wait"), w)
	expect(t, a, Recommendation, "eventloop")
	if metrics := []string{a.Because[0].Evidence.Metric, a.Because[1].Evidence.Metric, a.Because[2].Evidence.Metric}; !slices.Equal(metrics, DefaultObjectives) {
		t.Errorf("%v", metrics)
	}
	expect(t, advise(t, need("wait", func(n *Need) { n.Objectives = []string{"cpu_us_per_req"} }), w), Tie, "eventloop", "goroutine")
	w = wait(map[string]truth{"goroutine": base.times(0.5, 1, 1), "eventloop": base.times(1, 0.5, 1)})
	expect(t, advise(t, need("wait", func(n *Need) { n.Objectives = []string{"p99"} }), w), Recommendation, "eventloop")
	w.cells[0].truth["eventloop"] = truth{cpu: 40, p99: 2000, memory: 1e7, throughput: 20_000}
	expect(t, advise(t, need("wait", func(n *Need) { n.Objectives = []string{"throughput"} }), w), Recommendation, "eventloop")
}

func TestTie(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "prefork": base.times(1.2, 1, 1), "eventloop": base})
	a := advise(t, need("wait"), w)
	expect(t, a, Tie, "eventloop", "goroutine")
	if len(a.Preferred) != 0 {
		t.Errorf("nobody declared a preference: %v", a.Preferred)
	}
	a = advise(t, need("wait", func(n *Need) { n.Simple = []string{"goroutine", "prefork"} }), w)
	expect(t, a, Tie, "eventloop", "goroutine")
	if !slices.Equal(a.Preferred, []string{"goroutine"}) {
		t.Errorf("%v", a.Preferred)
	}
}

func TestUndecided(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(0.85, 1, 1)})
	w.noise = 0.2
	a := advise(t, need("wait"), w)
	expect(t, a, Undecided, "eventloop", "goroutine")
	if a.Blocks <= 12 || len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, fmt.Sprintf("blocks: %d\n", a.Blocks-12)) {
		t.Errorf("%d blocks, %+v", a.Blocks, a.Missing)
	}
	w.noise, w.blocks = 0.01, 5
	a = advise(t, need("wait"), w)
	if expect(t, a, Undecided, "eventloop", "goroutine"); a.Blocks < 6 || a.Stability != nil {
		t.Errorf("five blocks have no interval of 95%%, and %d would do; stability %+v", a.Blocks, a.Stability)
	}
}

// Better, but not surely by more than what matters, is not enough.
func TestTheWinnerIsBeyondWhatMatters(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(0.95, 1, 1)})
	w.noise = 0.02
	a := advise(t, need("wait"), w)
	expect(t, a, Undecided, "eventloop", "goroutine")
	if e := a.Because[0].Evidence; *e.Hi >= 1 {
		t.Errorf("this test is about an interval below 1: %v", *e.Hi)
	}
}

func TestConstraints(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base.times(1, 0.5, 1), "prefork": base.times(1.3, 0.5, 3), "eventloop": base.times(0.8, 1, 1)})
	w.drift = 0.02
	for _, c := range []struct {
		p99, memory float64
		outcome     Outcome
		targets     []string
		rejected    []string
	}{
		{p99: 3000, outcome: Recommendation, targets: []string{"eventloop"}},
		{p99: 1500, outcome: Recommendation, targets: []string{"goroutine"}, rejected: []string{"eventloop"}},
		{p99: 1500, memory: 20 << 20, outcome: Recommendation, targets: []string{"goroutine"}, rejected: []string{"eventloop", "prefork"}},
		{p99: 500, outcome: None, targets: []string{}, rejected: []string{"eventloop", "goroutine", "prefork"}},
		{p99: 2000, outcome: Undecided, targets: []string{"eventloop"}}, // is its very p99: the interval holds it
	} {
		a := advise(t, need("wait", func(n *Need) { n.P99, n.Memory = c.p99, c.memory }), w)
		expect(t, a, c.outcome, c.targets...)
		var rejected []string
		for _, k := range a.Candidates {
			if k.Status == Rejected {
				rejected = append(rejected, k.Target)
				if !slices.ContainsFunc(k.Checks, func(k Check) bool { return k.Status == Rejected && len(k.Evidence.Trials) == 12 }) {
					t.Errorf("%s is rejected by no row", k.Target)
				}
			}
		}
		if !slices.Equal(rejected, c.rejected) {
			t.Errorf("p99 %v, memory %v: rejected %v, want %v", c.p99, c.memory, rejected, c.rejected)
		}
		if c.outcome == Undecided && (a.candidate("eventloop").Status != Uncertain || a.Blocks <= 12 && a.Blocks != 0) {
			t.Errorf("%s, %d blocks", a.candidate("eventloop").Status, a.Blocks)
		}
	}
}

// A target whose constraint is uncertain stays in the comparison: nobody wins who does not beat it, and it cannot win itself.
func TestUncertainStaysIn(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base.times(1, 0.5, 1), "eventloop": base.times(1.3, 1, 1)})
	w.drift = 0.02
	a := advise(t, need("wait", func(n *Need) { n.P99 = 2000 }), w)
	expect(t, a, Recommendation, "goroutine")
	if len(a.Because) != 1 || a.candidate("eventloop").Status != Uncertain {
		t.Errorf("%+v", a.Because)
	}
}

// cells at 64 and 1024 connections, CPU growing by a power of the connections.
func scaled() world {
	w := world{id: "c1", blocks: 12, noise: 0.005, drift: 0.1}
	for _, conns := range []int{64, 1024} {
		grown := math.Pow(float64(conns)/64, 0.5)
		w.cells = append(w.cells, cell{workload: "wait", conns: conns, truth: map[string]truth{"goroutine": base.times(1.5, 1, 1), "eventloop": base.times(grown, 1, 1)}})
	}
	return w
}

func TestInterpolation(t *testing.T) {
	t.Parallel()
	for conns, want := range map[int64]float64{64: 1 / 1.5, 100: 1.25 / 1.5, 256: 2 / 1.5, 1024: 4 / 1.5} {
		a := advise(t, need("wait", func(n *Need) { n.Connections = conns }), scaled())
		e := a.Because[0].Evidence
		got := *e.Estimate
		if e.Target != "eventloop" {
			got = 1 / got
		}
		if math.Abs(got/want-1) > 0.03 {
			t.Errorf("%d connections: %v, want %v", conns, got, want)
		}
		if inside := conns != 64 && conns != 1024; (a.Cells[0].Interpolated == "connections") != inside || len(a.Cells[0].Factors) != map[bool]int{true: 2, false: 1}[inside] {
			t.Errorf("%d connections: %+v", conns, a.Cells)
		}
	}
}

func TestNothingIsExtrapolated(t *testing.T) {
	t.Parallel()
	for _, conns := range []int64{32, 5000} {
		a := advise(t, need("wait", func(n *Need) { n.Connections = conns }), scaled())
		expect(t, a, Undecided)
		if len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, fmt.Sprintf("connections: %d\n", conns)) || a.candidate("goroutine").Status != NotMeasured {
			t.Errorf("%+v", a.Missing)
		}
	}
}

// Cells of two campaigns share no block, so there is nothing to interpolate block by block.
func TestNoInterpolationAcrossCampaigns(t *testing.T) {
	t.Parallel()
	low, high := scaled(), scaled()
	low.cells, high.cells, high.id = low.cells[:1], high.cells[1:], "c2"
	a := advise(t, need("wait", func(n *Need) { n.Connections = 256 }), low, high)
	expect(t, a, Undecided)
	if len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "connections: 256\n") {
		t.Errorf("%+v", a.Missing)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(0.8, 1, 1)})
	closed := w.cells[0]
	slow := base
	slow.verdict = trial.VerdictRateMissed
	w.cells = append(w.cells, cell{workload: "wait", conns: 64, rate: 5000, truth: map[string]truth{"goroutine": base, "eventloop": slow}})
	if e := refused(t, need("wait"), w); e.Flag != "--rate" {
		t.Errorf("closed loop and 5k/s are two cells: %v", e)
	}
	expect(t, advise(t, need("wait", func(n *Need) { n.Closed = true }), w), Recommendation, "eventloop")
	a := advise(t, need("wait", func(n *Need) { n.Rate = 5000 }), w)
	expect(t, a, Recommendation, "goroutine")
	if !a.candidate("eventloop").fails("rate") {
		t.Errorf("%+v", a.candidate("eventloop"))
	}
	// Missed above is not missed between.
	w.cells = append(w.cells, cell{workload: "wait", conns: 64, rate: 1000, truth: map[string]truth{"goroutine": base, "eventloop": base}})
	a = advise(t, need("wait", func(n *Need) { n.Rate = 2000 }), w)
	expect(t, a, Recommendation, "goroutine")
	if k := a.candidate("eventloop"); k.Status != NotMeasured || len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "rate: 2000\n") {
		t.Errorf("%+v %+v", k, a.Missing)
	}
	// Two ways of arriving at one rate.
	poisson := w
	poisson.id, poisson.edit = "c2", func(t *trial.Trial) {
		if t.Arrivals == trial.ArrivalsConstant {
			t.Arrivals = trial.ArrivalsPoisson
		}
	}
	if e := refused(t, need("wait", func(n *Need) { n.Rate = 5000 }), w, poisson); e.Flag != "--where arrivals=VALUE" {
		t.Error(e)
	}
	// A rate above the capacity of the closed loop needs no measuring; one below does.
	w.cells = []cell{closed}
	expect(t, advise(t, need("wait", func(n *Need) { n.Rate = 50_000 }), w), None)
	a = advise(t, need("wait", func(n *Need) { n.Rate = 2000 }), w)
	expect(t, a, Undecided)
	if len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "rate: 2000\n") {
		t.Errorf("%+v", a.Missing)
	}
}

func TestMix(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(0.8, 1, 1)})
	w.cells = append(w.cells, cell{workload: "spin", conns: 8, truth: map[string]truth{"goroutine": base.times(10, 1, 1), "eventloop": base.times(11.5, 1, 1)}})
	ask := func(words ...string) *Advice {
		mix, weighted, err := ParseMix(words)
		if err != nil {
			t.Fatal(err)
		}
		return advise(t, Need{Workloads: mix, Weighted: weighted, Objectives: []string{"cpu_us_per_req"}}, w)
	}
	a := ask("wait", "spin")
	if expect(t, a, Tie, "eventloop", "goroutine"); !strings.Contains(a.Answer, "weights") {
		t.Error(a.Answer)
	}
	expect(t, ask("wait=1", "spin=1"), Recommendation, "goroutine")     // 440 against 492 us for a pair of requests
	expect(t, ask("wait=50", "spin=1"), Recommendation, "eventloop")    // 2400 against 2060
	expect(t, ask("wait=7.5", "spin=1"), Tie, "eventloop", "goroutine") // 700 against 700
	w.cells[1].truth = map[string]truth{"goroutine": base, "eventloop": base}
	expect(t, ask("wait", "spin"), Recommendation, "eventloop") // better in one, the same in the other
}

func TestMissingTargetAndWorkload(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(0.8, 1, 1)})
	w.cells = append(w.cells, cell{workload: "spin", conns: 8, truth: map[string]truth{"goroutine": base, "eventloop": base, "prefork": base}})
	a := advise(t, need("wait"), w)
	expect(t, a, Recommendation, "eventloop")
	if a.candidate("prefork").Status != NotMeasured || len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "name: prefork\n") {
		t.Errorf("%+v %+v", a.candidate("prefork"), a.Missing)
	}
	a = advise(t, need("plaintext"), w)
	expect(t, a, Undecided)
	if len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "path: /plaintext\n") {
		t.Errorf("%+v", a.Missing)
	}
	if e := refused(t, need("upload"), w); e.Flag != "--workload" || !strings.Contains(e.Problem, "spin, wait") {
		t.Error(e)
	}
}

func TestMixedMachinesAndBuilds(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base})
	for name, edit := range map[string]func(*folder.Folder){
		"host_id":    func(f *folder.Folder) { f.Trials[3].HostID = "host2" },
		"kernel":     func(f *folder.Folder) { f.Trials[3].Kernel = "" },
		"executable": func(f *folder.Folder) { f.Manifest.Binaries["eventloop"] = folder.Binary{SHA256: "ffff"} },
		"git_rev": func(f *folder.Folder) {
			f.Manifest.Targets = nil
			f.Trials[3].GitRev = "def"
		},
	} {
		other := w
		other.id = "c2"
		f := other.folder()
		edit(&f)
		if _, err := Of([]folder.Folder{w.folder(), f}, need("wait")); !errors.Is(err, ErrMixed) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := w
	other.id = "c2"
	expect(t, advise(t, need("wait"), w, other), Tie, "eventloop", "goroutine")
}

func TestInvalidTrials(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(0.8, 0.5, 1)})
	w.edit = func(t *trial.Trial) {
		if t.Target == "eventloop" {
			t.Verdict, t.VerdictReason = trial.VerdictLagging, "as the test has it"
		}
	}
	a := advise(t, need("wait", func(n *Need) { n.Objectives = []string{"p99"} }), w)
	expect(t, a, Recommendation, "goroutine")
	if a.candidate("eventloop").Status != NotMeasured || len(a.LeftOut) != 1 || a.LeftOut[0].Verdict != trial.VerdictLagging {
		t.Errorf("%+v %+v", a.candidate("eventloop"), a.LeftOut)
	}
	w.edit = func(t *trial.Trial) { t.Verdict = trial.VerdictDrift }
	expect(t, advise(t, need("wait"), w), Undecided)
	if _, err := Of(nil, need("wait")); !errors.Is(err, analysis.ErrNothing) {
		t.Errorf("no trials: %v", err)
	}
}

// A lag that is the same for all is the larger share of the quick target's latency: it is no reason to drop its trials. The ratio is the one
// that results compare shows.
func TestNoTrialIsDroppedForItsLatency(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(1, 0.3, 1)})
	w.noise, w.edit = 0.1, func(t *trial.Trial) { t.LagP99Us = trial.F(75) }
	a := advise(t, need("wait", func(n *Need) { n.Objectives = []string{"p99"} }), w)
	expect(t, a, Recommendation, "eventloop")
	if len(a.LeftOut) != 0 || a.Because[0].Evidence.N != w.blocks {
		t.Errorf("%+v %+v", a.LeftOut, a.Because)
	}
	compared, err := analysis.Of(w.trials(), analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range compared.Workloads[0].Sections {
		if s.Measure.Key != "p99" {
			continue
		}
		if c, e := s.Rows[1].Versus, a.Because[0].Evidence; c.Pairs != e.N || math.Abs(c.Estimate**e.Estimate-1) > 1e-9 {
			t.Errorf("compare has %+v, choose %v of %d", c, *e.Estimate, e.N)
		}
	}
}

func TestIsolationAndSharedState(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base.times(0.8, 1, 1), "prefork": base})
	isolated := need("wait", func(n *Need) { n.Isolation = true })
	a := advise(t, isolated, w)
	expect(t, a, Undecided, "goroutine")
	if len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "kind: exit") {
		t.Errorf("%+v", a.Missing)
	}
	faults := world{id: "faults", blocks: 6, cells: []cell{{workload: "plaintext", conns: 64, truth: map[string]truth{"goroutine": {}, "prefork": {}}}}}
	faults.edit = func(t *trial.Trial) {
		t.Fault, t.Verdict = "exit", trial.VerdictErrors
		t.ConnsLost = trial.I(map[string]int{"goroutine": 64, "prefork": 33}[t.Model])
	}
	a = advise(t, isolated, w, faults)
	expect(t, a, Recommendation, "prefork")
	if !a.candidate("goroutine").fails("isolation") {
		t.Errorf("%+v", a.candidate("goroutine"))
	}

	late := faults // what a late client saw of a crash is not believed
	late.edit = func(t *trial.Trial) { faults.edit(t); t.Verdict = trial.VerdictLagging }
	expect(t, advise(t, isolated, w, late), Undecided, "goroutine")

	faults.blocks = 3 // too few for an interval: more crashes are asked for, not more of the campaign
	faults.cells[0].truth = map[string]truth{"prefork": {}}
	a = advise(t, need("wait", func(n *Need) { n.Isolation, n.Cores = true, 2 }), wait(map[string]truth{"prefork": base}), faults)
	expect(t, a, Undecided, "prefork")
	if a.candidate("prefork").Status != Uncertain || len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "kind: exit") {
		t.Errorf("%+v %+v", a.candidate("prefork"), a.Missing)
	}

	shared := need("wait", func(n *Need) { n.SharedState = true })
	a = advise(t, shared, w)
	if expect(t, a, Undecided, "goroutine"); len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "count: true") {
		t.Errorf("%+v", a.Missing)
	}
	counts := world{id: "counts", blocks: 2, cells: []cell{{workload: "count", conns: 64, truth: map[string]truth{"goroutine": base, "prefork": base}}}}
	counts.edit = func(t *trial.Trial) { t.LostUpdates = trial.I(map[string]int{"prefork": 7}[t.Model]) }
	a = advise(t, shared, w, counts)
	expect(t, a, Recommendation, "goroutine")
	if !a.candidate("prefork").fails("shared state") {
		t.Errorf("%+v", a.candidate("prefork"))
	}
}

func TestCoresAndBlocking(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "eventloop": base.times(0.8, 1, 1)})
	cores := func(n int64) Need { return need("wait", func(need *Need) { need.Cores = n }) }
	expect(t, advise(t, cores(2), w), Recommendation, "eventloop")
	a := advise(t, cores(1), w)
	if expect(t, a, Undecided); len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "procs: 1\n") {
		t.Errorf("%+v", a.Missing)
	}
	a = advise(t, cores(8), w)
	if expect(t, a, Undecided, "eventloop"); len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "procs: 8\n") {
		t.Errorf("%+v", a.Missing)
	}
	blocking := need("wait", func(n *Need) { n.Blocking = true })
	a = advise(t, blocking, w)
	if expect(t, a, Undecided); len(a.Missing) != 1 || !strings.Contains(a.Missing[0].Command, "flags:\n      - --block-loop\n") {
		t.Errorf("%+v", a.Missing)
	}
	other := wait(map[string]truth{"goroutine": base.times(0.5, 1, 1), "eventloop": base})
	other.id, other.edit = "c2", func(t *trial.Trial) {
		t.Variant = strings.TrimSpace(BlockingWord + " " + t.Variant)
		if !strings.HasSuffix(t.Target, trial.AgainSuffix) {
			t.Target += "-" + BlockingWord
		}
	}
	expect(t, advise(t, blocking, w, other), Recommendation, "goroutine-blocking")
	expect(t, advise(t, need("wait"), w, other), Recommendation, "eventloop")
}

// One target that was measured within the budget is not the best because the others were not.
func TestOnlyOneWithinTheBudget(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "prefork": base.times(1.3, 9, 1), "eventloop-1": base})
	w.edit = func(t *trial.Trial) {
		if strings.HasPrefix(t.Target, "eventloop-1") {
			t.Model, t.Procs, t.Loops = "eventloop", trial.I(1), trial.I(1)
		}
	}
	one := need("wait", func(n *Need) { n.Cores, n.P99 = 1, 5000 })
	a := advise(t, one, w)
	expect(t, a, Undecided, "eventloop-1")
	if !strings.Contains(a.Answer, "goroutine and prefork were not measured") || a.candidate("prefork").Status != NotMeasured ||
		len(a.Missing) != 1 || strings.Count(a.Missing[0].Command, "procs: 1\n") != 3 {
		t.Errorf("%s: %+v %+v", a.Answer, a.candidate("prefork"), a.Missing)
	}
	measured := wait(w.cells[0].truth)
	measured.id, measured.edit = "c2", func(t *trial.Trial) { w.edit(t); t.Procs = trial.I(1) }
	a = advise(t, one, w, measured)
	expect(t, a, Tie, "eventloop-1", "goroutine procs=1")
	if len(a.Missing) != 0 {
		t.Errorf("%+v", a.Missing)
	}
}

func TestFlip(t *testing.T) {
	t.Parallel()
	a := advise(t, need("wait", func(n *Need) { n.Connections = 64 }), scaled())
	expect(t, a, Recommendation, "eventloop")
	if len(a.Flips) != 1 || a.Looked != 1 || !strings.Contains(a.Flips[0].Text, "eventloop loses to goroutine") || !strings.Contains(a.Flips[0].Text, "connections 1024 instead of 64") {
		t.Errorf("%d looked at: %+v", a.Looked, a.Flips)
	}
	w := scaled()
	w.cells[1].truth["eventloop"] = base
	if a := advise(t, need("wait", func(n *Need) { n.Connections = 64 }), w); len(a.Flips) != 0 || a.Looked != 1 {
		t.Errorf("%+v", a.Flips)
	}
}

func TestSeveralCells(t *testing.T) {
	t.Parallel()
	if e := refused(t, need("wait"), scaled()); e.Flag != "--connections" || !strings.Contains(e.Problem, "1024 and 64") {
		t.Error(e)
	}
	w := scaled()
	w.cells = w.cells[:1]
	idle := w
	idle.id, idle.edit = "c2", func(t *trial.Trial) { t.IdleConnections = trial.I(2000) }
	if a := advise(t, need("wait"), w, idle); a.Cells[0].Factors[0]["idle_connections"] != "" {
		t.Errorf("what nobody asked for is taken for meant: %v", a.Cells)
	}
	if a := advise(t, need("wait", func(n *Need) { n.Where = map[string]string{"idle_connections": "2000"} }), w, idle); a.Cells[0].Factors[0]["idle_connections"] != "2000" {
		t.Errorf("%v", a.Cells)
	}
}
