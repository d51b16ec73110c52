package campaign

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPlanOfTheDefaultBudget(t *testing.T) {
	t.Parallel()
	cfg := Config{Bin: "b", Out: "o", Workloads: Workloads(2), Targets: Targets(2)}
	must(t, cfg.Validate())
	p, err := NewPlan(cfg.budget(), cfg.Workloads)
	must(t, err)
	if p.Blocks != 12 || len(p.Notes) > 0 {
		t.Errorf("%d blocks, notes %q: the default must tell 30 comparisons from chance, with a block to spare", p.Blocks, p.Notes)
	}
	// Blocks that take longer than planned cost measuring time first and then one block, but
	// not two.
	for percent, want := range map[time.Duration]int{3: 12, 7: 12, 15: 11} {
		if got := blocksWhenSlow(cfg, p, p.Block*percent/100); got < want {
			t.Errorf("%d blocks when each takes %d%% longer, want %d", got, percent, want)
		}
	}
	if len(p.Calibrate) != 2 {
		t.Errorf("%d calibrations, want those of echo and plaintext", len(p.Calibrate))
	}
	for _, r := range p.Rotations {
		t.Logf("%-9s %2d rounds of %v: -w %v -d %v, expected %v", r.Workload.Name, r.Rounds, r.Workload.Slice, r.warmup(5), r.measure(5), r.Expected)
	}
}

// blocksWhenSlow is how many blocks a campaign comes to when each takes so much longer.
func blocksWhenSlow(cfg Config, p Plan, overrun time.Duration) int {
	left := cfg.Budget - tableReserve - (p.Total - time.Duration(p.Blocks)*p.Block)
	seen := time.Duration(0)
	for block := 1; ; block++ {
		rotations, more := p.Replan(left, p.Blocks-block+1, seen)
		if more == 0 {
			return block - 1
		}
		left -= blockCost(rotations) + overrun
		seen = overrun
	}
}

func TestSurvivingBlocks(t *testing.T) {
	t.Parallel()
	for m, want := range map[int]int{0: 0, 1: 6, 2: 7, 6: 8, 30: 11, 51: 11, 52: 12, 105: 13} {
		if got := survivingBlocks(m); got != want {
			t.Errorf("%d comparisons take %d blocks, want %d", m, got, want)
		}
		if m == 0 {
			continue
		}
		if p := 2 / math.Exp2(float64(want)); p > 0.05/float64(m) || 2*p <= 0.05/float64(m) {
			t.Errorf("the smallest p of %d blocks is %v: for %d comparisons %v is asked", want, p, m, 0.05/float64(m))
		}
	}
}

func TestDefaultBudgetOnManyCPUs(t *testing.T) {
	t.Parallel()
	for _, cpus := range []int{1, 4, 16, 64} {
		p, err := NewPlan(Budget{Total: DefaultBudget, Targets: 5, Again: 1}, Workloads(cpus))
		if err != nil || p.Blocks < enoughBlocks {
			t.Errorf("%d CPUs: %d blocks, %v", cpus, p.Blocks, err)
		}
	}
}

func TestPlanFitsItsBudget(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name      string
		budget    Budget
		workloads string
		blocks    int    // wanted; 0: see err
		note      string // part of one
		err       string // part of it
	}{
		{name: "longer gives more blocks", budget: Budget{Total: 10 * time.Minute, Targets: 4}, workloads: "spin wait", blocks: 161},
		{name: "as many as asked", budget: Budget{Total: 90 * time.Second, Targets: 4, Blocks: 12}, workloads: "echo", blocks: 12},
		{name: "one is enough for a look", budget: Budget{Total: 90 * time.Second, Targets: 4, Blocks: 1}, workloads: "echo spin", blocks: 1,
			note: "1 block cannot reach p < 0.05, whatever is measured: that takes 6"},
		{name: "no more than is of use", budget: Budget{Total: time.Hour, Targets: 1, Blocks: 6}, workloads: "wait", blocks: 6},
		{name: "blocks go before slices do", budget: Budget{Total: 20 * time.Second, Targets: 4}, workloads: "echo plaintext spin wait mixed", blocks: 3,
			note: "3 blocks cannot reach"},
		{name: "too many asked", budget: Budget{Total: 20 * time.Second, Targets: 4, Blocks: 8}, workloads: "echo plaintext spin wait mixed", blocks: 3,
			note: "holds 3 of the 8 blocks asked for"},
		{name: "hopeless", budget: Budget{Total: 5 * time.Second, Targets: 4}, workloads: "echo plaintext spin wait mixed",
			err: "5s is too short for one block of 5 workloads and 4 targets: it takes 10s at the least"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			workloads, err := PickWorkloads(Workloads(2), strings.Fields(tt.workloads))
			must(t, err)
			p, err := NewPlan(tt.budget, workloads)
			if tt.err != "" {
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Fatalf("error %v, want %q", err, tt.err)
				}
				return
			}
			must(t, err)
			if p.Blocks != tt.blocks {
				t.Errorf("%d blocks, want %d", p.Blocks, tt.blocks)
			}
			if !strings.Contains(strings.Join(p.Notes, "\n"), tt.note) || tt.note == "" && p.Notes != nil {
				t.Errorf("notes %q, want %q", p.Notes, tt.note)
			}
			if most := time.Duration(p.Blocks) * 20 * time.Second; p.Total > min(tt.budget.Total-tableReserve, most) {
				t.Errorf("expected to take %v of %v", p.Total, tt.budget.Total)
			}
		})
	}
}

// Targets that stand alone take the time of each, those of a rotation that do not take part take none.
func TestPlanOfParts(t *testing.T) {
	t.Parallel()
	h, five, count := heavyWorkload("h", 1), Workload{Name: "five", Wait: time.Second, Connections: 5, Requests: 10, Alone: true, Measure: 30 * time.Second}, countedWorkload()
	h.Idle = 2000
	for _, tt := range []struct {
		workload Workload
		want     time.Duration
	}{
		{h, 110*time.Millisecond + 200*time.Millisecond + 102*time.Millisecond},
		{five, 110*time.Millisecond + 2*time.Second}, // twice five waits of a second at once
		{count, 110*time.Millisecond + 100*time.Millisecond + 200*time.Millisecond},
	} {
		if got := tt.workload.cost(); got != tt.want {
			t.Errorf("%s: %v, want %v", tt.workload.Name, got, tt.want)
		}
	}
	if got := rotation(five, 1, 1).limit(); got < 60*time.Second {
		t.Errorf("a load of up to 30s is stopped after %v", got)
	}
	spin := Workloads(2)[2]
	b := Budget{Total: time.Minute, Targets: 4, Blocks: 3, Parts: func(w Workload) (targets, again int) {
		if w.Alone {
			return 2, 1
		}
		return 3, 0
	}}
	p, err := NewPlan(b, []Workload{spin, h})
	must(t, err)
	if p.Rotations[0].Targets != 3 || p.Rotations[1].Targets != 2 || p.Rotations[1].Expected != 2*h.cost() || b.comparisons([]Workload{spin, h}) != 3 {
		t.Errorf("%+v", p.Rotations)
	}
	if got, want := p.Block-p.Rotations[0].Expected-p.Rotations[1].Expected, restartCost; got != want {
		t.Errorf("a block has %v besides, want %v", got, want)
	}
	h.Fresh = true
	if p, err = NewPlan(b, []Workload{h}); err != nil || p.Block != p.Rotations[0].Expected {
		t.Errorf("%v, %+v", err, p)
	}
	if got := p.String(4); !strings.Contains(got, "4 targets one by one") {
		t.Error(got)
	}
}

// What an error calls the least must be enough, and a second less must not.
func TestTheLeastBudgetIsEnough(t *testing.T) {
	t.Parallel()
	if _, err := NewPlan(Budget{Total: 10 * time.Second, Targets: 4}, Workloads(2)); err != nil {
		t.Error(err)
	}
	if _, err := NewPlan(Budget{Total: 9 * time.Second, Targets: 4}, Workloads(2)); err == nil {
		t.Error("9s is enough too")
	}
}

func TestPlansHoldTheirPromises(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		cpus := rapid.IntRange(1, 64).Draw(t, "cpus")
		all := Workloads(cpus)
		workloads := all[:rapid.IntRange(1, len(all)).Draw(t, "workloads")]
		if rapid.Bool().Draw(t, "one stands alone") {
			w := heavyWorkload("h", 1)
			w.Measure, w.Fresh = time.Duration(rapid.IntRange(1, 3000).Draw(t, "measure"))*time.Millisecond, rapid.Bool().Draw(t, "fresh")
			workloads = append(slices.Clone(workloads), w)
		}
		b := Budget{
			Total:   time.Duration(rapid.IntRange(1, 900).Draw(t, "seconds")) * time.Second,
			Blocks:  rapid.IntRange(0, 40).Draw(t, "blocks"),
			Targets: rapid.IntRange(1, 6).Draw(t, "targets"),
		}
		b.Again = rapid.IntRange(0, min(1, b.Targets-1)).Draw(t, "again")
		p, err := NewPlan(b, workloads)
		if err != nil {
			return
		}
		if p.Total > b.Total-tableReserve {
			t.Fatalf("takes %v of %v", p.Total, b.Total)
		}
		if b.Blocks > 0 && p.Blocks > b.Blocks || p.Blocks < 1 {
			t.Fatalf("%d blocks of %d asked for", p.Blocks, b.Blocks)
		}
		for _, r := range p.Rotations {
			if m := r.measured(); r.Workload.Alone && m != r.Workload.Measure || !r.Workload.Alone && (m < leastMeasured || m > mostMeasured) {
				t.Fatalf("%s: %v for each target", r.Workload.Name, m)
			}
		}
		// Planned anew in time, nothing changes; however late, what is left fits.
		overrun := time.Duration(rapid.IntRange(0, 5000).Draw(t, "overrun")) * time.Millisecond
		left := time.Duration(rapid.IntRange(0, 900_000).Draw(t, "left")) * time.Millisecond
		rotations, blocks := p.Replan(left, p.Blocks, overrun)
		if need := time.Duration(blocks) * (blockCost(rotations) + overrun); blocks > 0 && need > left || blocks > p.Blocks {
			t.Fatalf("%d blocks take %v of the %v left", blocks, need, left)
		}
		for i := range rotations {
			if rotations[i].Rounds > p.Rotations[i].Rounds {
				t.Fatalf("%s became longer", rotations[i].Workload.Name)
			}
		}
		same, blocks := p.Replan(time.Duration(p.Blocks)*p.Block, p.Blocks, 0)
		if blocks != p.Blocks || blockCost(same) != p.Block {
			t.Fatalf("in time, yet %d blocks of %v became %d of %v", p.Blocks, p.Block, blocks, blockCost(same))
		}
	})
}

func TestPicking(t *testing.T) {
	t.Parallel()
	tests := []struct{ names, err string }{
		{"goroutine eventloop-1", ""},
		{"goroutine fibers", `--models: "fibers" is not one of goroutine, prefork, eventloop, eventloop-1`},
		{"prefork prefork", `--models: "prefork" is named twice`},
		{"", "--models: names nothing; valid are goroutine, prefork, eventloop, eventloop-1"},
	}
	for _, tt := range tests {
		picked, err := PickTargets(Targets(2), strings.Fields(tt.names))
		var usage *UsageError
		if tt.err == "" {
			if err != nil || len(picked) != 2 || picked[1].Loops != 1 {
				t.Errorf("%q gives %v, %v", tt.names, picked, err)
			}
		} else if !errors.As(err, &usage) || err.Error() != tt.err {
			t.Errorf("%q: error %v, want %s", tt.names, err, tt.err)
		}
	}
	if _, err := PickWorkloads(Workloads(2), []string{"spin", "nap"}); err == nil ||
		err.Error() != `--workloads: "nap" is not one of echo, plaintext, spin, wait, mixed` {
		t.Error(err)
	}
}

// The columns say what the servers were told.
func TestTargetsSayWhatTheyAreTold(t *testing.T) {
	t.Parallel()
	for _, target := range append(Targets(8), Stock(8)...) {
		told := strings.Join(target.Args, " ")
		for _, f := range []struct {
			flag  string
			value int
		}{{"--procs", target.Procs}, {"--workers", target.Workers}, {"--loops", target.Loops}} {
			want := map[bool]string{true: f.flag + " " + itoa(f.value), false: ""}[f.value > 0]
			if f.value > 0 && !strings.Contains(told, want) || f.value == 0 && strings.Contains(told, f.flag) {
				t.Errorf("%s is told %q, and its column %s is %d", target.Name, told, f.flag, f.value)
			}
		}
	}
}

func TestSlicesLastTwentyRequests(t *testing.T) {
	t.Parallel()
	for _, cpus := range []int{1, 2, 8, 64} {
		for _, w := range Workloads(cpus) {
			if w.Slice < min(20*w.request(), longestSlice) || w.Slice > longestSlice {
				t.Errorf("%d CPUs, %s: a slice of %v is too short for requests of %v", cpus, w.Name, w.Slice, w.request())
			}
		}
	}
}
