package stats

import (
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestMinPairs(t *testing.T) {
	t.Parallel()
	for level, want := range map[float64]int{0.5: 2, 0.75: 3, 0.9: 5, 0.95: 6, 0.96875: 6, 0.99: 8} {
		if got := MinPairs(level); got != want {
			t.Errorf("level %v: %d pairs, want %d", level, got, want)
		}
	}
	for n := 1; n <= 12; n++ {
		d := slices.Repeat([]float64{1}, n)
		_, hl := HodgesLehmann(d, Level)
		_, med := Median(d, Level)
		if enough := n >= MinPairs(Level); hl.Reaches(Level) != enough || med.Reaches(Level) != enough {
			t.Errorf("%d values: levels %v and %v", n, hl.Level, med.Level)
		}
	}
}

func TestNothing(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func([]float64, float64) (float64, Interval){"median": Median, "hl": HodgesLehmann} {
		if m, ci := f(nil, Level); !math.IsNaN(m) || !math.IsNaN(ci.Lo) || !math.IsNaN(ci.Hi) || ci.Level != 0 {
			t.Errorf("%s of nothing: %v, %v", name, m, ci)
		}
	}
	if p, exact := SignFlip(nil, 1); p != 1 || !exact {
		t.Errorf("p of nothing is %v, exact %v", p, exact)
	}
}

// positives draws paired measurements, whole numbers now and then so that ties occur.
func positives(n int) *rapid.Generator[[]float64] {
	return rapid.SliceOfN(rapid.Custom(func(r *rapid.T) float64 {
		if rapid.Bool().Draw(r, "tie") {
			return float64(rapid.IntRange(1, 4).Draw(r, "whole"))
		}
		return rapid.Float64Range(0.01, 1e6).Draw(r, "v")
	}), n, n)
}

func close2(a, b float64) bool { return math.Abs(a-b) <= 1e-9*(math.Abs(a)+math.Abs(b)) }

func TestRatioProperties(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		n := rapid.IntRange(1, 14).Draw(r, "n")
		a, b := positives(n).Draw(r, "a"), positives(n).Draw(r, "b")
		level := rapid.SampledFrom([]float64{0.5, 0.9, 0.95, 0.99}).Draw(r, "level")
		keepA, keepB := slices.Clone(a), slices.Clone(b)
		ab, err := CompareRatio(a, b, level)
		if err != nil {
			r.Fatal(err)
		}
		if !slices.Equal(a, keepA) || !slices.Equal(b, keepB) {
			r.Fatal("the arguments were changed")
		}
		if !(ab.Interval.Lo <= ab.Estimate && ab.Estimate <= ab.Interval.Hi) {
			r.Fatalf("the interval %v does not hold the estimate %v", ab.Interval, ab.Estimate)
		}
		if (len(ab.Doubts) == 0) != ab.Interval.Reaches(level) {
			r.Fatalf("level %v of %v, doubts %q", ab.Interval.Level, level, ab.Doubts)
		}
		ba, err := CompareRatio(b, a, level)
		if err != nil {
			r.Fatal(err)
		}
		if !close2(ba.Estimate, 1/ab.Estimate) || !close2(ba.Interval.Lo, 1/ab.Interval.Hi) || !close2(ba.Interval.Hi, 1/ab.Interval.Lo) {
			r.Fatalf("swapped, %+v is not the mirror image of %+v", ba, ab)
		}
		dab, errAB := LogRatios(a, b)
		dba, errBA := LogRatios(b, a)
		if errAB != nil || errBA != nil {
			r.Fatal(errAB, errBA)
		}
		pab, _ := SignFlip(dab, 1)
		pba, _ := SignFlip(dba, 1)
		if pab != pba || ba.Interval.Level != ab.Interval.Level {
			r.Fatalf("swapped, p is %v and not %v", pba, pab)
		}
		factor := rapid.Float64Range(0.001, 1000).Draw(r, "factor")
		for i := range a {
			a[i] *= factor
		}
		scaled, err := CompareRatio(a, b, level)
		if err != nil {
			r.Fatal(err)
		}
		if !close2(scaled.Estimate, ab.Estimate*factor) || !close2(scaled.Interval.Hi, ab.Interval.Hi*factor) {
			r.Fatalf("scaled by %v: %+v, was %+v", factor, scaled, ab)
		}
	})
}

// What multiplies both sides of a pair, such as a machine that slows down, changes nothing.
func TestDriftCancels(t *testing.T) {
	t.Parallel()
	a, b := []float64{11, 12, 10, 13, 12, 11.5}, []float64{10, 11.5, 9, 12, 11, 10}
	before, err := CompareRatio(a, b, Level)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a {
		a[i] *= float64(i + 1)
		b[i] *= float64(i + 1)
	}
	after, err := CompareRatio(a, b, Level)
	if err != nil || !close2(after.Estimate, before.Estimate) || !close2(after.Interval.Lo, before.Interval.Lo) {
		t.Errorf("%v: %+v became %+v", err, before, after)
	}
}

func TestCompareRatioRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b  []float64
		level float64
		says  string
	}{
		{[]float64{1}, nil, Level, "1 values against 0"},
		{[]float64{1, 0}, []float64{1, 1}, Level, "pair 2 is 0 and 1"},
		{[]float64{1, 1}, []float64{-1, 1}, Level, "pair 1 is 1 and -1"},
		{[]float64{math.NaN()}, []float64{1}, Level, "pair 1"},
		{[]float64{math.Inf(1)}, []float64{1}, Level, "pair 1"},
		{[]float64{1}, []float64{1}, 1, "level 1 is not"},
		{[]float64{1}, []float64{1}, math.NaN(), "level NaN is not"},
	} {
		if _, err := CompareRatio(c.a, c.b, c.level); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%v against %v: %v, want %q", c.a, c.b, err, c.says)
		}
	}
}

// Meeting in the middle counts what going through the patterns one by one counts.
func TestSignFlipCountsAll(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		d := rapid.SliceOfN(rapid.OneOf(rapid.Float64Range(-1, 1), rapid.SampledFrom([]float64{0, 0.1, -0.1, 0.2, 0.3})), 0, 13).Draw(r, "d")
		var sum, most float64
		for _, x := range d {
			sum, most = sum+x, most+math.Abs(x)
		}
		hits := 0
		for pattern := range 1 << len(d) {
			flipped := 0.0
			for i, x := range d {
				if pattern>>i&1 == 1 {
					x = -x
				}
				flipped += x
			}
			if math.Abs(flipped) >= math.Abs(sum)-1e-9*most {
				hits++
			}
		}
		if p, exact := SignFlip(d, 1); !exact || p != float64(hits)/math.Exp2(float64(len(d))) {
			r.Fatalf("p %v, exact %v; %d of %d patterns", p, exact, hits, 1<<len(d))
		}
	})
}

func TestSignFlipDrawn(t *testing.T) {
	t.Parallel()
	d := make([]float64, flipExact+1)
	for i := range d {
		d[i] = float64(i%5) - 1.3
	}
	p, exact := SignFlip(d, 7)
	if exact {
		t.Fatalf("%d pairs are not drawn", len(d))
	}
	// The drawn p of these differences agrees with counting out all patterns to four standard errors.
	var sum, most float64
	for _, x := range d {
		sum, most = sum+x, most+math.Abs(x)
	}
	want := flipAll(d, math.Abs(sum)-1e-9*most)
	if se := math.Sqrt(want * (1 - want) / flipDraws); math.Abs(p-want) > 4*se {
		t.Errorf("p %v, counted out %v, standard error %v", p, want, se)
	}
	if again, _ := SignFlip(d, 7); again != p {
		t.Errorf("the same seed gave %v and %v", p, again)
	}
	if other, _ := SignFlip(d, 8); other == p {
		t.Error("another seed gave the very same p: it is not used")
	}
	// More than 64 pairs need a second word of signs.
	if p, _ := SignFlip(slices.Repeat([]float64{1}, 130), 1); p > 2.0/flipDraws {
		t.Errorf("130 equal differences: p %v", p)
	}
}

// An interval must hold the true centre as often as it says. The seed is fixed, so this passes always or never; the
// margin of three standard errors is for the choice of the seed.
func TestCoverage(t *testing.T) {
	t.Parallel()
	shapes := map[string]func(*rand.Rand) float64{
		"normal":  func(r *rand.Rand) float64 { return r.NormFloat64() },
		"uniform": func(r *rand.Rand) float64 { return r.Float64() - 0.5 },
		"laplace": func(r *rand.Rand) float64 { return r.ExpFloat64() - r.ExpFloat64() },
		"rounded": func(r *rand.Rand) float64 { return math.Round(r.NormFloat64()) }, // ties and zeros
	}
	const runs, truth = 4000, 3.0
	for name, draw := range shapes {
		for _, n := range []int{4, 6, 9, 12, 25} {
			rng := rand.New(rand.NewPCG(2024, uint64(n)))
			held := map[string]int{}
			var level = map[string]float64{}
			for range runs {
				d := make([]float64, n)
				for i := range d {
					d[i] = truth + draw(rng)
				}
				_, hl := HodgesLehmann(d, Level)
				_, med := Median(d, Level)
				for what, ci := range map[string]Interval{"hodges-lehmann": hl, "median": med} {
					level[what] = ci.Level
					if ci.Lo <= truth && truth <= ci.Hi {
						held[what]++
					}
				}
			}
			for what, ok := range held {
				share, se := float64(ok)/runs, math.Sqrt(level[what]*(1-level[what])/runs)
				if share < level[what]-3*se {
					t.Errorf("%s, %s, n = %d: covers %.4f, says %.4f", what, name, n, share, level[what])
				}
				if name != "rounded" && share > level[what]+3*se {
					t.Errorf("%s, %s, n = %d: covers %.4f, says only %.4f", what, name, n, share, level[what])
				}
			}
		}
	}
}
