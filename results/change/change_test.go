package change

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/gate"
	"modelbench/results/stats"
	"modelbench/results/trial"
)

const blocks = 12

// campaign makes the trials of one: true costs by target, all of them times the machine's speed then, times what a block does to all,
// times each trial's own noise of 2%.
func campaign(id string, seed uint64, speed float64, costs map[string]float64) folder.Folder {
	rng := rand.New(rand.NewPCG(seed, 5))
	f := folder.Folder{Path: id, Manifest: &folder.Manifest{Binaries: map[string]folder.Binary{}}}
	for _, name := range sortedKeys(costs) {
		f.Manifest.Targets = append(f.Manifest.Targets, folder.Target{Name: name, Binary: name})
		f.Manifest.Binaries[name] = folder.Binary{SHA256: name}
	}
	for block := 1; block <= blocks; block++ {
		drift := speed * math.Exp(0.1*rng.NormFloat64())
		for _, name := range sortedKeys(costs) {
			f.Trials = append(f.Trials, trial.Trial{CampaignID: id, Block: trial.I(block), Target: name, Workload: "plaintext",
				TrialID: fmt.Sprintf("%s/%d/%s", id, block, name), Arrivals: trial.ArrivalsConstant, OfferedRPS: trial.F(5000),
				ServerCPUUsPerReq: trial.F(costs[name] * drift * math.Exp(0.02*rng.NormFloat64())),
				Verdict:           trial.VerdictOK, Machine: trial.Machine{HostID: "a", Kernel: "6.1"}})
		}
	}
	return f
}

func changed(f *folder.Folder, target string) {
	f.Manifest.Binaries[target] = folder.Binary{SHA256: target + " changed"}
}

func TestBetween(t *testing.T) {
	t.Parallel()
	before := campaign("before", 1, 1, map[string]float64{"a": 10, "b": 11, "c": 12})
	after := campaign("after", 2, 1.2, map[string]float64{"a": 10.8, "b": 11, "c": 12})
	changed(&after, "a")
	c, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if strings.Join(c.Controls, ",") != "b,c" || len(c.Doubts) != 0 || len(c.Rows) != 3 {
		t.Fatalf("%+v", c)
	}
	for _, r := range c.Rows {
		want := stats.NoDifference
		if r.Target == "a" {
			want = stats.Slower
		}
		if r.Versus.Verdict != want || r.Control == (r.Target == "a") {
			t.Errorf("%s: %+v", r.Target, r)
		}
	}
	if got := c.Sentence(); !strings.Contains(got, "worse than before: server CPU of a in plaintext (1.0") {
		t.Error(got)
	}
	if f := c.Findings(); len(f) != 1 || f[0].Target != "a" {
		t.Errorf("findings %+v", f)
	}
}

// Without a control the machine's 20% would be the target's.
func TestBetweenWithoutControl(t *testing.T) {
	t.Parallel()
	before := campaign("before", 1, 1, map[string]float64{"a": 10})
	after := campaign("after", 2, 1.2, map[string]float64{"a": 10})
	before.Manifest, after.Manifest = nil, nil
	c, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{})
	if err != nil || len(c.Controls) != 0 || c.Rows[0].Versus.Verdict != stats.Undecided || len(c.Doubts) != 1 || c.Rows[0].Versus.Estimate < 1.1 {
		t.Errorf("%+v, %v", c, err)
	}
}

func TestBetweenDiffers(t *testing.T) {
	t.Parallel()
	costs := map[string]float64{"a": 10, "b": 11}
	before := []folder.Folder{campaign("before", 1, 1, costs)}
	other := func(change func(*trial.Trial)) []folder.Folder {
		f := campaign("after", 2, 1, costs)
		for i := range f.Trials {
			change(&f.Trials[i])
		}
		return []folder.Folder{f}
	}
	two := other(func(t *trial.Trial) { t.HostID = "b" })
	var machines *MachinesError
	if _, err := Between(before, two, Options{}); !errors.As(err, &machines) {
		t.Errorf("two machines: %v", err)
	}
	if c, err := Between(before, two, Options{AcrossMachines: true}); err != nil || len(c.Doubts) != 1 || !strings.Contains(c.Doubts[0], "host_id differs: a before, b after") {
		t.Errorf("across machines: %+v, %v", c, err)
	}
	if c, err := Between(before, other(func(t *trial.Trial) { t.Kernel = "6.2" }), Options{}); err != nil || len(c.Doubts) != 1 || !strings.Contains(c.Doubts[0], "kernel differs") {
		t.Errorf("kernels: %+v, %v", c, err)
	}
	if _, err := Between(before, other(func(t *trial.Trial) { t.OfferedRPS = trial.F(6000) }), Options{}); !errors.Is(err, ErrNothing) ||
		!strings.Contains(err.Error(), "offered_rps 5000 before, 6000 after") {
		t.Errorf("rates: %v", err)
	}
}

func TestWithin(t *testing.T) {
	t.Parallel()
	f := campaign("c", 3, 1, map[string]float64{"a": 10.8, "a@main": 10, "b": 7, "b@main": 7, "alone": 3})
	a, err := analysis.Of(f.Trials, analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Within(a, "@main")
	if err != nil || len(c.Rows) != 2 {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, r := range c.Rows {
		want := map[string]stats.Verdict{"a": stats.Slower, "b": stats.NoDifference}[r.Target]
		if r.Versus.Verdict != want || r.Versus.With != r.Target+"@main" || r.Versus.Pairs != blocks {
			t.Errorf("%+v", r)
		}
	}
	if _, err := Within(a, "@other"); !errors.Is(err, ErrNothing) {
		t.Errorf("no namesakes: %v", err)
	}
}

// How often a gate of 3% errs, by simulation: unchanged targets pass, one that costs 10% more does not.
func TestGateErrs(t *testing.T) {
	t.Parallel()
	rule, err := gate.Parse("cpu_us_per_req>+3%")
	if err != nil {
		t.Fatal(err)
	}
	const runs = 120
	failed := map[float64]int{}
	for _, cost := range []float64{10, 11} {
		for i := range uint64(runs) {
			before := campaign("before", 2*i, 1, map[string]float64{"a": 10, "b": 11, "c": 12})
			after := campaign("after", 2*i+1, 0.8+0.4*float64(i)/runs, map[string]float64{"a": cost, "b": 11, "c": 12})
			changed(&after, "a")
			c, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			res, err := gate.Apply([]gate.Rule{rule}, c.Findings())
			if err != nil {
				t.Fatal(err)
			}
			failed[cost] += res.Failed
		}
	}
	if failed[10] > 0 || failed[11] < runs*95/100 {
		t.Errorf("of %d gates %d fail without a change, %d with one of 10%%", runs, failed[10], failed[11])
	}
}

// A command of the user's may run another program with the same interpreter: it is a control only by name.
func TestCommandIsNoControl(t *testing.T) {
	t.Parallel()
	costs := map[string]float64{"a": 10, "mine": 11}
	before, after := campaign("before", 1, 1, costs), campaign("after", 2, 1, costs)
	for _, f := range []*folder.Folder{&before, &after} {
		f.Manifest.Targets[1].Command = []string{"python3", "server.py"}
	}
	c, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{})
	if err != nil || strings.Join(c.Controls, ",") != "a" {
		t.Errorf("controls %+v, %v", c, err)
	}
	c, err = Between([]folder.Folder{before}, []folder.Folder{after}, Options{Controls: []string{"mine"}})
	if err != nil || strings.Join(c.Controls, ",") != "a,mine" {
		t.Errorf("controls %+v, %v", c, err)
	}
}

// A control that is in neither campaign, or in one, must not pass for one.
func TestControlHasToBeThere(t *testing.T) {
	t.Parallel()
	before, after := campaign("before", 1, 1, map[string]float64{"a": 10, "b": 10}), campaign("after", 2, 1.2, map[string]float64{"a": 10})
	for control, missing := range map[string]string{"bb": "before", "b": "after"} {
		_, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{Controls: []string{control}})
		var none *ControlError
		if !errors.As(err, &none) || none.Target != control || none.Missing != missing {
			t.Errorf("%s: %v", control, err)
		}
	}
}

// A control without values in a workload is none there: the machine's 20% must not be the target's.
func TestControlWithoutValues(t *testing.T) {
	t.Parallel()
	costs := map[string]float64{"a": 10, "b": 11}
	before, after := campaign("before", 1, 1, costs), campaign("after", 2, 1.2, costs)
	changed(&after, "a")
	for i := range after.Trials {
		if after.Trials[i].Target == "b" {
			after.Trials[i].Verdict = trial.VerdictErrors
		}
	}
	c, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{})
	if err != nil || len(c.Rows) != 1 || !c.Rows[0].Alone || c.Rows[0].Versus.Verdict != stats.Undecided {
		t.Fatalf("%+v, %v", c, err)
	}
	rule, err := gate.Parse("cpu_us_per_req>+3%")
	if err != nil {
		t.Fatal(err)
	}
	if res, err := gate.Apply([]gate.Rule{rule}, c.Findings()); err != nil || res.Failed != 0 || !strings.Contains(res.Lines[0], "1 unknown") {
		t.Errorf("%+v, %v", res, err)
	}
}

// Trials outside any block are each of its own, and none is lost.
func TestBetweenAlone(t *testing.T) {
	t.Parallel()
	before, after := campaign("", 1, 1, map[string]float64{"a": 10, "b": 11}), campaign("", 2, 1, map[string]float64{"a": 10, "b": 11})
	for _, f := range []folder.Folder{before, after} {
		for i := range f.Trials {
			f.Trials[i].Block = trial.Int{}
		}
	}
	c, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{Controls: []string{"b"}})
	if err != nil || c.Rows[0].Versus.Pairs != 0 {
		t.Errorf("with controls there is nothing to pair: %+v, %v", c, err)
	}
	before.Manifest, after.Manifest = nil, nil
	c, err = Between([]folder.Folder{before}, []folder.Folder{after}, Options{})
	if err != nil || c.Rows[0].Versus.Pairs != blocks {
		t.Errorf("%+v, %v", c, err)
	}
}

// What has no value any more is unknown to a gate, and said: it must not pass by falling silent.
func TestSilentIsUnknown(t *testing.T) {
	t.Parallel()
	rule, err := gate.Parse("cpu_us_per_req>+3%")
	if err != nil {
		t.Fatal(err)
	}
	fails := func(f folder.Folder, target string) folder.Folder {
		for i := range f.Trials {
			if f.Trials[i].Target == target {
				f.Trials[i].Verdict = trial.VerdictErrors
			}
		}
		return f
	}
	one := fails(campaign("one", 1, 1, map[string]float64{"a": 10, "a@main": 10, "b": 10, "b@main": 10}), "b")
	within, err := analysis.Of(one.Trials, analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	since, err := Within(within, "@main")
	if err != nil {
		t.Fatal(err)
	}
	against, err := analysis.Of(one.Trials, analysis.Options{Baseline: "a@main"})
	if err != nil {
		t.Fatal(err)
	}
	costs := map[string]float64{"a": 10, "b": 10, "c": 10}
	before, after := campaign("before", 1, 1, costs), fails(campaign("after", 2, 1, costs), "b")
	changed(&after, "a")
	changed(&after, "b")
	between, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, findings := range map[string][]gate.Finding{"@main": since.Findings(), "baseline": Findings(against), "before": between.Findings()} {
		res, err := gate.Apply([]gate.Rule{rule}, findings)
		if err != nil || res.Failed != 0 || !strings.Contains(strings.Join(res.Lines, "\n"), "unknown: plaintext, b: shares no block with ") {
			t.Errorf("%s: %q, %v", name, res.Lines, err)
		}
	}
	if _, err := gate.Apply([]gate.Rule{rule}, since.Silent); err == nil {
		t.Error("nothing but silence passes")
	}
}

// A difference that is no larger than that of the A/A arm is none, and fails no gate.
func TestWithinNoise(t *testing.T) {
	t.Parallel()
	f := campaign("c", 3, 1, map[string]float64{"a": 11, "a@main": 10, "b": 10, "b" + trial.AgainSuffix: 11.5})
	for i := range f.Trials {
		if strings.HasSuffix(f.Trials[i].Target, trial.AgainSuffix) {
			f.Trials[i].Variant = trial.AgainVariant
		}
	}
	a, err := analysis.Of(f.Trials, analysis.Options{})
	if err != nil {
		t.Fatal(err)
	}
	c, err := Within(a, "@main")
	if err != nil || len(c.Rows) != 1 || !c.Rows[0].Versus.WithinNoise || c.Rows[0].Versus.Verdict != stats.Undecided {
		t.Fatalf("%+v, %v", c, err)
	}
	rule, err := gate.Parse("cpu_us_per_req>+3%")
	if err != nil {
		t.Fatal(err)
	}
	if res, err := gate.Apply([]gate.Rule{rule}, c.Findings()); err != nil || res.Failed != 0 || !strings.Contains(strings.Join(res.Lines, "\n"), "within the machine's noise") {
		t.Errorf("%q, %v", res.Lines, err)
	}
}

// Where each campaign favours targets by 2% at random, no interval within a campaign can know. The controls do in part: the package's
// figure of how often an unchanged target is called different all the same.
func TestCampaignsThatFavourTargets(t *testing.T) {
	t.Parallel()
	const runs = 300
	rng := rand.New(rand.NewPCG(9, 9))
	favour := func() map[string]float64 {
		return map[string]float64{"a": 10 * math.Exp(0.02*rng.NormFloat64()), "b": 11 * math.Exp(0.02*rng.NormFloat64()), "c": 12 * math.Exp(0.02*rng.NormFloat64())}
	}
	different := 0
	for i := range uint64(runs) {
		before, after := campaign("before", 2*i, 1, favour()), campaign("after", 2*i+1, 1, favour())
		changed(&after, "a")
		c, err := Between([]folder.Folder{before}, []folder.Folder{after}, Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range c.Rows {
			if !r.Control && r.Versus.Decided() {
				different++
			}
		}
	}
	t.Logf("%d of %d unchanged targets are called different", different, runs)
	if different > runs/3 {
		t.Errorf("%d of %d unchanged targets are called different; the comment says about a quarter", different, runs)
	}
}
