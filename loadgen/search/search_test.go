package search

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// drive carries a search out against a function that plays server and generator.
func drive(t interface{ Fatal(...any) }, c Config, run func(i int, s Step) Outcome) Result {
	s, err := New(c)
	if err != nil {
		t.Fatal(err)
	}
	most := c.withDefaults().MaxRuns
	for i := 0; ; i++ {
		step, more := s.Next()
		if !more {
			return s.Result()
		}
		if i == most {
			t.Fatal(fmt.Sprintf("a search of %d runs goes on", most))
		}
		s.Observe(run(i, step))
	}
}

// knee is a server that takes every rate up to one.
func knee(at float64) func(int, Step) Outcome {
	return func(_ int, s Step) Outcome { return Outcome{Met: s.Rate <= at, Rate: min(s.Rate, at)} }
}

// sound says what is wrong with a result that should be right, given the knee.
func sound(r Result, c Config, at float64) error {
	c = c.withDefaults()
	switch {
	case !r.Confirmed || r.LowerBound || len(r.Doubts) > 0:
		return fmt.Errorf("not confirmed, or doubtful")
	case !(r.Rate <= at && at < r.Above):
		return fmt.Errorf("the knee at %g is not between", at)
	case r.Above > r.Rate*(1+c.Width):
		return fmt.Errorf("the ends are too far apart")
	}
	return nil
}

func TestPlainSearch(t *testing.T) {
	var tried []string
	r := drive(t, Config{Start: 1000, Width: 0.1}, func(i int, s Step) Outcome {
		mark := ""
		if s.Confirming {
			mark = "!"
		}
		tried = append(tried, fmt.Sprintf("%g%s", s.Rate, mark))
		return knee(3100)(i, s)
	})
	want := "1000 2000 4000 4000 2828 3363 3363 3084 3363 3084!"
	if got := strings.Join(tried, " "); got != want {
		t.Errorf("tried %s, want %s", got, want)
	}
	if err := sound(r, Config{Width: 0.1}, 3100); err != nil || r.Rate != 3084 || r.Above != 3363 || len(r.Runs) != 10 || r.Runs[9].Duration != 10*time.Second {
		t.Errorf("%v: %+v", err, r)
	}
}

func configs(t *rapid.T) Config {
	c := Config{
		Min:   rapid.Float64Range(0.01, 1000).Draw(t, "min"),
		Width: rapid.Float64Range(MinWidth, 0.5).Draw(t, "width"),
	}
	c.Max = c.Min * rapid.Float64Range(1, 1e6).Draw(t, "range")
	c.Start = c.Min * math.Pow(c.Max/c.Min, rapid.Float64Range(0, 1).Draw(t, "start"))
	c.Start = min(max(c.Start, c.Min), c.Max)
	c.MaxRuns = 250
	return c
}

// Against a server with a sharp knee the answer is right to the width, wherever the search
// begins and even if any single run of it goes wrong.
func TestOneWrongRunMovesNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := configs(t)
		at := c.Min * math.Pow(c.Max/c.Min, rapid.Float64Range(0, 0.999).Draw(t, "knee"))
		if at >= c.Max {
			return
		}
		plain := drive(t, c, knee(at))
		if err := sound(plain, c, at); err != nil {
			t.Fatalf("%v: %+v", err, plain)
		}
		for wrong := range plain.Runs {
			r := drive(t, c, func(i int, s Step) Outcome {
				o := knee(at)(i, s)
				if i == wrong {
					o = Outcome{Met: !o.Met}
				}
				return o
			})
			if err := sound(r, c, at); err != nil {
				t.Fatalf("run %d went wrong: %v: %+v", wrong, err, r)
			}
		}
	})
}

// soft is a server whose runs near the knee come out by chance, within a few per cent, and
// anywhere wrong in a few per cent of the runs.
func soft(rng *rand.Rand, at, wrong float64) func(int, Step) Outcome {
	return func(_ int, s Step) Outcome {
		blur := 0.02
		if s.Confirming {
			blur = 0.01 // a longer run is less of a gamble
		}
		met := rng.Float64() < 1/(1+math.Exp(math.Log(s.Rate/at)/blur))
		return Outcome{Met: met != (rng.Float64() < wrong)}
	}
}

func TestNoisySearch(t *testing.T) {
	const runs = 1000
	for _, wrong := range []float64{0, 0.02, 0.05} {
		rng := rand.New(rand.NewPCG(4, uint64(1000*wrong)))
		var off []float64
		total, unconfirmed := 0, 0
		for range runs {
			at := 1000 * math.Pow(1000, rng.Float64())
			r := drive(t, Config{}, soft(rng, at, wrong))
			if !r.Confirmed {
				unconfirmed++
				continue
			}
			off = append(off, math.Abs(math.Log(r.Rate/at)))
			total += len(r.Runs)
		}
		slices.Sort(off)
		median, p95 := off[len(off)/2], off[len(off)*95/100]
		mean := float64(total) / float64(len(off))
		t.Logf("%v wrong: off by %.3f (median), %.3f (p95), %.3f at most; %.1f runs; %d unconfirmed", wrong, median, p95, off[len(off)-1], mean, unconfirmed)
		if median > 0.03 || p95 > 0.1 || mean > 25 || unconfirmed > runs/100 {
			t.Errorf("%v wrong: off by %.3f (median), %.3f (p95); %.1f runs; %d unconfirmed", wrong, median, p95, mean, unconfirmed)
		}
	}
}

func TestEnds(t *testing.T) {
	// The generator gives up at 50,000/s, and the server would take 80,000/s.
	limited := func(i int, s Step) Outcome {
		o := knee(80e3)(i, s)
		o.Limited = s.Rate > 50e3
		return o
	}
	tests := []struct {
		name       string
		c          Config
		run        func(int, Step) Outcome
		min, max   float64 // of Rate
		lowerBound bool
		doubts     []string
	}{
		{"even the lowest fails", Config{Min: 10}, knee(3), 0, 0, false, []string{"even 10 requests/s"}},
		{"nothing is met, whatever the rate", Config{Min: 10, Start: 10, Max: 10}, knee(3), 0, 0, false, []string{"even 10 requests/s"}},
		{"the highest is met", Config{Max: 50e3}, knee(1e6), 50e3, 50e3, true, []string{"50000 requests/s", "the server may take more"}},
		{"the generator is the limit", Config{}, limited, 47e3, 50e3, true, []string{"the generator itself could not offer"}},
		{"the generator is always the limit", Config{Min: 100}, func(int, Step) Outcome { return Outcome{Met: true, Limited: true} },
			0, 0, false, []string{"the generator itself could not offer 100", "even 100 requests/s"}},
		{"too slow is not met", Config{}, func(_ int, s Step) Outcome { return Outcome{Met: true, Rate: min(s.Rate, 7000)} }, 6700, 7000 / Achieved, false, nil},
		{"too few runs to bracket", Config{MaxRuns: 3}, knee(1e6), 4000, 4000, true, []string{"stopped after 3 runs", "no confirming run"}},
		{"too few runs to bisect", Config{MaxRuns: 6, Width: 0.01}, knee(3000), 2828, 2828, false, []string{"between 2828 and 4000", "no confirming run"}},
		{"too few runs to find anything", Config{MaxRuns: 3}, knee(3), 0, 0, false, []string{"no rate met the objective in 3 runs"}},
	}
	for _, tt := range tests {
		r := drive(t, tt.c, tt.run)
		all := strings.Join(r.Doubts, "; ")
		if r.Rate < tt.min || r.Rate > tt.max || r.LowerBound != tt.lowerBound || (len(tt.doubts) == 0) != (all == "") {
			t.Errorf("%s: %+v", tt.name, r)
		}
		for _, says := range tt.doubts {
			if !strings.Contains(all, says) {
				t.Errorf("%s: doubts %q, want %q", tt.name, all, says)
			}
		}
		if confirmed := r.Rate > 0 && !strings.Contains(all, "no confirming"); r.Confirmed != confirmed {
			t.Errorf("%s: confirmed is %v: %+v", tt.name, r.Confirmed, r)
		}
	}
}

// Long runs may tell what short ones did not: the answer is what the long ones say.
func TestConfirmationDecides(t *testing.T) {
	r := drive(t, Config{}, func(_ int, s Step) Outcome {
		if s.Confirming {
			return Outcome{Met: s.Rate <= 6000}
		}
		return Outcome{Met: s.Rate <= 9000}
	})
	if err := sound(r, Config{}, 6000); err != nil {
		t.Errorf("%v: %+v", err, r)
	}
}

// Whatever a server does, a search ends, and its result agrees with its own runs.
func TestAnyServer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := configs(t)
		c.MaxRuns = rapid.IntRange(1, 60).Draw(t, "runs")
		r := drive(t, c, func(_ int, s Step) Outcome {
			if s.Rate < c.Min || s.Rate > c.Max {
				t.Fatalf("%g is not between %g and %g", s.Rate, c.Min, c.Max)
			}
			return Outcome{Met: rapid.Bool().Draw(t, "met"), Limited: rapid.Bool().Draw(t, "limited")}
		})
		met := func(long bool) bool {
			return slices.ContainsFunc(r.Runs, func(u Run) bool {
				return u.Step.Rate == r.Rate && u.Met && !u.Limited && (u.Confirming || !long)
			})
		}
		switch {
		case r.Rate > 0 && !met(false):
			t.Fatalf("no run met the objective at the answer: %+v", r)
		case r.Confirmed && !met(true):
			t.Fatalf("no long run met the objective at the answer: %+v", r)
		case r.Above > 0 && r.Above <= r.Rate:
			t.Fatalf("the answer is upside down: %+v", r)
		case len(r.Doubts) == 0 && (!r.Confirmed || r.LowerBound || r.Above == 0):
			t.Fatalf("no doubt about %+v", r)
		}
	})
}

func TestValidate(t *testing.T) {
	for says, c := range map[string]Config{
		"no range": {Min: 10, Max: 5}, "is no range": {Min: -1}, "the first, 5": {Start: 5, Min: 10}, "a width of 2": {Width: 2}, "a width of NaN": {Width: math.NaN()},
		"runs of 1s": {Run: time.Second, Confirm: time.Millisecond}, "runs of -1s": {Run: -time.Second}, "-1 runs": {MaxRuns: -1}, "to +Inf": {Max: math.Inf(1)},
	} {
		if _, err := New(c); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v, want %q", c, err, says)
		}
	}
	s, err := New(Config{})
	if err != nil {
		t.Fatal(err)
	}
	first, _ := s.Next()
	if again, more := s.Next(); !more || again != first || first != (Step{1000, 2 * time.Second, false}) {
		t.Errorf("first %+v, then %+v", first, again)
	}
	if r := s.Result(); len(r.Doubts) != 1 || r.Rate != 0 {
		t.Errorf("before the first run: %+v", r)
	}
}
