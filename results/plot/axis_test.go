package plot

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestRatioTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lo, hi float64
		want   []string
	}{
		{0.98, 1.22, []string{"1x", "1.2x", "1.1x", "1.05x", "1.15x"}},
		{0.95, 4.2, []string{"1x", "2x", "1.5x", "3x", "4x", "1.2x", "2.5x"}},
		{0.9, 60, []string{"1x", "2x", "10x", "5x", "20x", "50x"}},
		{0.4, 1.05, []string{"1x", "0.5x", "0.7x", "0.8x", "0.4x", "0.6x", "0.9x"}},
	} {
		var got []string
		for _, tick := range ratioTicks(c.lo, c.hi, 0.1) {
			got = append(got, tick.Label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
}

// An axis holds all its ratios and 1, and its ticks keep apart.
func TestRatioAxis(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		ratios := rapid.SliceOf(rapid.Float64Range(1e-3, 1e3)).Draw(t, "ratios")
		lo, hi := ratioRange(ratios)
		for _, r := range append(ratios, 1) {
			if r <= lo || r >= hi {
				t.Fatalf("%v is not between %v and %v", r, lo, hi)
			}
		}
		ticks := ratioTicks(lo, hi, 0.1)
		if len(ticks) == 0 || ticks[0].Value != 1 || len(ticks) > 11 {
			t.Fatalf("%d ticks: %v", len(ticks), ticks)
		}
		for i, a := range ticks {
			for _, b := range ticks[:i] {
				if math.Abs(math.Log(a.Value/b.Value))/math.Log(hi/lo) < 0.1-1e-9 {
					t.Fatalf("%v and %v are too near on %v to %v", a, b, lo, hi)
				}
			}
		}
	})
}

func TestTimeTicks(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		lo, hi float64
		want   []string
	}{
		{90e3, 1.1e6, []string{"100 us", "200 us", "500 us", "1 ms"}},
		{900, 2e9, []string{"1 us", "10 us", "100 us", "1 ms", "10 ms", "100 ms", "1 s"}},
		{1.2e6, 2.5e6, []string{"1.5 ms", "2 ms"}},
		{1, 9, []string{"1 ns", "2 ns", "5 ns"}},
	} {
		var got []string
		for _, tick := range timeTicks(c.lo, c.hi) {
			got = append(got, tick.Label)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%v to %v: %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
}

func TestPercentileTicks(t *testing.T) {
	t.Parallel()
	var got []string
	for _, tick := range percentileTicks(4.5) {
		got = append(got, tick.Label)
	}
	if want := []string{"", "p50", "p90", "p99", "p99.9", "p99.99"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
