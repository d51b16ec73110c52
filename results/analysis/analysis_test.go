package analysis

import (
	"math/rand/v2"
	"modelbench/results/stats"
	"modelbench/results/trial"
	"strings"
	"testing"
)

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got, want string
	}{
		{PerSecond(0.5).Text(0.5), "0.50/s"},
		{PerSecond(985).Text(985), "985/s"},
		{PerSecond(999.4).Text(999.4), "999/s"},
		{PerSecond(999.6).Text(999.6), "1.00k/s"},
		{PerSecond(6404).Text(6404), "6.40k/s"},
		{PerSecond(9996).Text(9996), "10.0k/s"},
		{PerSecond(101e3).Text(101e3), "101k/s"},
		{PerSecond(1.5e6).Text(1.5e6), "1.50M/s"},
		{Microseconds(12.34).Text(12.34), "12.3 us"},
		{Microseconds(10_200).Text(10_200), "10.2 ms"},
		{Microseconds(2.4e6).Text(2.4e6), "2.40 s"},
		{Memory(512).Text(512), "512 B"},
		{Memory(21 << 20).Text(21 << 20), "21.0 MiB"},
		{Memory(3 << 30).Text(3 << 30), "3.00 GiB"},
		{Short(64), "64"}, {Short(20_000), "20k"}, {Short(1.5e6), "1.5M"}, {Short(6400), "6.4k"}, {Short(0.5), "0.5"},
		{Percent(0.95), "95%"}, {Percent(0.96875), "96.9%"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

func TestRatioText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		est, lo, hi float64
		decided     bool
		want        string
	}{
		{1.23, 1.19, 1.28, true, "1.23x [1.19, 1.28]"},
		{1.12, 1.001, 1.3, true, "1.120x [1.001, 1.300]"},
		{0.9, 0.8, 0.998, true, "0.900x [0.800, 0.998]"},
		{1.01, 1.001, 1.03, false, "1.01x [1.00, 1.03]"},
		{0.0123, 0.0119, 0.0131, true, "0.012x [0.012, 0.013]"},
		{15.37, 14.2, 16.1, true, "15.4x [14.2, 16.1]"},
	} {
		verdict := stats.Undecided
		if c.decided {
			verdict = stats.Slower
		}
		ratio, interval := (&Comparison{Estimate: c.est, Lo: c.lo, Hi: c.hi, Verdict: verdict}).RatioText()
		if got := ratio + " " + interval; got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// What a verdict lets into the comparison, measure by measure.
func TestBelieved(t *testing.T) {
	t.Parallel()
	full := trial.Trial{Verdict: trial.VerdictOK, ThroughputRPS: trial.F(1), ServerCPUUsPerReq: trial.F(1),
		LatP50Us: trial.F(1), LatP99Us: trial.F(1), ServerPSSBytes: trial.I(1)}
	with := func(f func(*trial.Trial)) trial.Trial { tr := full; f(&tr); return tr }
	for name, c := range map[string]struct {
		t    trial.Trial
		want string
	}{
		"ok":           {full, "throughput,server CPU,p50,p99,memory"},
		"open loop":    {with(func(t *trial.Trial) { t.Arrivals = trial.ArrivalsConstant }), "server CPU,p50,p99,memory"},
		"client bound": {with(func(t *trial.Trial) { t.Verdict = trial.VerdictClientBound }), "server CPU,memory"},
		"lagging":      {with(func(t *trial.Trial) { t.Verdict = trial.VerdictLagging }), "server CPU,memory"},
		"rate missed":  {with(func(t *trial.Trial) { t.Verdict = trial.VerdictRateMissed }), ""},
		"unknown":      {with(func(t *trial.Trial) { t.Verdict = "of a later version" }), ""},
		"no verdict":   {with(func(t *trial.Trial) { t.Verdict = "" }), ""},
		"not measured": {with(func(t *trial.Trial) { t.LatP99Us, t.ServerPSSBytes = trial.Float{}, trial.Int{} }), "throughput,server CPU,p50"},
		"zero":         {with(func(t *trial.Trial) { t.ServerCPUUsPerReq = trial.F(0) }), "throughput,p50,p99,memory"},
	} {
		var got []string
		for _, m := range Measures {
			if _, ok := m.Believed(c.t); ok {
				got = append(got, m.Brief)
			}
		}
		if strings.Join(got, ",") != c.want {
			t.Errorf("%s: %q stand, want %s", name, got, c.want)
		}
	}
}

// Drift between blocks must not pick the best: b was measured in the slow blocks too.
func TestBestOverSharedBlocks(t *testing.T) {
	t.Parallel()
	of := func(values ...float64) series {
		s := series{}
		for i, v := range values {
			s[blockKey{block: int64(i)}] = blockValue{value: v}
		}
		return s
	}
	values := map[string]series{
		"a": of(11, 11, 11),
		"b": of(10, 10, 10, 99, 99, 99, 99),
	}
	low := &Measure{Better: stats.LowerIsBetter}
	if got := pickBest(low, values, []string{"a", "b"}); got != "b" {
		t.Errorf("best is %s", got)
	}
	if got := pickBest(&Measure{Better: stats.HigherIsBetter}, values, []string{"a", "b"}); got != "a" {
		t.Errorf("highest is %s", got)
	}
	apart := map[string]series{"a": of(5), "b": {{block: 7}: {value: 4}}}
	if got := pickBest(low, apart, []string{"a", "b"}); got != "b" {
		t.Errorf("best of those that share nothing is %s", got)
	}
	equal := map[string]series{"a": of(5), "b": of(5)}
	if got := pickBest(low, equal, []string{"a", "b"}); got != "a" {
		t.Errorf("of equals the best is %s", got)
	}
}

// What picking the best from the same data costs, and that the correction pays for it: of three equal targets no two are called
// different in more than 5% of campaigns.
func TestPickingTheBest(t *testing.T) {
	t.Parallel()
	const runs, noise, blocks = 2000, 0.2, 8
	targets := []string{"a", "b", "c"}
	rng := rand.New(rand.NewPCG(3, 3))
	m := Measures[1]
	opts := Options{ROPE: DefaultROPE, TailROPE: DefaultTailROPE}
	uncorrected, corrected := 0, 0
	for range runs {
		values := map[string]series{}
		for _, name := range targets {
			values[name] = series{}
			for b := range blocks {
				values[name][blockKey{block: int64(b)}] = blockValue{value: 10 * (1 + noise*rng.Float64())}
			}
		}
		s := assess(m, values, targets, nil, opts)
		if adjust([]*assessment{s}); len(s.section().With(stats.Slower)) > 0 {
			corrected++
		}
		for _, p := range s.pairs {
			p.screened = true
		}
		if len(s.section().With(stats.Slower)) > 0 {
			uncorrected++
		}
	}
	t.Logf("three equal targets: %d of %d uncorrected, %d corrected", uncorrected, runs, corrected)
	if corrected > runs*5/100 {
		t.Errorf("%d of %d campaigns of equals call some different", corrected, runs)
	}
	if uncorrected <= corrected {
		t.Errorf("the correction changes nothing: %d and %d", uncorrected, corrected)
	}
}
