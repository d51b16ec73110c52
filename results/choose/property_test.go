package choose

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"testing"

	"modelbench/results/folder"

	"pgregory.net/rapid"
)

// drawn is any world of a few targets and cells.
func drawn(t *rapid.T) world {
	factor := rapid.Float64Range(0.5, 2)
	w := world{id: "c1", blocks: rapid.IntRange(1, 12).Draw(t, "blocks"), noise: rapid.SampledFrom([]float64{0, 0.01, 0.1, 0.5}).Draw(t, "noise"), drift: 0.1}
	names := []string{"eventloop", "goroutine", "prefork"}[:rapid.IntRange(1, 3).Draw(t, "targets")]
	for _, conns := range []int{64, 1024} {
		c := cell{workload: "wait", conns: conns, truth: map[string]truth{}}
		for _, name := range names {
			c.truth[name] = base.times(factor.Draw(t, "cpu"), factor.Draw(t, "p99"), factor.Draw(t, "memory"))
		}
		w.cells = append(w.cells, c)
	}
	return w
}

func drawnNeed(t *rapid.T) Need {
	return need("wait", func(n *Need) {
		n.Connections = rapid.SampledFrom([]int64{64, 200, 1024, 5000}).Draw(t, "connections")
		n.P99 = rapid.SampledFrom([]float64{0, 1500, 2500, 1e6}).Draw(t, "p99")
		n.Memory = rapid.SampledFrom([]float64{0, 8 << 20, 15 << 20, 1 << 30}).Draw(t, "memory")
	})
}

func written(t *rapid.T, a *Advice) string {
	var b bytes.Buffer
	if err := JSON(&b, a); err != nil {
		t.Fatal(err)
	}
	if err := Text(&b, a); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestOrderOfTrialsIsNoMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, n := drawn(t), drawnNeed(t)
		f := w.folder()
		want := written(t, advise(t, n, w))
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rng.Shuffle(len(f.Trials), func(i, j int) { f.Trials[i], f.Trials[j] = f.Trials[j], f.Trials[i] })
		a, err := Of([]folder.Folder{f}, n)
		if err != nil {
			t.Fatal(err)
		}
		if got := written(t, a); got != want {
			t.Fatalf("shuffled trials give\n%s\nnot\n%s", got, want)
		}
	})
}

// A target that costs more in every block, by more than what matters, is never recommended nor among the tied.
func TestADominatedTargetNeverWins(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := drawn(t)
		better := sortedTruths(w.cells[0].truth)[0]
		for i := range w.cells {
			w.cells[i].truth["zebra"] = w.cells[i].truth[better].times(1.2, 1.2, 1.2)
		}
		f := w.folder()
		for i, own := range f.Trials { // exactly so in each block, whatever the noise
			if own.Target != "zebra" {
				continue
			}
			for _, other := range f.Trials {
				if other.Target == better && other.Block == own.Block && other.Connections == own.Connections {
					f.Trials[i].ServerCPUUsPerReq, f.Trials[i].LatP99Us, f.Trials[i].ServerPSSBytes = times(other.ServerCPUUsPerReq), times(other.LatP99Us), more(other.ServerPSSBytes)
				}
			}
		}
		a, err := Of([]folder.Folder{f}, drawnNeed(t))
		if err != nil {
			t.Fatal(err)
		}
		if (a.Outcome == Recommendation || a.Outcome == Tie && w.noise < 0.05) && slices.Contains(a.Targets, "zebra") {
			t.Fatalf("%s %v", a.Outcome, a.Targets)
		}
	})
}

// A constraint that is made tighter only ever takes targets away.
func TestTighterIsNeverMoreFeasible(t *testing.T) {
	t.Parallel()
	rank := []Status{Feasible, Uncertain, NotMeasured, Rejected}
	rapid.Check(t, func(t *rapid.T) {
		w, loose := drawn(t), drawnNeed(t)
		tight := loose
		tight.P99 = rapid.Float64Range(1, 1e4).Draw(t, "tight p99")
		if loose.P99 > 0 {
			tight.P99 = min(tight.P99, loose.P99)
		}
		if loose.Memory > 0 {
			tight.Memory = loose.Memory * rapid.Float64Range(0.1, 1).Draw(t, "memory share")
		}
		before, after := advise(t, loose, w), advise(t, tight, w)
		for _, k := range before.Candidates {
			if now := after.candidate(k.Target).Status; slices.Index(rank, now) < slices.Index(rank, k.Status) {
				t.Fatalf("%s is %s, and %s under a tighter constraint", k.Target, k.Status, now)
			}
		}
	})
}
