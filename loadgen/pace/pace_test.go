package pace

import (
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestConstant(t *testing.T) {
	tests := []struct {
		rate          float64
		share, shares int
		want          []time.Duration
	}{
		{1, 0, 1, []time.Duration{0, time.Second, 2 * time.Second}},
		{1000, 0, 1, []time.Duration{0, time.Millisecond, 2 * time.Millisecond}},
		{1000, 0, 2, []time.Duration{0, 2 * time.Millisecond, 4 * time.Millisecond}},
		{1000, 1, 2, []time.Duration{time.Millisecond, 3 * time.Millisecond, 5 * time.Millisecond}},
		{3, 0, 1, []time.Duration{0, 333333333, 666666667, time.Second}},
		{1.5e6, 2, 3, []time.Duration{1333, 3333, 5333}},
		{0.5, 0, 1, []time.Duration{0, 2 * time.Second}},
	}
	for _, tt := range tests {
		p, err := Schedule{Rate: tt.rate}.Pacer(tt.share, tt.shares)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range tt.want {
			if got := p.Next(); got != want {
				t.Errorf("rate %g share %d/%d: request %d due at %v, want %v", tt.rate, tt.share, tt.shares, i, got, want)
			}
		}
	}
}

func TestConstantRefuses(t *testing.T) {
	tests := []struct {
		rate          float64
		share, shares int
	}{
		{0, 0, 1}, {-1, 0, 1}, {math.NaN(), 0, 1}, {math.Inf(1), 0, 1}, {2e9, 0, 1}, {10, 1, 1}, {10, -1, 1}, {10, 0, 0},
	}
	for _, tt := range tests {
		if _, err := (Schedule{Rate: tt.rate}).Pacer(tt.share, tt.shares); err == nil {
			t.Errorf("rate %g, share %d of %d: accepted", tt.rate, tt.share, tt.shares)
		}
	}
}

// However the schedule is shared out, each share is in order and together they
// are the whole: the same number of requests is due before any moment.
func TestSharesAreTheWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := rapid.Float64Range(1, 2e6).Draw(t, "rate")
		shares := rapid.IntRange(1, 9).Draw(t, "shares")
		const n = 50
		whole := make(map[time.Duration]int)
		p, _ := Schedule{Rate: rate}.Pacer(0, 1)
		for range n * shares {
			whole[p.Next()]++
		}
		for k := range shares {
			p, err := Schedule{Rate: rate}.Pacer(k, shares)
			if err != nil {
				t.Fatal(err)
			}
			last := time.Duration(-1)
			for range n {
				at := p.Next()
				if at < last {
					t.Fatalf("share %d goes back from %v to %v", k, last, at)
				}
				last = at
				whole[at]--
			}
		}
		for at, left := range whole {
			if left != 0 {
				t.Fatalf("%d requests due at %v belong to no share", left, at)
			}
		}
	})
}

func TestParseRate(t *testing.T) {
	good := map[string]float64{"0": 0, "1": 1, "500": 500, "20k": 20000, "20K": 20000, "1.5M": 1.5e6, "0.5": 0.5, "1e3": 1000}
	for s, want := range good {
		if got, err := ParseRate(s); err != nil || got != want {
			t.Errorf("ParseRate(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for _, s := range []string{"", "k", "-1", "20m", "1kk", "NaN", "Inf", "5000M", "0.0001", "fast"} {
		if got, err := ParseRate(s); err == nil {
			t.Errorf("ParseRate(%q) = %v, want an error", s, got)
		}
	}
}
