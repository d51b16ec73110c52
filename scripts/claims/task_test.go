package main

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

func defaultSet(t *testing.T) claims.Set {
	t.Helper()
	set, err := claims.Parse(claims.RulesName, claims.Default)
	must(t, err)
	return set
}

// All experiments, as often as their files say, fit into the time that is theirs, and what is decided comes first.
func TestWholeSet(t *testing.T) {
	t.Parallel()
	set := defaultSet(t)
	tasks, err := tasksOf(set, pick{seed: 1})
	must(t, err)
	if len(tasks) != len(set.Experiments) {
		t.Errorf("%d tasks of %d experiments", len(tasks), len(set.Experiments))
	}
	last := confirmatory
	for i, s := range sharesOf(tasks, wholeBudget, pick{}) {
		if s.blocks != tasks[i].cost.blocks {
			t.Errorf("%s: %d of %d blocks", tasks[i].name, s.blocks, tasks[i].cost.blocks)
		}
		if tasks[i].rank < last {
			t.Errorf("%s comes too late", tasks[i].name)
		}
		last = tasks[i].rank
	}
}

// Each file is some experiment's, or its twin's, and has its name.
func TestExperimentsAreUsed(t *testing.T) {
	t.Parallel()
	set := defaultSet(t)
	files, err := experiments.ReadDir("experiments")
	must(t, err)
	for _, f := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(f.Name(), twinPrefix), ".yaml")
		if !slices.ContainsFunc(set.Experiments, func(e claims.Experiment) bool { return e.Name == name }) {
			t.Errorf("%s is no experiment of the claims", f.Name())
		}
		text, err := experiments.ReadFile(path.Join("experiments", f.Name()))
		must(t, err)
		cfg, err := campaign.Parse(f.Name(), text)
		if err != nil || cfg.Name != strings.TrimSuffix(f.Name(), ".yaml") {
			t.Errorf("%s calls itself %s: %v", f.Name(), cfg.Name, err)
		}
	}
}

// Each claim alone is decided, as far as blocks go, in a minute. What compares everything with everything takes longer, and says
// how long.
func TestEachClaimInAMinute(t *testing.T) {
	t.Parallel()
	set := defaultSet(t)
	for _, c := range set.Claims {
		p, budget := pick{claims: []int{c.ID}, seed: 1}, claimBudget
		tasks, bare, err := inTime(set, p, budget)
		must(t, err)
		if bare && c.Technique == claims.Choosing {
			budget = leastOf(tasks)
		}
		shares := sharesOf(tasks, budget, p)
		for i, s := range shares {
			if s.blocks < enoughBlocks {
				t.Errorf("claim %d: %d blocks of %s, which takes %v at the least for %d", c.ID, s.blocks, tasks[i].name, tasks[i].cost.least(enoughBlocks), enoughBlocks)
			}
		}
		if sum := total(shares); sum > budget-judging {
			t.Errorf("claim %d: %v", c.ID, sum)
		}
	}
}

// Where there is no time for all tests of a claim, those that decide nothing are left out.
func TestInTime(t *testing.T) {
	t.Parallel()
	text := strings.Replace(rules("cpu", "cpu", "T", "T1"), "above: 1.3}]", "above: 1.3}, {name: seen, experiment: cpu, workload: cpu, measure: cores, value: T2, context: true}]", 1)
	text = strings.Replace(text, "stand_ins: [", "stand_ins: [{name: T2, is: a, stands_for: a}, ", 1)
	set, err := claims.Parse("test", []byte(strings.ReplaceAll(text, "T2", "Ak")))
	must(t, err)
	p := pick{claims: []int{7}, seed: 1}
	for _, tt := range []struct {
		budget  time.Duration
		bare    bool
		targets []string
	}{{time.Hour, false, []string{"Ak", "T", "T1"}}, {10 * time.Second, true, []string{"T", "T1"}}} {
		tasks, bare, err := inTime(set, p, tt.budget)
		must(t, err)
		if got := targetsOf(tasks[0].cfg); bare != tt.bare || !slices.Equal(got, tt.targets) {
			t.Errorf("in %v: %q, bare %v", tt.budget, got, bare)
		}
	}
}

// What a test names takes part, and nothing besides.
func TestNarrow(t *testing.T) {
	t.Parallel()
	set := defaultSet(t)
	tasks, err := tasksOf(set, pick{claims: []int{3}, seed: 1})
	must(t, err)
	if len(tasks) != 1 || tasks[0].name != "cpu" {
		t.Fatalf("tasks %+v", tasks)
	}
	cfg := tasks[0].cfg
	if got := targetsOf(cfg); !slices.Equal(got, []string{"T", "T1"}) || cfg.Again != campaign.NoAgain {
		t.Errorf("targets %q, again %s", got, cfg.Again)
	}
	whole, err := tasksOf(set, pick{experiments: []string{"cpu"}, seed: 1})
	must(t, err)
	if got := targetsOf(whole[0].cfg); len(got) < 8 || whole[0].cfg.Again != "T" || whole[0].sum == tasks[0].sum {
		t.Errorf("the whole experiment has %q, again %s", got, whole[0].cfg.Again)
	}

	// A target may be needed in one workload and not in another.
	text := strings.NewReplacer("measure: throughput, ratio: T / T1", "measure: light_p99, ratio: T1@h4 / A@h0", "cpu", "interference").Replace(rules("cpu", "h4", "T", "T1"))
	other, err := claims.Parse("test", []byte(strings.Replace(text, "{name: T, is: one", "{name: A, is: one", 1)))
	must(t, err)
	tasks, err = tasksOf(other, pick{claims: []int{7}, seed: 1})
	must(t, err)
	only := map[string][]string{}
	for _, w := range tasks[0].cfg.Workloads {
		only[w.Name] = w.Only
	}
	if want := map[string][]string{"h0": {"A"}, "h4": {"T1"}}; !maps.EqualFunc(only, want, slices.Equal) {
		t.Errorf("workloads %v, want %v", only, want)
	}
}

func targetsOf(cfg campaign.Config) (names []string) {
	for _, t := range cfg.Targets {
		names = append(names, t.Name)
	}
	slices.Sort(names)
	return names
}

// Without descriptive experiments no claim loses a test that decides.
func TestConfirmatory(t *testing.T) {
	t.Parallel()
	set := defaultSet(t)
	tasks, err := tasksOf(set, pick{confirmatory: true, seed: 1})
	must(t, err)
	has := map[string]bool{}
	for _, task := range tasks {
		has[task.name] = true
		if task.rank == descriptive {
			t.Errorf("%s takes part", task.name)
		}
	}
	for _, c := range set.Claims {
		for _, test := range c.Tests {
			if c.Kind == claims.Confirmatory && !test.Context && test.Experiment != "" && !has[test.Experiment] {
				t.Errorf("claim %d is decided by %s, which is descriptive", c.ID, test.Experiment)
			}
		}
	}
}

// CPython's counterparts are asked the same, as far as there are any and their campaign has them.
func TestTwinNeed(t *testing.T) {
	t.Parallel()
	set := claims.Set{StandIns: []claims.StandIn{{Name: "T1", Python: "py-threads"}, {Name: "T"}, {Name: "A", Python: "py-asyncio"}, {Name: "S", Python: "py-serial"}}}
	cfg, err := campaign.Parse("test", []byte(`
name: test
budget: 10s
again: none
targets: [{name: py-threads, url: "http://127.0.0.1:1"}, {name: py-asyncio, url: "http://127.0.0.1:2"}]
workloads: [{name: w, path: /, connections: 1, slice: 50ms}, {name: v, path: /json, connections: 1, slice: 50ms, only: [py-threads]}]
`))
	must(t, err)
	n := need{}
	for _, target := range []string{"T1", "T", "A", "S"} {
		for _, workload := range []string{"", "w", "v", "u"} {
			n[claims.Operand{Target: target, Workload: workload}] = true
		}
	}
	want := need{{Target: "py-threads"}: true, {Target: "py-threads", Workload: "w"}: true, {Target: "py-threads", Workload: "v"}: true,
		{Target: "py-asyncio"}: true, {Target: "py-asyncio", Workload: "w"}: true}
	if got := n.twin(set, cfg); !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
