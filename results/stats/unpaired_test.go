package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMinBlocksUnpaired(t *testing.T) {
	t.Parallel()
	for comparisons, want := range map[int]int{-1: 4, 1: 4, 2: 5, 30: 7, 50: 7, 100: 8} {
		if got := MinBlocksUnpaired(comparisons, Level); got != want {
			t.Errorf("%d comparisons: %d blocks, want %d", comparisons, got, want)
		}
	}
	for comparisons := 1; comparisons <= 100; comparisons++ {
		n := MinBlocksUnpaired(comparisons, Level)
		for less, significant := range []bool{true, false} {
			low, high := make([]float64, n-less), slices.Repeat([]float64{1}, n-less)
			if p := MannWhitney(low, high) * float64(comparisons); (p <= 0.05) != significant {
				t.Errorf("%d comparisons, %d blocks below the least: adjusted p %v", comparisons, less, p)
			}
		}
	}
}

func TestUnpairedProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		m, n := rapid.IntRange(1, 14).Draw(r, "m"), rapid.IntRange(1, 14).Draw(r, "n")
		before, after := positives(m).Draw(r, "before"), positives(n).Draw(r, "after")
		keepB, keepA := slices.Clone(before), slices.Clone(after)
		c, err := CompareUnpaired(before, after, 0.05)
		if err != nil {
			r.Fatal(err)
		}
		if !slices.Equal(before, keepB) || !slices.Equal(after, keepA) {
			r.Fatal("the arguments were changed")
		}
		i := c.Ratio.Interval
		if !(i.Lo <= c.Ratio.Estimate && c.Ratio.Estimate <= i.Hi) || c.Ratio.Pairs != min(m, n) || !c.Unpaired {
			r.Fatalf("%+v", c)
		}
		if enough := 2/choose(m+n, n) <= 0.05; i.Reaches(Level) != enough || (len(c.Ratio.Doubts) == 0) != enough {
			r.Fatalf("%d and %d values: %+v", m, n, c.Ratio)
		}
		if i.Reaches(Level) && ((i.Lo > 1 || i.Hi < 1) != (c.P <= 0.05+1e-13) || inside(i, math.Log1p(0.05)) != (c.EquivalenceP <= 0.025+1e-13)) {
			r.Fatalf("p and interval are not one test: %+v", c)
		}
		back, err := CompareUnpaired(after, before, 0.05)
		if err != nil {
			r.Fatal(err)
		}
		if !close2(back.Ratio.Estimate, 1/c.Ratio.Estimate) || !close2(back.Ratio.Interval.Lo, 1/i.Hi) || back.P != c.P || back.EquivalenceP != c.EquivalenceP {
			r.Fatalf("swapped, %+v is not the mirror image of %+v", back, c)
		}
	})
}

func choose(n, k int) float64 {
	c := 1.0
	for i := 1; i <= k; i++ {
		c *= float64(n-k+i) / float64(i)
	}
	return c
}

// Where the exact distribution ends the approximation takes over without a step.
func TestMannWhitneyApproximation(t *testing.T) {
	t.Parallel()
	for _, u := range []int{900, 970, 1100} {
		mean, variance := mannWhitneyMoments(50, 50)
		exact, normal := mannWhitneyBelow(50, 50, u), normalBelow(u, mean, variance)
		if math.Abs(exact-normal) > 0.001 {
			t.Errorf("P(U <= %d): %v, approximated %v", u, exact, normal)
		}
	}
}

// The region's ends belong to it here too, although logarithms are rounded.
func TestUnpairedEdges(t *testing.T) {
	t.Parallel()
	for before := 1.0; before <= 20; before++ {
		for _, after := range []float64{before * 1.05, before / 1.05} {
			c, err := CompareUnpaired(slices.Repeat([]float64{before}, 6), slices.Repeat([]float64{after}, 6), 0.05)
			if err != nil || !near(c.EquivalenceP, 1/choose(12, 6)) || Decide(c, c.P, 1, LowerIsBetter).Verdict != NoDifference {
				t.Errorf("%v after %v: %+v, %v", after, before, c, err)
			}
		}
	}
}

// The blocks that Decide asks for are those of each campaign: with as many, and the noise of both, most pairs of campaigns decide.
func TestUnpairedBlocksHelp(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(31, 7))
	campaign := func(blocks int, truth, noise float64) []float64 {
		v := make([]float64, blocks)
		for i := range v {
			v[i] = truth * math.Exp(noise*rng.NormFloat64())
		}
		return v
	}
	const runs, noise, noisier = 400, 0.03, 0.05
	wide, err := CompareUnpaired(campaign(400, 1, noise), campaign(1000, 1.1, noisier), 0.05) // to know the spread well
	if err != nil {
		t.Fatal(err)
	}
	if want := math.Sqrt(noise*noise + noisier*noisier*400/1000); math.Abs(wide.Ratio.Spread-want) > 0.1*want || wide.Ratio.Pairs != 400 {
		t.Errorf("spread %v of %d, want %v", wide.Ratio.Spread, wide.Ratio.Pairs, want)
	}
	seen := Comparison{Ratio: ratio(1.1, 0.9, 1.3), ROPE: 0.05, Unpaired: true}
	seen.Ratio.Pairs, seen.Ratio.Spread = 4, math.Hypot(noise, noisier)
	for _, family := range []int{1, 30} {
		n := Decide(seen, 1, family, LowerIsBetter).Blocks
		decided := 0
		for range runs {
			c, err := CompareUnpaired(campaign(n, 1, noise), campaign(n, 1.1, noisier), 0.05)
			if err != nil {
				t.Fatal(err)
			}
			if Decide(c, c.P*float64(family), family, LowerIsBetter).Verdict != Undecided {
				decided++
			}
		}
		if share := float64(decided) / runs; share < 0.7 || share > 0.95 {
			t.Errorf("family of %d: %d blocks decide in %.2f", family, n, share)
		}
	}
}

func TestUnpairedOddities(t *testing.T) {
	t.Parallel()
	some := []float64{1, 2, 3, 4}
	for _, c := range []struct{ before, after []float64 }{{nil, some}, {some, nil}, {nil, nil}} {
		got, err := CompareUnpaired(c.before, c.after, 0.05)
		if err != nil || !math.IsNaN(got.Ratio.Estimate) || got.P != 1 || got.EquivalenceP != 1 || len(got.Ratio.Doubts) != 1 {
			t.Errorf("%v against %v: %+v, %v", c.before, c.after, got, err)
		}
		if d := Decide(got, got.P, 1, LowerIsBetter); d.Verdict != Undecided || d.Blocks != 4 {
			t.Errorf("%v against %v: %+v", c.before, c.after, d)
		}
	}
	for _, c := range []struct {
		before, after []float64
		rope          float64
		says          string
	}{
		{[]float64{1, 0}, some, 0.05, "value 2 of before is 0"},
		{some, []float64{-1}, 0.05, "value 1 of after is -1"},
		{some, []float64{math.Inf(1)}, 0.05, "value 1 of after is +Inf"},
		{some, some, -1, "region of practical equivalence of -1"},
	} {
		if _, err := CompareUnpaired(c.before, c.after, c.rope); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v, want %q", err, c.says)
		}
	}
	if _, err := CompareLogs(some, []float64{1, math.NaN()}, 0.05); err == nil || !strings.Contains(err.Error(), "value 6 of 6 is NaN") {
		t.Errorf("%v", err)
	}
}

// What happened to all targets of a campaign alike is no change of one of them.
func TestAgainstControls(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	campaign := func(machine, change float64) []float64 {
		target, one, two := make([]float64, 12), make([]float64, 12), make([]float64, 12)
		for i := range target {
			block := machine * (1 + rng.Float64()) // a block may be twice as slow as another
			noise := func() float64 { return math.Exp(0.01 * rng.NormFloat64()) }
			target[i], one[i], two[i] = 50*change*block*noise(), 20*block*noise(), 90*block*noise()
		}
		d, err := AgainstControls(target, one, two)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	for change, want := range map[float64]Verdict{1: NoDifference, 1.1: Slower, 0.9: Faster} {
		c, err := CompareLogs(campaign(1, 1), campaign(1.3, change), 0.05)
		if err != nil {
			t.Fatal(err)
		}
		if d := Decide(c, c.P, 1, LowerIsBetter); d.Verdict != want || c.Ratio.Interval.Lo > change || c.Ratio.Interval.Hi < change {
			t.Errorf("changed by %v: %s, %+v", change, d.Verdict, c)
		}
	}
	d, err := AgainstControls([]float64{8, 5}, []float64{1, 5}, []float64{4, 5})
	if err != nil || !near(d[0], math.Log(4)) || math.Abs(d[1]) > 1e-12 {
		t.Errorf("%v, %v", d, err)
	}
	for says, args := range map[string][][]float64{
		"there are none": {{1, 2}},
		"1 values of control 2 against 2 of the target": {{1, 2}, {1, 2}, {1}},
		"value 2 of control 1 is 0":                     {{1, 2}, {1, 0}},
		"value 1 of target is NaN":                      {{math.NaN(), 2}, {1, 1}},
	} {
		if _, err := AgainstControls(args[0], args[1:]...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}
