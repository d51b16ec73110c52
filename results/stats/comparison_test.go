package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMinBlocksFor(t *testing.T) {
	t.Parallel()
	for comparisons, want := range map[int]int{-1: 6, 0: 6, 1: 6, 2: 7, 3: 7, 6: 8, 25: 10, 26: 11, 28: 11, 30: 11, 51: 11, 52: 12} {
		if got := MinBlocksFor(comparisons, Level); got != want {
			t.Errorf("%d comparisons: %d blocks, want %d", comparisons, got, want)
		}
	}
	// It is what it says: so many blocks that all agree survive, one fewer do not.
	for comparisons := 1; comparisons <= 60; comparisons++ {
		for less, significant := range []bool{true, false} {
			family := slices.Repeat([]float64{1}, comparisons)
			family[0], _ = SignFlip(slices.Repeat([]float64{1}, MinBlocksFor(comparisons, Level)-less), 1)
			if p := Holm(family)[0]; (p <= 0.05) != significant {
				t.Errorf("%d comparisons, %d blocks below the least: adjusted p %v", comparisons, less, p)
			}
		}
	}
}

func TestHolmProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		p := rapid.SliceOf(rapid.OneOf(rapid.Float64Range(0, 1), rapid.SampledFrom([]float64{0, 0.01, 0.5, 1, math.NaN()}))).Draw(r, "p")
		keep := slices.Clone(p)
		adjusted := Holm(p)
		tests := 0
		for i := range p {
			if p[i] != keep[i] && !math.IsNaN(keep[i]) {
				r.Fatal("the argument was changed")
			}
			if !math.IsNaN(p[i]) {
				tests++
			}
		}
		for i, v := range adjusted {
			if math.IsNaN(p[i]) != math.IsNaN(v) || v < p[i] || v > min(1, p[i]*float64(tests)) {
				r.Fatalf("%v became %v", p, adjusted)
			}
			for j, w := range adjusted {
				if p[i] < p[j] && v > w || p[i] == p[j] && v != w {
					r.Fatalf("the order was not kept: %v became %v", p, adjusted)
				}
			}
		}
	})
}

// The p value and the intervals are one test: what the comments promise of each other.
func TestEquivalenceAgreesWithIntervals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(6, 40).Draw(r, "n")
		if rapid.IntRange(0, 20).Draw(r, "beyond the exact distribution") == 0 {
			n = exactPairs + n
		}
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(r, "seed"), 1))
		centre, spread := rapid.Float64Range(-0.06, 0.06).Draw(r, "centre"), rapid.Float64Range(0, 0.1).Draw(r, "spread")
		d := make([]float64, n)
		for i := range d {
			d[i] = centre + spread*rng.NormFloat64()
		}
		rope := rapid.Float64Range(0, 0.1).Draw(r, "rope")
		p := EquivalenceP(d, rope)
		for _, level := range []float64{0.9, 0.95} {
			_, ci := HodgesLehmann(d, level)
			in := inside(Interval{Lo: math.Exp(ci.Lo), Hi: math.Exp(ci.Hi)}, math.Log1p(rope))
			if alpha := (1 - level) / 2; in != (p <= alpha+1e-13) {
				r.Fatalf("p %v, interval of %v: %v, region %v", p, level, ci, rope)
			}
		}
		if wider := EquivalenceP(d, rope+0.01); wider > p {
			r.Fatalf("a wider region raised p from %v to %v", p, wider)
		}
	})
	if p := EquivalenceP(nil, 0.05); p != 1 {
		t.Errorf("p of nothing is %v", p)
	}
	if p := EquivalenceP(slices.Repeat([]float64{math.Log(1.05)}, 8), 0.05); p != 1.0/256 {
		t.Errorf("the region's end does not belong to it: p %v", p)
	}
}

func TestCompare(t *testing.T) {
	t.Parallel()
	a, b := []float64{11, 12, 10, 13, 12, 11.5, 14}, []float64{10, 11.5, 9, 12, 11, 10, 14}
	c, err := Compare(a, b, 0.05, 1)
	if err != nil {
		t.Fatal(err)
	}
	r, err := CompareRatio(a, b, Level)
	if err != nil {
		t.Fatal(err)
	}
	d, err := LogRatios(a, b)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := SignFlip(d, 1)
	if c.Ratio.Estimate != r.Estimate || c.Ratio.Interval != r.Interval || c.P != p || c.P != 4.0/128 || c.EquivalenceP != EquivalenceP(d, 0.05) || c.ROPE != 0.05 {
		t.Errorf("%+v", c)
	}
	for _, bad := range []struct {
		b    []float64
		rope float64
		says string
	}{
		{b[1:], 0.05, "7 values against 6"},
		{make([]float64, 7), 0.05, "pair 1 is 11 and 0"},
		{b, -0.01, "region of practical equivalence of -0.01"},
		{b, math.NaN(), "region of practical equivalence of NaN"},
		{b, math.Inf(1), "region of practical equivalence of +Inf"},
	} {
		if _, err := Compare(a, bad.b, bad.rope, 1); err == nil || !strings.Contains(err.Error(), bad.says) {
			t.Errorf("%v, want %q", err, bad.says)
		}
	}
}

func TestDecide(t *testing.T) {
	t.Parallel()
	few := ratio(1.2, 1.1, 1.3)
	few.Pairs, few.Interval.Level = 5, 0.9375
	for _, c := range []struct {
		name     string
		r        Ratio
		adjusted float64
		lower    Verdict // when lower is better
		higher   Verdict
	}{
		{"more", ratio(1.2, 1.1, 1.3), 0.05, Slower, Faster},
		{"less", ratio(0.8, 0.7, 0.9), 0.05, Faster, Slower},
		{"more, but not in such a family", ratio(1.2, 1.1, 1.3), 0.051, Undecided, Undecided},
		{"equal, whatever p", ratio(1, 0.97, 1.03), 1, NoDifference, NoDifference},
		{"not 1, but too close to matter", ratio(1.02, 1.01, 1.03), 0.001, NoDifference, NoDifference},
		{"the tests disagree", ratio(1.1, 1, 1.2), 0.04, Undecided, Undecided},
		{"wide", ratio(1.1, 0.8, 1.5), 0.5, Undecided, Undecided},
		{"not adjusted", ratio(1.2, 1.1, 1.3), math.NaN(), Undecided, Undecided},
		{"too few pairs", few, 0.01, Undecided, Undecided},
		{"no pairs", Ratio{Wanted: Level, Estimate: math.NaN(), Interval: Interval{math.NaN(), math.NaN(), 0}}, 1, Undecided, Undecided},
	} {
		comparison := Comparison{Ratio: c.r, ROPE: 0.05}
		low, high := Decide(comparison, c.adjusted, 30, LowerIsBetter), Decide(comparison, c.adjusted, 30, HigherIsBetter)
		if low.Verdict != c.lower || high.Verdict != c.higher {
			t.Errorf("%s: %s and %s, want %s and %s", c.name, low.Verdict, high.Verdict, c.lower, c.higher)
		}
		if asked := low.Blocks > 0; asked != (low.Verdict == Undecided) || (asked && low.Blocks <= c.r.Pairs) {
			t.Errorf("%s: %d blocks would help", c.name, low.Blocks)
		}
	}
	// Far from 1, what the family needs is what is missing; near it, equivalence is in reach without it.
	far := Comparison{Ratio: ratio(1.5, 1.1, 2), ROPE: 0.05}
	if got := Decide(far, 0.9, 30, LowerIsBetter).Blocks; got != 11 {
		t.Errorf("far from 1: %d blocks, want the 11 that 30 comparisons need", got)
	}
	near := Comparison{Ratio: ratio(1.001, 0.94, 1.06), ROPE: 0.05}
	near.Ratio.Spread = 0.04
	if got := Decide(near, 0.9, 30, LowerIsBetter).Blocks; got != 10 {
		t.Errorf("equal: %d blocks, want 10", got)
	}
}

// The number of blocks is what it claims to be, also where 30 comparisons share the error: with that many, and the
// spread as seen, most campaigns decide.
func TestDecideBlocksHelp(t *testing.T) {
	t.Parallel()
	const rope, runs = 0.05, 400
	for _, c := range []struct {
		truth, spread float64
		family        int
	}{
		{1.1, 0.1, 1}, {1.15, 0.1, 30}, {1.1, 0.06, 30}, {1, 0.05, 30}, {1.005, 0.04, 30}, {1.3, 0.2, 100},
	} {
		seen := Comparison{Ratio: ratio(c.truth, 0.8, 1.5), ROPE: rope}
		seen.Ratio.Spread = c.spread
		n := Decide(seen, 1, c.family, LowerIsBetter).Blocks
		rng := rand.New(rand.NewPCG(6, 6))
		decided := 0
		for range runs {
			v := drawComparison(t, rng, n, c.truth, c.spread, rope)
			if Decide(v, v.P*float64(c.family), c.family, LowerIsBetter).Verdict != Undecided {
				decided++
			}
		}
		if share := float64(decided) / runs; share < 0.7 || share > 0.95 {
			t.Errorf("ratio %v, spread %v, family of %d: %d blocks decide in %.2f of the campaigns", c.truth, c.spread, c.family, n, share)
		}
	}
}

// drawComparison compares n pairs whose log ratios are normal.
func drawComparison(t *testing.T, rng *rand.Rand, n int, truth, spread, rope float64) Comparison {
	t.Helper()
	a := make([]float64, n)
	for i := range a {
		a[i] = truth * math.Exp(spread*rng.NormFloat64())
	}
	c, err := Compare(a, slices.Repeat([]float64{1}, n), rope, 1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
