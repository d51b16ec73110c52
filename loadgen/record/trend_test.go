package record

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// throughput draws n values around 1000 that scatter by sd and whose neighbours have a
// correlation of phi, and adds a straight drift.
func throughput(rng *rand.Rand, n int, phi, sd, drift float64) []float64 {
	x := make([]float64, n)
	v := rng.NormFloat64()
	for i := range x {
		x[i] = max(0, 1000*(1+sd*v+drift*(float64(i)+0.5)/float64(n)))
		v = phi*v + math.Sqrt(1-phi*phi)*rng.NormFloat64()
	}
	return x
}

// Without a trend one is rarely found, however alike neighbours are and however much values
// scatter: the shares in the comment of NewTrend, and three standard errors.
func TestTrendSize(t *testing.T) {
	t.Parallel()
	const runs = 400
	for _, tt := range []struct {
		n     int
		phi   float64
		share float64
	}{{60, 0, 0.005}, {60, 0.6, 0.019}, {100, 0, 0.006}, {100, 0.6, 0.016}} {
		rng := rand.New(rand.NewPCG(uint64(tt.n), uint64(10*tt.phi)))
		rejected, significant := 0, 0
		for range runs {
			trend := NewTrend(throughput(rng, tt.n, tt.phi, 0.2, 0))
			if trend.P < TrendLevel {
				rejected++
			}
			if trend.Significant() {
				significant++
			}
		}
		limit := tt.share + 3*math.Sqrt(tt.share/runs)
		if share := float64(rejected) / runs; share > limit || significant > rejected {
			t.Errorf("%d values, correlation %v: a test at %v rejects %.4f", tt.n, tt.phi, TrendLevel, share)
		}
	}
}

// stepped draws n values that fall by a share half way.
func stepped(rng *rand.Rand, n int, phi, sd, fall float64) []float64 {
	x := throughput(rng, n, phi, sd, 0)
	for i := n / 2; i < n; i++ {
		x[i] *= 1 - fall
	}
	return x
}

func TestTrendFindsSteps(t *testing.T) {
	t.Parallel()
	for _, fall := range []float64{0.15, 0.5} {
		rng := rand.New(rand.NewPCG(3, uint64(100*fall)))
		const runs = 50
		found := 0
		for range runs {
			if NewTrend(stepped(rng, 100, 0.5, 0.06, fall)).Significant() {
				found++
			}
		}
		if found < 44 {
			t.Errorf("a fall by %v is found in %d of %d", fall, found, runs)
		}
	}
}

// A drift that matters is found; one that does not is not called a trend, however certain.
func TestTrendPower(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		phi, sd, drift float64
		least, most    float64
	}{
		{0, 0.08, -0.2, 0.97, 1},
		{0, 0.08, 0.3, 0.99, 1},
		{0.5, 0.05, -0.2, 0.97, 1},
		{0, 0.01, 0.07, 0, 0},
		{0, 0.08, 0.05, 0, 0.05},
	} {
		rng := rand.New(rand.NewPCG(5, 6))
		const runs = 60
		found, drift := 0, 0.0
		for range runs {
			trend := NewTrend(throughput(rng, 100, tt.phi, tt.sd, tt.drift))
			drift += trend.Drift / runs
			if trend.Significant() {
				found++
			}
		}
		want := tt.drift / (1 + tt.drift/2)
		if share := float64(found) / runs; share < tt.least || share > tt.most || math.Abs(drift-want) > 0.01 {
			t.Errorf("%+v: %.3f are called a trend, with a drift of %.3f", tt, share, drift)
		}
	}
}

func TestTrendShapes(t *testing.T) {
	stall := slices.Repeat([]float64{1000}, 100)
	copy(stall[40:], make([]float64, 10))
	line := make([]float64, 100)
	for i := range line {
		line[i] = 100 + float64(i)
	}
	for name, tt := range map[string]struct {
		values []float64
		want   bool
		check  func(Trend) bool
	}{
		"too few":   {line[:TrendValues-1], false, func(t Trend) bool { return t == Trend{} }},
		"nothing":   {nil, false, func(t Trend) bool { return t == Trend{} }},
		"constant":  {slices.Repeat([]float64{5}, 50), false, func(t Trend) bool { return t.P == 1 && t.From == 5 && t.To == 5 && t.Drift == 0 }},
		"all zero":  {make([]float64, 50), false, func(t Trend) bool { return t.P == 1 && t.Drift == 0 }},
		"one stall": {stall, false, func(t Trend) bool { return t.P > 0.1 && t.Drift == 0 }},
		"a line": {line, true, func(t Trend) bool {
			return t.P < 1e-6 && math.Abs(t.From-99.5) < 1e-9 && math.Abs(t.To-199.5) < 1e-9 && t.Values == 100
		}},
		"a line down": {reversed(line), true, func(t Trend) bool { return math.Abs(t.Drift+100/149.5) < 1e-9 }},
		"half dead":   {slices.Concat(slices.Repeat([]float64{5}, 50), make([]float64, 50)), true, func(t Trend) bool { return t.Drift < -0.5 }},
	} {
		trend := NewTrend(tt.values)
		if trend.Significant() != tt.want || !tt.check(trend) {
			t.Errorf("%s: %+v", name, trend)
		}
	}
}

func reversed(x []float64) []float64 {
	y := slices.Clone(x)
	slices.Reverse(y)
	return y
}

// Whatever the values: the reverse drifts the other way, and another unit changes nothing.
func TestTrendProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		x := rapid.SliceOfN(rapid.Float64Range(0, 1e6), TrendValues, 80).Draw(t, "values")
		keep := slices.Clone(x)
		a, b := NewTrend(x), NewTrend(reversed(x))
		if !slices.Equal(x, keep) {
			t.Fatal("the argument was changed")
		}
		near := func(p, q float64) bool { return math.Abs(p-q) <= 1e-6*(1+math.Abs(p)) }
		if !(a.P >= 0 && a.P <= 1) || !near(a.P, b.P) || !near(a.Drift, -b.Drift) {
			t.Fatalf("%+v, reversed %+v", a, b)
		}
		for i := range x {
			x[i] *= 1024
		}
		if c := NewTrend(x); !near(a.P, c.P) || !near(a.Drift, c.Drift) {
			t.Fatalf("%+v, in another unit %+v", a, c)
		}
	})
}

// In a rotation the machine's drift cancels, a target's own does not.
func TestBeside(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 9))
	const rounds = 100
	values := make([][]float64, 3)
	for i := range values {
		values[i] = throughput(rng, rounds, 0, 0.05, 0)
		for round := range rounds {
			values[i][round] *= float64(i+1) * (1 - 0.5*float64(round)/rounds)
		}
	}
	if !NewTrend(values[1]).Significant() {
		t.Error("a machine that became half as fast has no trend")
	}
	for i := range values {
		if trend := NewTrend(Beside(values, i)); trend.Significant() {
			t.Errorf("target %d drifts with the machine: %+v", i, trend)
		}
	}
	for round := range rounds {
		values[1][round] *= 1 + 0.4*float64(round)/rounds
	}
	if trend := NewTrend(Beside(values, 1)); !trend.Significant() || trend.Drift < 0.25 || trend.Drift > 0.4 {
		t.Errorf("a target that became faster: %+v", trend)
	}
	odd := [][]float64{{1, 2, 3, 2}, {10, 0, 20, 30}, {0, 0, 0, 0}}
	if got := Beside(odd, 0); len(got) != 3 || math.Abs(got[0]-0.75) > 1e-12 || math.Abs(got[2]-0.5) > 1e-12 {
		t.Errorf("beside a target that had nothing in a round: %v", got)
	}
	if got := Beside(odd, 2); len(got) != 0 {
		t.Errorf("a target that never had anything: %v", got)
	}
}
