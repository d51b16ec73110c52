package main

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"modelbench/scripts/campaign"
)

// taskOf is a task with a campaign that loads two targets for about two seconds a block.
func taskOf(t *testing.T, name string, r rank) task {
	t.Helper()
	cfg, err := campaign.Parse("test", []byte(`
name: test
budget: 30s
blocks: 12
again: none
targets: [{name: a, url: "http://127.0.0.1:1"}, {name: b, url: "http://127.0.0.1:2"}]
workloads: [{name: w, path: /, connections: 1, slice: 50ms}]
`))
	must(t, err)
	made := task{name: name, rank: r, cfg: cfg}
	must(t, made.plan(pick{}))
	return made
}

func tasksNamed(t *testing.T, names ...string) (tasks []task) {
	t.Helper()
	for _, name := range names {
		r := confirmatory
		switch name[0] {
		case 'p':
			r = twin
		case 'd':
			r = descriptive
		}
		tasks = append(tasks, taskOf(t, name, r))
	}
	return tasks
}

func blocksOf(shares []share) (blocks []int) {
	for _, s := range shares {
		blocks = append(blocks, s.blocks)
	}
	return blocks
}

// What a file says is what its experiment takes.
func TestCost(t *testing.T) {
	t.Parallel()
	c := taskOf(t, "a", confirmatory).cost
	if full := c.full(12); c.blocks != 12 || full < 25*time.Second || full > 31*time.Second {
		t.Errorf("%d blocks take %v, and the file says 30s for 12", c.blocks, full)
	}
	for _, n := range []int{1, 6, 12} {
		if least := c.least(n); !c.holds(least, n) || c.holds(least-2*finest, n) || least > c.full(n) {
			t.Errorf("%d blocks: at the least %v, in full %v", n, least, c.full(n))
		}
	}
	// The budget for blocks of the file's length gives blocks of that length.
	cfg := c.cfg
	cfg.Budget, cfg.Blocks = c.full(7), 7
	p, err := cfg.Plan()
	must(t, err)
	if p.Blocks != 7 || p.Block != c.block {
		t.Errorf("%d blocks of %v, want 7 of %v", p.Blocks, p.Block, c.block)
	}
}

// A deadline costs the last ones first, which are the descriptive ones and then CPython's.
func TestInTurn(t *testing.T) {
	t.Parallel()
	tasks := tasksNamed(t, "a", "b", "p", "d")
	full, six, three := tasks[0].cost.full(12)+between, tasks[0].cost.full(6)+between, tasks[0].cost.full(3)+between
	for _, tt := range []struct {
		name   string
		budget time.Duration
		want   []int
	}{
		{"all", judging + 4*full, []int{12, 12, 12, 12}},
		{"less for the last", judging + 3*full + three, []int{12, 12, 12, 3}},
		{"not worth it", judging + 3*full + three - finest, []int{12, 12, 12, 0}},
		{"no descriptive one", judging + 2*full + six, []int{12, 12, 6, 0}},
		{"no twin", judging + 2*full, []int{12, 12, 0, 0}},
		// Too few blocks to decide anything are not run, but what comes after may still have its three.
		{"one", judging + full + six - finest, []int{12, 0, 5, 0}},
		{"nothing", judging + three - finest, []int{0, 0, 0, 0}},
	} {
		shares := sharesOf(tasks, tt.budget, pick{})
		if got := blocksOf(shares); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if sum := total(shares); sum > tt.budget-judging {
			t.Errorf("%s: %v of %v", tt.name, sum, tt.budget)
		}
	}
}

// What a single claim needs is all run, with the same number of blocks.
func TestEvenly(t *testing.T) {
	t.Parallel()
	tasks := tasksNamed(t, "a", "b")
	c := tasks[0].cost
	six, least := 2*(c.full(6)+between), 2*(c.least(6)+between)
	for _, tt := range []struct {
		name   string
		budget time.Duration
		blocks int // asked for
		want   []int
	}{
		{"as many as fit", judging + 2*(c.full(9)+between), 0, []int{9, 9}},
		{"no more than wanted", time.Hour, 0, []int{12, 12}},
		{"six", judging + six, 0, []int{6, 6}},
		{"shorter ones", judging + six - finest, 0, []int{6, 6}},
		{"the shortest", judging + least, 0, []int{6, 6}},
		{"the first alone", judging + least - 4*finest, 0, []int{6, 0}},
		{"too few to decide", judging + c.least(2) + between, 0, []int{2, 0}},
		{"nothing", judging, 0, []int{0, 0}},
		{"as asked", time.Hour, 20, []int{20, 20}},
		{"one", time.Hour, 1, []int{1, 1}},
	} {
		shares := sharesOf(tasks, tt.budget, pick{claims: []int{1}, blocks: tt.blocks})
		if got := blocksOf(shares); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if sum := total(shares); sum > tt.budget-judging && sum > 0 {
			t.Errorf("%s: %v of %v", tt.name, sum, tt.budget)
		}
		for i, s := range shares {
			if s.blocks > 0 && !c.holds(s.budget, s.blocks) {
				t.Errorf("%s: %v does not hold the %d blocks of %s", tt.name, s.budget, s.blocks, tasks[i].name)
			}
		}
	}
}

// CPython's twins take no time from what is decided.
func TestEvenlyWithTwins(t *testing.T) {
	t.Parallel()
	tasks := tasksNamed(t, "a", "p", "q", "d")
	tasks[2].rank = twin
	half := judging + 2*(tasks[0].cost.full(8)+between)
	if got, want := blocksOf(sharesOf(tasks, 2*half, pick{claims: []int{1}})), []int{8, 8, 8, 8}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestCut(t *testing.T) {
	t.Parallel()
	task := taskOf(t, "a", confirmatory)
	c := task.cost
	planned := share{blocks: 12, budget: c.full(12)}
	for _, tt := range []struct {
		left time.Duration
		want share
	}{
		{planned.budget + between, planned},
		{planned.budget + between - finest, share{blocks: 12, budget: planned.budget - finest}}, // shorter trials
		{c.least(7) + between, share{blocks: 7, budget: c.least(7)}},
		{c.least(6) + between - 2*finest, share{}},
		{-time.Second, share{}},
	} {
		if got := task.cut(planned, tt.left); got != tt.want {
			t.Errorf("%v left: %v, want %v", tt.left, got, tt.want)
		}
	}
}

func TestSeedOf(t *testing.T) {
	t.Parallel()
	seen := map[int64]string{}
	for seed := range int64(50) {
		for _, name := range []string{"cpu", "wait", "python/cpu"} {
			s := seedOf(seed, name)
			if s <= 0 || s != seedOf(seed, name) || seen[s] != "" {
				t.Errorf("seed %d of %s is %d, which %s has", seed, name, s, seen[s])
			}
			seen[s] = fmt.Sprint(seed, name)
		}
	}
}
