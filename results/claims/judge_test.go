package claims

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// world makes trials of experiments whose truth is known.
type world struct {
	rng   *rand.Rand
	noise float64 // spread of a value's logarithm
	m     Measured
}

func newWorld(seed uint64) *world {
	return &world{rand.New(rand.NewPCG(seed, 1)), 0.02, Measured{Experiments: map[string]Campaign{}, Python: map[string]Campaign{}}}
}

// trial adds one; set fills in what was measured.
func (w *world) trial(experiment, target, workload string, block int, set func(*trial.Trial)) {
	t := trial.Trial{CampaignID: "c-" + experiment, TrialID: fmt.Sprintf("%s/%s/%s/%d", experiment, target, workload, block), Block: trial.I(block),
		Target: target, Workload: workload, Verdict: trial.VerdictOK, Arrivals: trial.ArrivalsClosed}
	if strings.HasSuffix(target, trial.AgainSuffix) {
		t.Variant = trial.AgainVariant
	}
	set(&t)
	of := w.m.Experiments
	if twin, python := strings.CutPrefix(experiment, "python/"); python {
		of, experiment = w.m.Python, twin
	}
	c := of[experiment]
	c.Folder, c.Trials = experiment, append(c.Trials, t)
	of[experiment] = c
}

// near is a value with noise.
func (w *world) near(v float64) float64 { return v * math.Exp(w.noise*w.rng.NormFloat64()) }

// throughput adds blocks of a target, each slower or faster by chance for all targets.
func (w *world) throughput(experiment, workload string, blocks int, of map[string]float64) {
	for b := 1; b <= blocks; b++ {
		drift := math.Exp(0.3 * w.rng.NormFloat64())
		for _, target := range slices.Sorted(keys(of)) {
			w.trial(experiment, target, workload, b, func(t *trial.Trial) { t.ThroughputRPS = trial.F(w.near(of[target]) * drift) })
		}
	}
}

func keys(m map[string]float64) func(func(string) bool) {
	return func(yield func(string) bool) {
		for k := range m {
			if !yield(k) {
				return
			}
		}
	}
}

// rulesOf are a claim of some tests, each as the file has it.
func rulesOf(t *testing.T, kind Kind, tests ...string) Set {
	t.Helper()
	text := `source: x
stand_ins:
  - {name: T, is: x, stands_for: x, python: py-t}
  - {name: T1, is: x, stands_for: x, python: py-t1}
  - {name: A, is: x, stands_for: x, python: py-a}
  - {name: P, is: x, stands_for: x}
experiments: [{name: cpu, asks: x}, {name: idle, asks: x}, {name: faults, asks: x}, {name: more, asks: x, descriptive: true}]
claims:
  - {id: 1, claim: x, place: x, technique: all, side: text, kind: ` + string(kind) + `, python: x, go: x, tests: [` + "\n"
	for i, test := range tests {
		text += fmt.Sprintf("    {name: test %d, %s},\n", i+1, test)
	}
	s, err := Parse("x.yaml", []byte(text+"  ]}\n"))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const spin = "experiment: cpu, workload: spin, measure: throughput, "

// Each verdict, from each side.
func TestVerdicts(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	w.throughput("cpu", "spin", 12, map[string]float64{"T": 1900, "T1": 1000, "A": 1010})
	for name, c := range map[string]struct {
		tests []string
		want  Verdict
	}{
		"above":                 {[]string{spin + "ratio: T / T1, above: 1.3"}, Holds},
		"below":                 {[]string{spin + "ratio: T1 / T, below: 0.7"}, Holds},
		"within":                {[]string{spin + "ratio: A / T1, within: 5%"}, Holds},
		"value above":           {[]string{spin + "value: T, above: 500"}, Holds},
		"not above":             {[]string{spin + "ratio: A / T1, above: 1.3"}, Refuted},
		"not below":             {[]string{spin + "ratio: T / T1, below: 1.3"}, Refuted},
		"not within":            {[]string{spin + "ratio: T / T1, within: 5%"}, Refuted},
		"not within, less":      {[]string{spin + "ratio: T1 / T, within: 5%"}, Refuted},
		"all no":                {[]string{spin + "ratio: T / T1, below: 1.3", spin + "ratio: T / T1, within: 5%"}, Refuted},
		"some yes, some no":     {[]string{spin + "ratio: T / T1, above: 1.3", spin + "ratio: A / T1, above: 1.3"}, Depends},
		"yes, no and unknown":   {[]string{spin + "ratio: T / T1, above: 1.3", spin + "ratio: A / T1, above: 1.3", spin + "ratio: A / T1, above: 1.01"}, Depends},
		"at the threshold":      {[]string{spin + "ratio: A / T1, above: 1.01"}, Undecided},
		"yes and unknown":       {[]string{spin + "ratio: T / T1, above: 1.3", spin + "ratio: A / T1, above: 1.01"}, Undecided},
		"context does not mind": {[]string{spin + "ratio: T / T1, above: 1.3", spin + "ratio: A / T1, above: 1.3, context: true"}, Holds},
		"no target":             {[]string{spin + "ratio: P / T1, above: 1.3"}, NotMeasured},
		"no experiment":         {[]string{"experiment: idle, workload: spin, measure: throughput, ratio: T / T1, above: 1.3"}, NotMeasured},
		"some not measured":     {[]string{spin + "ratio: T / T1, above: 1.3", spin + "ratio: P / T1, above: 1.3"}, Undecided},
	} {
		f := Judge(rulesOf(t, Confirmatory, c.tests...), w.m).Findings[0]
		if f.Verdict != c.want {
			t.Errorf("%s: %s, want %s: %+v", name, f.Verdict, c.want, f.Outcomes)
		}
		for _, o := range f.Outcomes {
			if (o.Answer == Unasked) != (o.Why != "" && o.Blocks == 0) || o.Answer != Unasked && len(o.Values) != o.Blocks {
				t.Errorf("%s: %+v", name, o)
			}
		}
	}
	if f := Judge(rulesOf(t, Proxy, spin+"ratio: T / T1", spin+"value: T"), w.m).Findings[0]; f.Verdict != NoVerdict || f.Outcomes[0].Answer != Observed || f.Trials != 24 {
		t.Errorf("%+v", f)
	}
	if f := Judge(rulesOf(t, Proxy, "count: goroutine, figure: lines"), w.m).Findings[0]; f.Verdict != NotMeasured {
		t.Errorf("%+v", f)
	}
}

// Few blocks: six can say something by themselves, and cannot once several tests are corrected, which is said.
func TestScreening(t *testing.T) {
	t.Parallel()
	two := []string{spin + "ratio: T / T1, above: 1.3", spin + "ratio: T / T1, above: 1.5"}
	for _, c := range []struct {
		blocks    int
		tests     []string
		want      Verdict
		screening bool
	}{{6, two[:1], Holds, false}, {6, two, Holds, true}, {7, two, Holds, false}, {5, two[:1], Undecided, false}} {
		w := newWorld(2)
		w.throughput("cpu", "spin", c.blocks, map[string]float64{"T": 1900, "T1": 1000})
		r := Judge(rulesOf(t, Confirmatory, c.tests...), w.m)
		if r.Findings[0].Verdict != c.want || r.Screening != c.screening || r.Family != len(c.tests) {
			t.Errorf("%d blocks, %d tests: %+v", c.blocks, len(c.tests), r)
		}
	}
}

// A test that is significant by itself and not among many is unknown, and says why.
func TestCorrection(t *testing.T) {
	t.Parallel()
	w := newWorld(7)
	w.noise = 0.05
	w.throughput("cpu", "spin", 12, map[string]float64{"T": 1040, "T1": 1000})
	tests := []string{spin + "ratio: T / T1, above: 1.001"}
	if o := Judge(rulesOf(t, Confirmatory, tests...), w.m).Findings[0].Outcomes[0]; o.Answer != Yes || o.P < 0.002 || o.P > 0.05 {
		t.Fatalf("the world is not what this test needs: %+v", o)
	}
	for i := range 30 {
		tests = append(tests, fmt.Sprintf("%sratio: T / T1, above: 1.03%d", spin, i))
	}
	o := Judge(rulesOf(t, Confirmatory, tests...), w.m).Findings[0].Outcomes[0]
	if o.Answer != Unknown || o.Adjusted < 0.05 || o.Screening || !strings.Contains(o.Why, "does not survive") {
		t.Errorf("%+v", o)
	}
}

// The ratio turned over with the threshold turned over gives the same answer, the same p and the figures turned over.
func TestMirror(t *testing.T) {
	t.Parallel()
	for seed := range uint64(20) {
		w := newWorld(seed)
		w.noise = 0.1
		w.throughput("cpu", "spin", 9, map[string]float64{"T": 1000 + 40*float64(seed), "T1": 1000})
		r := Judge(rulesOf(t, Confirmatory, spin+"ratio: T / T1, above: 1.25", spin+"ratio: T1 / T, below: 0.8",
			spin+"ratio: T / T1, within: 25%", spin+"ratio: T1 / T, within: 25%"), w.m).Findings[0].Outcomes
		for _, pair := range [][2]Outcome{{r[0], r[1]}, {r[2], r[3]}} {
			a, b := pair[0], pair[1]
			if a.Answer != b.Answer || math.Abs(a.P-b.P) > 1e-9 || math.Abs(a.Estimate*b.Estimate-1) > 1e-9 || math.Abs(a.Lo*b.Hi-1) > 1e-9 {
				t.Errorf("seed %d: %+v and %+v", seed, a, b)
			}
		}
	}
}

// The order of the trials is no matter.
func TestAnyOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(4)
	w.throughput("cpu", "spin", 12, map[string]float64{"T": 1900, "T1": 1000, "A": 1010, "A-again": 1010})
	w.throughput("cpu", "wait", 12, map[string]float64{"T": 1900, "T1": 2500, "A": 1010})
	set := rulesOf(t, Confirmatory, spin+"ratio: T / T1, above: 1.3", spin+"value: T, above: 1k",
		"winners: [T, T1, A], cells: [cpu/spin/throughput, cpu/wait/throughput], beaten: all")
	want := Judge(set, w.m)
	for range 3 {
		c := w.m.Experiments["cpu"]
		w.rng.Shuffle(len(c.Trials), func(i, j int) { c.Trials[i], c.Trials[j] = c.Trials[j], c.Trials[i] })
		if got := Judge(set, w.m); !reflect.DeepEqual(got, want) {
			t.Fatalf("got\n%+v\nwant\n%+v", got, want)
		}
	}
}

// With a true ratio at the threshold, a family answers any yes or no in at most 5% of the campaigns: so it is with a value, a ratio's
// equivalence and a frequency.
func TestErrsAtTheThreshold(t *testing.T) {
	t.Parallel()
	const runs = 300
	set := rulesOf(t, Confirmatory, spin+"ratio: T / T1, above: 1.3", spin+"ratio: A / T1, below: 1", spin+"ratio: P / T1, within: 5%",
		"experiment: faults, workload: exit, measure: conns_lost_share, value: P, below: 50%",
		"experiment: faults, workload: exit, measure: conns_lost_share, frequency: A, above: 0.5")
	wrong := 0
	for seed := range uint64(runs) {
		w := newWorld(100 + seed)
		w.noise = 0.05
		w.throughput("cpu", "spin", 12, map[string]float64{"T": 1300, "T1": 1000, "A": 1000, "P": 1050.001})
		for b := range 12 {
			w.trial("faults", "P", "exit", b, func(t *trial.Trial) {
				t.Connections, t.ConnsLost = trial.I(64), trial.I(32+w.rng.IntN(9)-4)
			})
			w.trial("faults", "A", "exit", b, func(t *trial.Trial) { t.Connections, t.ConnsLost = trial.I(64), trial.I(w.rng.IntN(2)) })
		}
		for _, o := range Judge(set, w.m).Findings[0].Outcomes {
			if o.Answer != Unknown {
				wrong++
				break
			}
		}
	}
	if share := float64(wrong) / runs; share > 0.05+2.5*math.Sqrt(0.05*0.95/runs) {
		t.Errorf("%v of the families answer", share)
	}
}

// Values that are 0 are values: nothing lost.
func TestZero(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	for b := range 12 {
		w.trial("faults", "P", "exit", b, func(t *trial.Trial) { t.Connections, t.ConnsLost = trial.I(64), trial.I(0) })
		w.trial("faults", "T", "exit", b, func(t *trial.Trial) {
			t.Connections, t.ConnsLost, t.LostUpdates = trial.I(64), trial.I(64), trial.I(b%2)
		})
	}
	const exit = "experiment: faults, workload: exit, "
	o := Judge(rulesOf(t, Confirmatory, exit+"measure: conns_lost_share, value: P, below: 55%", exit+"measure: conns_lost_share, value: T, below: 55%",
		exit+"measure: conns_lost_share, frequency: P, above: 0.5", exit+"measure: lost_updates, frequency: T, below: 0.9",
		exit+"measure: exact, frequency: T, above: 0.1"), w.m).Findings[0].Outcomes
	for i, want := range []struct {
		answer   Answer
		estimate float64
	}{{Yes, 0}, {No, 1}, {No, 0}, {Yes, 0.5}, {Yes, 0.5}} {
		if o[i].Answer != want.answer || o[i].Estimate != want.estimate || o[i].Blocks != 12 {
			t.Errorf("%d: %+v", i, o[i])
		}
	}
}

// Trials that may not be believed are left out and counted; what a server spent stands when the client was late.
func TestInvalid(t *testing.T) {
	t.Parallel()
	w := newWorld(1)
	for b := range 12 {
		for _, target := range []string{"T", "T1"} {
			w.trial("cpu", target, "spin", b, func(t *trial.Trial) {
				t.ThroughputRPS, t.ServerCPUUsPerReq, t.RecoveryMs = trial.F(w.near(100)), trial.F(w.near(10)), trial.F(float64(b))
				if target == "T" && b < 2 {
					t.Verdict = trial.VerdictLagging
				}
				if target == "T1" && b == 2 {
					t.Verdict = trial.VerdictDrift
				}
				if b == 11 {
					t.RecoveryMs = trial.Float{} // was not seen
				}
			})
		}
	}
	r := Judge(rulesOf(t, Confirmatory, spin+"ratio: T / T1, above: 1.3", "experiment: cpu, workload: spin, measure: cpu_per_request, ratio: T / T1, above: 1.3",
		"experiment: cpu, workload: spin, measure: recovery, value: T, below: 1s"), w.m)
	f := r.Findings[0]
	for i, want := range [][2]int{{9, 3}, {11, 1}, {9, 3}} {
		if o := f.Outcomes[i]; o.Blocks != want[0] || o.LeftOut != want[1] {
			t.Errorf("%d: %+v", i, o)
		}
	}
	if f.Invalid != 3 || !reflect.DeepEqual(r.Experiments[0].Verdicts, map[string]int{"ok": 21, "lagging": 2, "drift": 1}) || r.Experiments[0].Blocks != 12 {
		t.Errorf("%d, %+v", f.Invalid, r.Experiments[0])
	}
	if f.Outcomes[2].Estimate != 6000 { // ms 2 ... 10, in microseconds
		t.Errorf("%+v", f.Outcomes[2])
	}
}
