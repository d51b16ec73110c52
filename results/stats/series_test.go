package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// noise fills d with an autoregressive series of unit variance, with outliers in a share of its places.
func noise(rng *rand.Rand, d []float64, phi, outliers float64) {
	x := rng.NormFloat64()
	for i := range d {
		d[i] = x
		x = phi*x + math.Sqrt(1-phi*phi)*rng.NormFloat64()
		if rng.Float64() < outliers {
			d[i] += 3 + 5*rng.Float64()
		}
	}
}

// The interval of 95% holds the truth in 93 to 97% of the runs, whatever the dependence between rounds, with lognormal
// noise of 8% on each side and with slices that were stolen from either. The seeds are fixed; the margin beyond the band is
// three standard errors of so few runs.
func TestSeriesRatioCoverage(t *testing.T) {
	t.Parallel()
	const runs, truth, sd = 250, 1.1, 0.08
	for _, n := range []int{30, 60, 100} {
		for _, phi := range []float64{-0.4, 0, 0.7} {
			for _, outliers := range []float64{0, 0.03} {
				name := fmt.Sprintf("n=%d phi=%v outliers=%v", n, phi, outliers)
				rng := rand.New(rand.NewPCG(uint64(n), uint64(100*(phi+1))))
				a, b := make([]float64, n), make([]float64, n)
				held := 0
				for range runs {
					noise(rng, a, phi, outliers)
					noise(rng, b, phi, outliers)
					for i := range a {
						a[i], b[i] = 50*truth*math.Exp(sd*a[i]), 50*math.Exp(sd*b[i])
					}
					r, err := SeriesRatio(a, b, Level)
					if err != nil {
						t.Fatal(err)
					}
					if r.Interval.Lo <= truth && truth <= r.Interval.Hi {
						held++
					}
				}
				if share := float64(held) / runs; share < 0.91 || share > 0.99 {
					t.Errorf("%s: holds the truth in %.3f", name, share)
				}
			}
		}
	}
}

// How wide it is: the figure in the comment of SeriesRatio.
func TestSeriesRatioWidth(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]float64{100: 0.235, 200: 0.154} {
		rng := rand.New(rand.NewPCG(3, uint64(n)))
		a, b := make([]float64, n), slices.Repeat([]float64{1}, n)
		const runs, sd = 60, 0.1
		sum := 0.0
		for range runs {
			noise(rng, a, 0, 0)
			for i := range a {
				a[i] = math.Exp(sd * a[i])
			}
			r, err := SeriesRatio(a, b, Level)
			if err != nil {
				t.Fatal(err)
			}
			sum += math.Log(r.Interval.Hi/r.Interval.Lo) / 2 / sd / runs
		}
		if math.Abs(sum-want) > 0.015 {
			t.Errorf("%d rounds: half width %.3f standard deviations, want %v", n, sum, want)
		}
	}
}

func TestSeriesRatioProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(r, "n")
		a, b := positives(n).Draw(r, "a"), positives(n).Draw(r, "b")
		level := rapid.SampledFrom([]float64{0.5, 0.9, 0.95, 0.99}).Draw(r, "level")
		keep := slices.Clone(a)
		ab, err := SeriesRatio(a, b, level)
		if err != nil {
			r.Fatal(err)
		}
		if !slices.Equal(a, keep) {
			r.Fatal("an argument was changed")
		}
		if !(ab.Interval.Lo <= ab.Estimate && ab.Estimate <= ab.Interval.Hi) || !(ab.Interval.Level >= 0 && ab.Interval.Level <= 1) {
			r.Fatalf("estimate %v, interval %+v", ab.Estimate, ab.Interval)
		}
		if (len(ab.Doubts) == 0) != ab.Interval.Reaches(level) || ab.Pairs != n {
			r.Fatalf("%+v", ab)
		}
		ba, err := SeriesRatio(b, a, level)
		if err != nil {
			r.Fatal(err)
		}
		if !close2(ba.Estimate, 1/ab.Estimate) || !close2(ba.Interval.Lo, 1/ab.Interval.Hi) || !close2(ba.Interval.Hi, 1/ab.Interval.Lo) {
			r.Fatalf("swapped, %+v is not the mirror image of %+v", ba, ab)
		}
		plain, err := CompareRatio(a, b, level)
		if err != nil || plain.Estimate != ab.Estimate || plain.Spread != ab.Spread {
			r.Fatalf("%v: the same pairs as independent ones: %+v, as a series: %+v", err, plain, ab)
		}
	})
}

// Six rounds can be such that the variance of their mean is estimated as nothing at all: that is no certainty.
func TestSeriesRatioWithoutVariance(t *testing.T) {
	t.Parallel()
	r, err := SeriesRatio([]float64{1, 1.5, 1, 1, 1.5, 2}, []float64{2, 1, 1, 3, 4, 1}, 0.5)
	if err != nil || r.Interval.Level != 0 || len(r.Doubts) != 1 || !(r.Interval.Lo < r.Interval.Hi) {
		t.Errorf("%+v, %v", r, err)
	}
}

// Neighbours that are alike widen the interval, neighbours that make up for each other narrow it.
func TestSeriesRatioSeesOrder(t *testing.T) {
	t.Parallel()
	const n = 90
	one := slices.Repeat([]float64{1}, n)
	alike, opposed := make([]float64, n), make([]float64, n)
	for i := range n {
		alike[i] = 1 + 0.1*math.Sin(float64(i)*2*math.Pi/45)
		opposed[i] = 1 + 0.1*math.Sin(float64(i)*2*math.Pi*22/45)
	}
	wide, err := SeriesRatio(alike, one, Level)
	if err != nil {
		t.Fatal(err)
	}
	narrow, err := SeriesRatio(opposed, one, Level)
	if err != nil {
		t.Fatal(err)
	}
	if w, n := wide.Interval, narrow.Interval; w.Hi-w.Lo < 3*(n.Hi-n.Lo) {
		t.Errorf("waves: %+v, alternating: %+v", w, n)
	}
}

func TestSeriesRatioOddities(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	r, err := SeriesRatio([]float64{2, 0, nan, 2, math.Inf(1), 2}, []float64{1, 1, 1, 1, 1, 1}, Level)
	if err != nil || r.Pairs != 3 || !near(r.Estimate, 2) || len(r.Doubts) != 2 || !strings.HasPrefix(r.Doubts[0], "3 of 6 rounds were left out") {
		t.Errorf("%+v, %v", r, err)
	}
	if r, err = SeriesRatio(nil, nil, Level); err != nil || !math.IsNaN(r.Estimate) || len(r.Doubts) != 1 {
		t.Errorf("nothing: %+v, %v", r, err)
	}
	same := slices.Repeat([]float64{3}, 50)
	if r, err = SeriesRatio(same, same, Level); err != nil || r.Estimate != 1 || r.Interval.Lo != 1 || r.Interval.Hi != 1 || len(r.Doubts) != 0 {
		t.Errorf("all the same: %+v, %v", r, err)
	}
	if _, err = SeriesRatio(same, nil, Level); err == nil || !strings.Contains(err.Error(), "50 values against 0") {
		t.Errorf("lengths differ: %v", err)
	}
	if _, err = SeriesRatio(same, same, 1); err == nil {
		t.Error("a level of 1 was accepted")
	}
}

// A long series is shortened, and its interval stays what it was.
func TestSeriesRatioLong(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(8, 8))
	a := make([]float64, 10*seriesMost+7)
	noise(rng, a, 0.3, 0.01)
	for i := range a {
		a[i] = math.Exp(0.1 * a[i])
	}
	r, err := SeriesRatio(a, slices.Repeat([]float64{1}, len(a)), Level)
	if err != nil {
		t.Fatal(err)
	}
	// Half width: 1.96 sd sqrt((1+phi)/(1-phi)/n), and the outliers' share.
	if half := math.Log(r.Interval.Hi/r.Interval.Lo) / 2; half < 0.0023 || half > 0.0036 || r.Pairs != len(a) || math.Abs(math.Log(r.Estimate)) > 0.01 {
		t.Errorf("%+v, half width %v", r, half)
	}
	if got := shorten([]float64{1, 3, 5, 7, 100}, 2); !slices.Equal(got, []float64{3}) {
		t.Errorf("shortened: %v", got)
	}
}
