package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

func ratio(est, lo, hi float64) Ratio {
	return Ratio{Pairs: 6, Estimate: est, Interval: Interval{lo, hi, 0.96875}, Wanted: Level, Spread: 0.05}
}

func TestJudge(t *testing.T) {
	t.Parallel()
	short := ratio(1.2, 1.1, 1.3)
	short.Pairs, short.Interval.Level = 5, 0.9375
	for _, c := range []struct {
		name   string
		r      Ratio
		lower  Verdict // when lower is better
		higher Verdict
	}{
		{"more", ratio(1.2, 1.1, 1.3), Slower, Faster},
		{"less", ratio(0.8, 0.7, 0.9), Faster, Slower},
		{"more, perhaps by little", ratio(1.06, 1.02, 1.1), Slower, Faster},
		{"equal", ratio(1, 0.97, 1.03), NoDifference, NoDifference},
		{"not 1, but too close to matter", ratio(1.02, 1.01, 1.03), NoDifference, NoDifference},
		{"the region's ends belong to it", ratio(1, 1/1.05, 1.05), NoDifference, NoDifference},
		{"just over the end", ratio(1, 0.99, 1.0501), Undecided, Undecided},
		{"just under the end", ratio(1, 1/1.0501, 1.01), Undecided, Undecided},
		{"touches 1", ratio(1.1, 1, 1.2), Undecided, Undecided},
		{"wide", ratio(1.1, 0.8, 1.5), Undecided, Undecided},
		{"too few pairs", short, Undecided, Undecided},
		{"no pairs", Ratio{Wanted: Level, Estimate: math.NaN(), Interval: Interval{math.NaN(), math.NaN(), 0}}, Undecided, Undecided},
	} {
		low, high := Judge(c.r, 0.05, LowerIsBetter), Judge(c.r, 0.05, HigherIsBetter)
		if low.Verdict != c.lower || high.Verdict != c.higher {
			t.Errorf("%s: %s and %s, want %s and %s", c.name, low.Verdict, high.Verdict, c.lower, c.higher)
		}
		if asked := low.Blocks > 0; asked != (low.Verdict == Undecided) || (asked && (low.Blocks < 6 || low.Blocks <= c.r.Pairs)) {
			t.Errorf("%s: %d blocks would help", c.name, low.Blocks)
		}
	}
}

// The number of blocks is what it claims to be: with that many, and the spread as seen, most campaigns decide.
func TestJudgeBlocksHelp(t *testing.T) {
	t.Parallel()
	const spread, rope = 0.06, 0.05
	for truth, most := range map[float64]float64{
		1:     0.95,
		1.055: 0.95,
		1.02:  1, // between the two, where either way of deciding adds to the other's chance
		1.04:  1,
	} {
		edge := math.Log1p(rope)
		seen := Ratio{Pairs: 6, Estimate: truth, Spread: spread, Wanted: Level}
		n := blocksNeeded(seen, edge)
		rng := rand.New(rand.NewPCG(5, 5))
		const runs = 500
		decided := 0
		for range runs {
			a, b := make([]float64, n), make([]float64, n)
			for i := range a {
				a[i], b[i] = truth*math.Exp(spread*rng.NormFloat64()), 1
			}
			r, err := CompareRatio(a, b, Level)
			if err != nil {
				t.Fatal(err)
			}
			if Judge(r, rope, LowerIsBetter).Verdict != Undecided {
				decided++
			}
		}
		if share := float64(decided) / runs; share < 0.65 || share > most {
			t.Errorf("ratio %v: %d blocks decide in %.2f of the campaigns", truth, n, share)
		}
	}
}
