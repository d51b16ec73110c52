package pace

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

const (
	sec = time.Second
	ms  = time.Millisecond
)

func take(t interface{ Fatal(...any) }, s Schedule, share, shares, n int) []time.Duration {
	p, err := s.Pacer(share, shares)
	if err != nil {
		t.Fatal(err)
	}
	at := make([]time.Duration, n)
	for i := range at {
		at[i] = p.Next()
	}
	return at
}

func TestDueTimes(t *testing.T) {
	tests := []struct {
		name string
		s    Schedule
		want []time.Duration
	}{
		{"constant", Schedule{Rate: 4}, []time.Duration{0, 250 * ms, 500 * ms}},
		// 2/s for 1 s, then 1 + t requests per second: 2 + t + t^2/2 are due before 1+t.
		{"ramp", Schedule{Ramp: [2]float64{1, 2}, Over: sec, Warmup: sec}, []time.Duration{
			0, sec, sec + 732050808, 2*sec + 250*ms, 2*sec + 750*ms}},
		{"ramp down to nothing", Schedule{Ramp: [2]float64{4, 0}, Over: sec}, []time.Duration{
			0, 292893219, Never, Never}},
		{"ramp from nothing", Schedule{Ramp: [2]float64{0, 2}, Over: sec, Warmup: 3 * sec}, []time.Duration{
			3 * sec, 4 * sec, 4*sec + 500*ms}},
		{"steps", Schedule{Steps: []float64{1, 2, 4}, Over: 3 * sec, Warmup: sec}, []time.Duration{
			0, sec, 2 * sec, 2*sec + 500*ms, 3 * sec, 3*sec + 250*ms, 3*sec + 500*ms, 3*sec + 750*ms, 4 * sec, 4*sec + 250*ms}},
		{"steps with a pause", Schedule{Steps: []float64{2, 0, 2}, Over: 3 * sec}, []time.Duration{
			0, 500 * ms, 2 * sec, 2*sec + 500*ms, 3 * sec}},
		{"a last step of nothing", Schedule{Steps: []float64{2, 0}, Over: 2 * sec}, []time.Duration{
			0, 500 * ms, Never, Never}},
	}
	for _, tt := range tests {
		if got := take(t, tt.s, 0, 1, len(tt.want)); !slices.Equal(got, tt.want) {
			t.Errorf("%s: due at %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestMeanRate(t *testing.T) {
	ramp := Schedule{Ramp: [2]float64{100, 300}, Over: 2 * sec, Warmup: sec}
	tests := []struct {
		s        Schedule
		from, to time.Duration
		want     float64
	}{
		{Schedule{Rate: 50}, 3 * sec, 7 * sec, 50},
		{Schedule{Rate: 50, Poisson: true}, 7 * sec, 3 * sec, 50},
		{ramp, 0, sec, 100}, {ramp, sec, 3 * sec, 200}, {ramp, 3 * sec, 9 * sec, 300}, {ramp, 0, 5 * sec, (100 + 400 + 600) / 5.0},
		{ramp, 2 * sec, 2 * sec, 200}, {Schedule{Rate: 1e6}, 1e6 * sec, 1e6 * sec, 1e6}, {ramp, -sec, -sec, 0},
		{Schedule{Steps: []float64{10, 0, 40}, Over: 3 * sec}, 0, 3 * sec, 50.0 / 3},
		{Schedule{Steps: []float64{10, 0, 40}, Over: 3 * sec}, 1500 * ms, 2500 * ms, 20},
		{Schedule{}, 0, sec, 0},
	}
	for _, tt := range tests {
		p, err := tt.s.Profile()
		if err != nil {
			t.Fatal(err)
		}
		if got := p.MeanRate(tt.from, tt.to); math.Abs(got-tt.want) > 1e-6*tt.want {
			t.Errorf("%+v from %v to %v: %v per second, want %v", tt.s, tt.from, tt.to, got, tt.want)
		}
	}
	p, err := ramp.Profile()
	if got := p.Cumulative(-sec); err != nil || got != 0 {
		t.Errorf("%v requests are due before the begin, %v", got, err)
	}
}

// A constant rate is its own mean to the last bit, whatever is measured.
func TestMeanRateIsExact(t *testing.T) {
	t.Parallel()
	for _, unit := range []float64{1, 10, 100, 1000, 10_000} {
		for digits := 10.0; digits < 100; digits++ {
			rate := digits * unit
			p, err := Schedule{Rate: rate}.Profile()
			if err != nil {
				t.Fatal(err)
			}
			for _, d := range []time.Duration{50 * ms, 600 * ms, 1350 * ms, 7 * sec} {
				for _, from := range []time.Duration{0, 50 * ms, 150 * ms, sec} {
					if got := p.MeanRate(from, from+d); got != rate {
						t.Fatalf("%v/s from %v for %v: %v", rate, from, d, got)
					}
				}
			}
		}
	}
}

// schedules draws valid schedules of every form.
func schedules(t *rapid.T) Schedule {
	rate := rapid.Custom(func(t *rapid.T) float64 {
		if rapid.IntRange(0, 4).Draw(t, "zero") == 0 {
			return 0
		}
		return rapid.Float64Range(MinRate, 1e7).Draw(t, "rate")
	})
	s := Schedule{
		Over:    time.Duration(rapid.Int64Range(1e6, 1e11).Draw(t, "over")),
		Warmup:  time.Duration(rapid.Int64Range(0, 1e10).Draw(t, "warmup")),
		Poisson: rapid.Bool().Draw(t, "poisson"),
		Seed:    rapid.Uint64().Draw(t, "seed"),
	}
	switch rapid.IntRange(0, 2).Draw(t, "form") {
	case 0:
		s.Rate = rapid.Float64Range(MinRate, MaxRate).Draw(t, "rate")
	case 1:
		s.Ramp = [2]float64{rate.Draw(t, "first"), rapid.Float64Range(MinRate, 1e7).Draw(t, "last")}
	default:
		s.Steps = append(rapid.SliceOfN(rate, 0, 8).Draw(t, "steps"), rapid.Float64Range(MinRate, 1e7).Draw(t, "last"))
	}
	return s
}

// Whatever the schedule: each share is in order, the shares together have as many requests
// due before any moment as the profile says (evenly spaced), and the same seed gives the
// same times.
func TestScheduleProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := schedules(t)
		profile, err := s.Profile()
		if err != nil {
			t.Fatal(err)
		}
		shares := rapid.IntRange(1, 5).Draw(t, "shares")
		for share := range shares {
			at := take(t, s, share, shares, 100)
			if !slices.Equal(at, take(t, s, share, shares, 100)) {
				t.Fatalf("share %d: the same schedule gave other times", share)
			}
			if !slices.IsSorted(at) || at[0] < 0 {
				t.Fatalf("share %d goes back: %v", share, at)
			}
			if s.Poisson {
				continue
			}
			for i, d := range at {
				if d >= Never/2 {
					break // years: the nanosecond is beyond a float64
				}
				// Rounded to the nanosecond, so as near as the rate changes the count within one.
				want, slack := float64(i*shares+share), 1e-6*max(1, float64(i*shares))+1e-9*profile.rateAt(d)
				slack += 1e-12 * profile.rateAt(d) * d.Seconds()
				if got := profile.Cumulative(d); math.Abs(got-want) > slack {
					t.Fatalf("request %v is due at %v, before which %v are", want, d, got)
				}
			}
		}
	})
}

// After 2^40 requests, nine days at this rate, a due time is still right to the nanosecond.
func TestNoRoundingErrorAccumulates(t *testing.T) {
	p, err := Schedule{Rate: 1.5e6}.Pacer(0, 3)
	if err != nil {
		t.Fatal(err)
	}
	p.(*pacer).points.n = 3 << 39
	for i := range 4 {
		// 3 requests take exactly 2 us.
		if got, want := p.Next(), time.Duration(2000*(1<<39+i)); got != want {
			t.Errorf("due at %d ns, want %d", got, want)
		}
	}
}

func TestValidateNamesTheFlag(t *testing.T) {
	for _, tt := range []struct {
		s    Schedule
		says string
	}{
		{Schedule{Rate: -1}, "rate: rate -1 is not between"},
		{Schedule{Rate: math.NaN()}, "rate: "},
		{Schedule{Rate: 1, Ramp: [2]float64{1, 2}, Over: sec}, "ramp: cannot"},
		{Schedule{Rate: 1, Steps: []float64{1}, Over: sec}, "steps: cannot"},
		{Schedule{Ramp: [2]float64{1, 2}, Steps: []float64{1}, Over: sec}, "steps: cannot"},
		{Schedule{Ramp: [2]float64{1, 2}}, "ramp: 0s is too short"},
		{Schedule{Ramp: [2]float64{1, -2}, Over: sec}, "ramp: rate -2"},
		{Schedule{Steps: []float64{0, 0}, Over: sec}, "steps: all of it is at rate 0"},
		{Schedule{Steps: []float64{1, 2e9}, Over: sec}, "steps: rate 2e+09"},
		{Schedule{Steps: make([]float64, MaxSteps+1), Over: sec}, "steps: 1001 of them"},
		{Schedule{Poisson: true}, "arrivals: "},
		{Schedule{Rate: 1, Warmup: -1}, "warmup: "},
	} {
		err := tt.s.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), tt.says) {
			t.Errorf("%+v: error %v, want one that begins with %q", tt.s, err, tt.says)
		}
		if _, other := tt.s.Pacer(0, 1); other == nil {
			t.Errorf("%+v: got a pacer", tt.s)
		}
	}
	var closed Schedule
	if err := closed.Validate(); err != nil || closed.Open() || closed.Changes() {
		t.Errorf("the zero schedule: %v, open %v, changes %v", err, closed.Open(), closed.Changes())
	}
	if _, err := closed.Pacer(0, 1); err == nil {
		t.Error("a closed loop has a pacer")
	}
	if s := (Schedule{Ramp: [2]float64{0, 2}, Over: sec}); !s.Open() || !s.Changes() {
		t.Error("a ramp from 0 is not open, or does not change")
	}
}

func TestNextDoesNotAllocate(t *testing.T) {
	for _, s := range []Schedule{
		{Rate: 1e6}, {Rate: 1e6, Poisson: true}, {Ramp: [2]float64{1, 1e6}, Over: sec, Poisson: true}, {Steps: []float64{1, 1e5}, Over: ms},
	} {
		p, err := s.Pacer(0, 1)
		if err != nil {
			t.Fatal(err)
		}
		if n := testing.AllocsPerRun(1000, func() { p.Next() }); n != 0 {
			t.Errorf("%+v: %v allocations", s, n)
		}
	}
}

func BenchmarkNext(b *testing.B) {
	for name, s := range map[string]Schedule{
		"constant":     {Rate: 1e5},
		"poisson":      {Rate: 1e5, Poisson: true},
		"ramp":         {Ramp: [2]float64{1e5, 2e5}, Over: 1e6 * sec},
		"ramp/poisson": {Ramp: [2]float64{1e5, 2e5}, Over: 1e6 * sec, Poisson: true},
	} {
		b.Run(name, func(b *testing.B) {
			p, err := s.Pacer(0, 1)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			for b.Loop() {
				p.Next()
			}
		})
	}
}
