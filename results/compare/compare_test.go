package compare

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

func TestUnits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		got, want string
	}{
		{perSecond(0.5).String(0.5), "0.50/s"},
		{perSecond(985).String(985), "985/s"},
		{perSecond(999.4).String(999.4), "999/s"},
		{perSecond(999.6).String(999.6), "1.00k/s"},
		{perSecond(6404).String(6404), "6.40k/s"},
		{perSecond(9996).String(9996), "10.0k/s"},
		{perSecond(101e3).String(101e3), "101k/s"},
		{perSecond(1.5e6).String(1.5e6), "1.50M/s"},
		{microseconds(12.34).String(12.34), "12.3 us"},
		{microseconds(10_200).String(10_200), "10.2 ms"},
		{microseconds(2.4e6).String(2.4e6), "2.40 s"},
		{memory(512).String(512), "512 B"},
		{memory(21 << 20).String(21 << 20), "21.0 MiB"},
		{memory(3 << 30).String(3 << 30), "3.00 GiB"},
		{short(64), "64"}, {short(20_000), "20k"}, {short(1.5e6), "1.5M"}, {short(6400), "6.4k"}, {short(0.5), "0.5"},
		{percent(0.95), "95%"}, {percent(0.96875), "96.9%"},
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
		ratio, interval := ratioText(stats.Ratio{Estimate: c.est, Interval: stats.Interval{Lo: c.lo, Hi: c.hi}}, c.decided)
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
		for _, m := range measures {
			if _, ok := m.believed(c.t); ok {
				got = append(got, m.brief)
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
	block := func(i int) blockKey { return blockKey{block: int64(i)} }
	values := map[string]series{
		"a": {block(1): 11, block(2): 11, block(3): 11},
		"b": {block(1): 10, block(2): 10, block(3): 10, block(4): 99, block(5): 99, block(6): 99, block(7): 99},
	}
	low := &measure{better: stats.LowerIsBetter}
	if got := pickBest(low, values, []string{"a", "b"}); got != "b" {
		t.Errorf("best is %s", got)
	}
	if got := pickBest(&measure{better: stats.HigherIsBetter}, values, []string{"a", "b"}); got != "a" {
		t.Errorf("highest is %s", got)
	}
	apart := map[string]series{"a": {block(1): 5}, "b": {block(2): 4}}
	if got := pickBest(low, apart, []string{"a", "b"}); got != "b" {
		t.Errorf("best of those that share nothing is %s", got)
	}
	equal := map[string]series{"a": {block(1): 5}, "b": {block(1): 5}}
	if got := pickBest(low, equal, []string{"a", "b"}); got != "a" {
		t.Errorf("of equals the best is %s", got)
	}
}

// What picking the best from the same data costs: the figures of the package comment, with a fixed seed.
func TestPickingTheBest(t *testing.T) {
	t.Parallel()
	const runs, noise = 4000, 0.2
	targets := []string{"a", "b", "c"}
	rng := rand.New(rand.NewPCG(3, 3))
	m := measures[1]
	wrong, wrongPair := 0, 0
	for range runs {
		values := map[string]series{}
		for _, name := range targets {
			values[name] = series{}
			for b := range 6 {
				values[name][blockKey{block: int64(b)}] = 10 * (1 + noise*rng.Float64())
			}
		}
		if s := assess(m, values, targets, Options{}.withDefaults()); len(s.with(stats.Slower)) > 0 {
			wrong++
		}
		if _, d := m.compare(values["a"], values["b"], Options{}.withDefaults()); d.Verdict != stats.Undecided && d.Verdict != stats.NoDifference {
			wrongPair++
		}
	}
	share, pair := float64(wrong)/runs, float64(wrongPair)/runs
	t.Logf("three equal targets: %.3f; one pair named beforehand: %.3f", share, pair)
	if pair < 0.02 || pair > 0.04 {
		t.Errorf("a pair named beforehand differs in %.3f, the comment says 3%%", pair)
	}
	if share < pair || share > 3*pair {
		t.Errorf("three equal targets differ in %.3f, a pair in %.3f", share, pair)
	}
}

// A target may lose by the median and win block by block. The text says so and stays in one piece.
func TestBetterThanTheBest(t *testing.T) {
	t.Parallel()
	var trials []trial.Trial
	// a is 10% lower than b in 10 of 12 blocks, but b wins the two that decide the median.
	for i, pair := range [][2]float64{{1, 1.2}, {2, 2.4}, {3, 3.6}, {4, 4.8}, {5, 6}, {10, 9.9}, {10, 9.9}, {20, 24}, {30, 36}, {40, 48}, {50, 60}, {60, 72}} {
		for j, target := range []string{"a", "b"} {
			trials = append(trials, trial.Trial{Target: target, Workload: "echo", CampaignID: "c", Block: trial.I(i),
				Verdict: trial.VerdictOK, ServerCPUUsPerReq: trial.F(pair[j])})
		}
	}
	var out bytes.Buffer
	if err := Write(&out, trials, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a is better than b in server CPU (1.20x)", "  less\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	if err := Write(io.Discard, nil, Options{}); !errors.Is(err, ErrNothing) {
		t.Errorf("no trials: %v", err)
	}
	for _, opts := range []Options{{ROPE: -0.1}, {ROPE: 1}, {TailROPE: 5}} {
		if err := Write(io.Discard, campaign(), opts); err == nil || errors.Is(err, ErrNothing) {
			t.Errorf("%+v: %v", opts, err)
		}
	}
	if err := Write(full{}, campaign(), Options{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// The region of equivalence is the caller's: what is no difference at 5% is one at 1%.
func TestOptionsMatter(t *testing.T) {
	t.Parallel()
	s := newSource(21, 0.002)
	var trials []trial.Trial
	for block := range 8 {
		trials = append(trials, s.trial("echo", "a", "c", block, figures{cpuUs: 10, p99Us: 100}),
			s.trial("echo", "b", "c", block, figures{cpuUs: 10.3, p99Us: 106}))
	}
	for _, c := range []struct {
		opts Options
		want string
	}{
		{Options{}, "no difference: server CPU, p99."},
		{Options{ROPE: 0.01}, "a is better than b in server CPU (1.03x); no difference: p99."},
		{Options{TailROPE: 0.01}, "a is better than b in p99 (1.06x); no difference: server CPU."},
	} {
		var out bytes.Buffer
		if err := Write(&out, trials, c.opts); err != nil || !strings.Contains(out.String(), c.want) {
			t.Errorf("%+v: %v, %q is missing in\n%s", c.opts, err, c.want, out.String())
		}
	}
}

// Two machines that number their blocks alike, without a campaign, share no block: "medians mix them, ratios do not".
func TestMachinesAreNotPaired(t *testing.T) {
	t.Parallel()
	s := newSource(20, 0.01)
	var all []trial.Trial
	for block := range 6 {
		for host, target := range map[string]string{"one": "a", "two": "b"} {
			tr := s.trial("echo", target, "", block, figures{cpuUs: 8})
			tr.HostID = host
			all = append(all, tr)
		}
	}
	var out strings.Builder
	if err := Write(&out, all, Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"12 blocks", "2 machines: medians mix them, ratios do not", "shares no block with the best"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
