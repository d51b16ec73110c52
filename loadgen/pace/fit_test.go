package pace

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// fitOf sends n requests of each share when they are due, moved by a function.
func fitOf(t testing.TB, s Schedule, shares, n int, sent func(time.Duration) time.Duration) Goodness {
	t.Helper()
	profile, err := s.Profile()
	if err != nil {
		t.Fatal(err)
	}
	var all Fit
	for share := range shares {
		f := profile.NewFit(shares)
		for _, at := range take(t, s, share, shares, n) {
			f.Add(sent(at))
		}
		all.Merge(f)
	}
	return all.Result()
}

func onTime(at time.Duration) time.Duration { return at }

func TestFitOfPoisson(t *testing.T) {
	for name, s := range map[string]Schedule{
		"constant": {Rate: 2000},
		"ramp":     {Ramp: [2]float64{100, 5000}, Over: 10 * sec},
		"down":     {Ramp: [2]float64{5000, 10}, Over: 10 * sec, Warmup: sec},
		"steps":    {Steps: []float64{1000, 0, 3000, 10000}, Over: 8 * sec, Warmup: sec},
	} {
		for _, shares := range []int{1, 4} {
			s.Poisson, s.Seed = true, 7
			g := fitOf(t, s, shares, 20000, onTime)
			if !g.Poisson() || g.Distance > 0.012 || math.Abs(g.Mean-1) > 0.03 || math.Abs(g.Variation-1) > 0.03 || math.Abs(g.Lag1) > 0.02 {
				t.Errorf("%s in %d shares: %+v", name, shares, g)
			}
			if want := uint64(shares * 19999); g.Intervals != want {
				t.Errorf("%s: %d intervals, want %d", name, g.Intervals, want)
			}
		}
	}
}

func TestFitRefuses(t *testing.T) {
	noise := rand.New(rand.NewPCG(1, 2))
	poisson := Schedule{Rate: 1000, Poisson: true, Seed: 3}
	for name, tt := range map[string]struct {
		s    Schedule
		sent func(time.Duration) time.Duration
	}{
		"evenly spaced":      {Schedule{Rate: 1000}, onTime},
		"evenly, jittered":   {Schedule{Rate: 1000}, func(at time.Duration) time.Duration { return at + time.Duration(noise.Float64()*0.9e6) }},
		"in bursts":          {poisson, func(at time.Duration) time.Duration { return at.Truncate(ms) + ms }},
		"in smaller bursts":  {poisson, func(at time.Duration) time.Duration { return at.Truncate(100*time.Microsecond) + ms }},
		"five per cent slow": {poisson, func(at time.Duration) time.Duration { return at + at/20 }},
	} {
		if g := fitOf(t, tt.s, 1, 20000, tt.sent); g.Poisson() || g.P > 1e-6 {
			t.Errorf("%s passes for Poisson: %+v", name, g)
		}
	}
	// Exponential intervals, but each of them twice: only their order gives them away.
	profile, err := Schedule{Rate: 1000}.Profile()
	if err != nil {
		t.Fatal(err)
	}
	f, at := profile.NewFit(1), time.Duration(0)
	for range 5000 {
		step := time.Duration(noise.ExpFloat64() * 1e6)
		f.Add(at + step)
		f.Add(at + 2*step)
		at += 2 * step
	}
	if g := f.Result(); g.Poisson() || math.Abs(g.Lag1-0.5) > 0.05 {
		t.Errorf("intervals in pairs: %+v", g)
	}
	if g := fitOf(t, poisson, 1, FitIntervals, onTime); g.Poisson() {
		t.Errorf("judged by %d intervals", g.Intervals)
	}
}

// A clock of a microsecond at 20,000 requests per second: a million intervals are found to
// differ, and found not to matter.
func TestFitTolerance(t *testing.T) {
	s := Schedule{Rate: 20000, Poisson: true, Seed: 5}
	g := fitOf(t, s, 1, 1_000_000, func(at time.Duration) time.Duration { return at.Truncate(time.Microsecond) })
	if g.P >= FitLevel || g.Distance <= g.Critical || !g.Poisson() {
		t.Errorf("%+v", g)
	}
}

// The test rejects a Poisson process once in a hundred: its size, over 4000 seeds. The
// margin is three standard errors.
func TestFitSize(t *testing.T) {
	const runs, n = 4000, 500
	rejected, correlated := 0, 0
	for seed := range uint64(runs) {
		g := fitOf(t, Schedule{Rate: 1e4, Poisson: true, Seed: seed}, 1, n+1, onTime)
		if g.P < FitLevel {
			rejected++
		}
		if (g.P < FitLevel) != (g.Distance > g.Critical) {
			t.Fatalf("P and the critical distance disagree: %+v", g)
		}
		if math.Abs(g.Lag1) > 2.575829/math.Sqrt(n) {
			correlated++
		}
	}
	for what, count := range map[string]int{"distance": rejected, "correlation": correlated} {
		if share := float64(count) / runs; share < 0.0053 || share > 0.0147 {
			t.Errorf("%s: %.4f of Poisson processes are rejected, want 0.01", what, share)
		}
	}
}

// Shares of a Poisson schedule are Poisson together too: merged in order of time, the
// whole has the whole rate.
func TestSuperposition(t *testing.T) {
	s := Schedule{Ramp: [2]float64{500, 4000}, Over: 5 * sec, Poisson: true, Seed: 11}
	var all []time.Duration
	const shares = 3
	for share := range shares {
		all = append(all, take(t, s, share, shares, 10000)...)
	}
	slices.Sort(all)
	profile, err := s.Profile()
	if err != nil {
		t.Fatal(err)
	}
	f := profile.NewFit(1)
	for _, at := range all[:25000] { // near the end some shares have run out
		f.Add(at)
	}
	if g := f.Result(); !g.Poisson() || g.P < FitLevel || math.Abs(g.Mean-1) > 0.02 {
		t.Errorf("%+v", g)
	}
	one, two := take(t, s, 0, shares, 5), take(t, s, 1, shares, 5)
	s.Seed++
	if slices.Equal(one, two) || slices.Equal(one, take(t, s, 0, shares, 5)) {
		t.Error("another share or seed gives the same times")
	}
}

func TestFitBreak(t *testing.T) {
	profile, err := Schedule{Rate: 1000}.Profile()
	if err != nil {
		t.Fatal(err)
	}
	f := profile.NewFit(1)
	for _, at := range []time.Duration{0, 1, 2} {
		f.Add(at * ms)
	}
	f.Break()
	f.Add(900 * ms)
	f.Add(901 * ms)
	if g := f.Result(); g.Intervals != 3 || math.Abs(g.Mean-1) > 1e-9 {
		t.Errorf("the break was counted as an interval: %+v", g)
	}
	var nothing Fit
	if g := nothing.Result(); g != (Goodness{P: 1}) || g.Poisson() {
		t.Errorf("nothing: %+v", g)
	}
	nothing.Merge(f)
	if nothing.Result() != f.Result() {
		t.Errorf("merged into nothing: %+v, want %+v", nothing.Result(), f.Result())
	}
}

func TestKolmogorov(t *testing.T) {
	// As tabulated by Smirnov 1948; digits from summing the second series in R.
	for x, want := range map[float64]float64{0: 1, 0.1: 1, 0.5: 0.963945, 0.8: 0.544142, 1: 0.270000, 1.1799999: 0.1234540, 1.18: 0.1234539, 1.358099: 0.05, 1.627624: 0.01, 2: 0.000670925} {
		if got := kolmogorov(x); math.Abs(got-want) > 2e-6 {
			t.Errorf("kolmogorov(%v) = %.7f, want %.7f", x, got, want)
		}
	}
}

func BenchmarkFit(b *testing.B) {
	profile, err := Schedule{Rate: 1e6}.Profile()
	if err != nil {
		b.Fatal(err)
	}
	f, at := profile.NewFit(1), time.Duration(0)
	if n := testing.AllocsPerRun(100, func() { at += 700; f.Add(at) }); n != 0 {
		b.Errorf("%v allocations", n)
	}
	for b.Loop() {
		at += 700
		f.Add(at)
	}
}
