package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

func TestNoiseBound(t *testing.T) {
	t.Parallel()
	d := []float64{0.03, -0.01, 0.02, 0.01, -0.02, 0.04, 0.015, -0.005}
	_, ci := HodgesLehmann(d, 0.9)
	mirrored := make([]float64, len(d))
	for i, x := range d {
		mirrored[i] = -x
	}
	want := math.Expm1(ci.Hi)
	for name, pairs := range map[string][][]float64{
		"one": {d}, "either way": {mirrored}, "with nothing": {nil, d}, "with a quieter one": {{0, 0, 0, 0.001, 0, 0}, d},
	} {
		if bound, reached := NoiseBound(pairs...); !near(bound, want) || reached < 0.95 || reached >= 1 {
			t.Errorf("%s: %v at %v, want %v", name, bound, reached, want)
		}
	}
	if bound, reached := NoiseBound([]float64{0.01, -0.02, 0.01}, d); !near(reached, 1-1.0/8) || !near(bound, want) {
		t.Errorf("three blocks: %v at %v", bound, reached)
	}
	for _, none := range [][][]float64{nil, {nil}} {
		if bound, reached := NoiseBound(none...); bound != 0 || reached != 0 {
			t.Errorf("nothing: %v at %v", bound, reached)
		}
	}
}

// The bound of several pairs holds for all of them at once.
func TestNoiseBoundHolds(t *testing.T) {
	t.Parallel()
	const runs = 3000
	for _, truths := range [][]float64{{0.02}, {0}, {0.02, 0.02, -0.02, 0.02, 0.02}} {
		rng := rand.New(rand.NewPCG(11, 12))
		held, worst := 0, math.Expm1(0.02)
		if len(truths) == 1 {
			worst = math.Expm1(truths[0])
		}
		for range runs {
			pairs := make([][]float64, len(truths))
			for p, truth := range truths {
				pairs[p] = make([]float64, 8)
				for i := range pairs[p] {
					pairs[p][i] = truth + 0.03*rng.NormFloat64()
				}
			}
			if bound, _ := NoiseBound(pairs...); bound >= worst {
				held++
			}
		}
		if ci := ClopperPearson(held, runs, 0.99); ci.Hi < 0.95 {
			t.Errorf("%v: holds in %d of %d", truths, held, runs)
		}
	}
}

func TestStability(t *testing.T) {
	t.Parallel()
	// The candidate with the smallest mean over the blocks. The second is better in three of eight blocks, and by more.
	values := [][]float64{
		{10, 10, 10, 10, 10, 10, 10, 10},
		{11, 11, 11, 11, 11, 8.5, 8.5, 8.5},
		{20, 20, 20, 20, 20, 20, 20, 20},
	}
	least := func(sample []int) int {
		if len(sample) != 8 {
			t.Fatalf("%d blocks", len(sample))
		}
		sums := make([]float64, len(values))
		for c, v := range values {
			for _, b := range sample {
				sums[c] += v[b]
			}
		}
		return slices.Index(sums, slices.Min(sums))
	}
	got := Stability(8, 3, 7, least)
	// The second wins where more than 3.2 of the eight draws, each with a chance of 3/8, fall on its blocks.
	want := 0.0
	for k := 4; k <= 8; k++ {
		want += choose(8, k) * math.Pow(3.0/8, float64(k)) * math.Pow(5.0/8, float64(8-k))
	}
	if f := got[1]; math.Abs(f.Share()-want) > 4*math.Sqrt(want*(1-want)/Resamples) || f.Interval != ClopperPearson(f.Hits, Resamples, Level) {
		t.Errorf("%+v, want a share of %v", f, want)
	}
	if got[0].Hits+got[1].Hits != Resamples || got[2].Hits != 0 || got[2].Tries != Resamples || got[2].Interval.Lo != 0 {
		t.Errorf("%+v", got)
	}
	if again := Stability(8, 3, 7, least); !slices.Equal(again, got) {
		t.Errorf("the same seed gave %v and %v", got, again)
	}
	if other := Stability(8, 3, 8, least); slices.Equal(other, got) {
		t.Error("another seed gave the very same: it is not used")
	}
	for _, f := range Stability(8, 2, 1, func([]int) int { return -1 }) {
		if f.Hits != 0 || f.Tries != Resamples {
			t.Errorf("nobody wins: %+v", f)
		}
	}
	for _, f := range Stability(0, 2, 1, least) {
		if f.Tries != 0 || f.Share() != 0 || f.Interval.Lo != 0 || f.Interval.Hi != 1 {
			t.Errorf("no blocks: %+v", f)
		}
	}
}
