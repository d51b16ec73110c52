package gate

import (
	"strings"
	"testing"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text, key string
		above     bool
		bound     float64
	}{
		{"cpu_us_per_req>+3%", "cpu_us_per_req", true, 1.03},
		{"server_cpu_us_per_req>3%", "cpu_us_per_req", true, 1.03},
		{" throughput < -5%", "throughput", false, 0.95},
		{"p99.9>0%", "p99.9", true, 1},
		{"memory<-99.5%", "memory", false, 0.005},
	} {
		r, err := Parse(c.text)
		if err != nil || r.Measure.Key != c.key || r.Above != c.above || r.Bound < c.bound-1e-9 || r.Bound > c.bound+1e-9 {
			t.Errorf("%q: %+v, %v", c.text, r, err)
		}
	}
	for text, want := range map[string]string{
		"":                     "there is no > or <",
		"cpu_us_per_req=3%":    "there is no > or <",
		"cpu>3%":               `"cpu" is no measure: known are throughput, cpu_us_per_req`,
		"p99>3":                "has no % at its end",
		"p99>much%":            `"much" is not a number`,
		"p99>NaN%":             `"NaN" is not a number`,
		"p99>Inf%":             `"Inf" is not a number`,
		"throughput<-100%":     "nothing falls by 100% or more",
		"cpu_us_per_req>+3%%%": "is not a number",
	} {
		if _, err := Parse(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %q", text, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"cpu_us_per_req>+3%", "p99<-5%", "throughput>1e300%", "<%"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		r, err := Parse(text)
		if err == nil && (r.Measure == nil || !(r.Bound > 0)) {
			t.Errorf("%q: %+v", text, r)
		}
	})
}

func TestJudge(t *testing.T) {
	t.Parallel()
	above, below := parse(t, "cpu_us_per_req>3%"), parse(t, "throughput<-5%")
	for _, c := range []struct {
		rule   Rule
		lo, hi float64
		pairs  int
		level  float64
		want   Outcome
	}{
		{above, 1.031, 1.2, 12, 0.95, Fails},
		{above, 1.03, 1.2, 12, 0.95, Unknown},
		{above, 1.01, 1.05, 12, 0.95, Unknown},
		{above, 0.9, 1.03, 12, 0.95, Passes},
		{above, 1.2, 1.3, 5, 0.9375, Unknown}, // too few blocks for any interval of 95%
		{above, 0, 0, 0, 0, Unknown},
		{below, 0.8, 0.94, 12, 0.95, Fails},
		{below, 0.8, 0.95, 12, 0.95, Unknown},
		{below, 0.95, 1.2, 12, 0.95, Passes},
	} {
		got := c.rule.Judge(analysis.Comparison{Lo: c.lo, Hi: c.hi, Pairs: c.pairs, Level: c.level})
		if got != c.want {
			t.Errorf("%s of [%v, %v], %d pairs: %s, want %s", c.rule, c.lo, c.hi, c.pairs, got, c.want)
		}
	}
}

func parse(t *testing.T, text string) Rule {
	t.Helper()
	r, err := Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// A gate that looks at nothing must not pass.
func TestApplyNeedsFindings(t *testing.T) {
	t.Parallel()
	cpu, p99 := parse(t, "cpu_us_per_req>3%"), parse(t, "p99>3%")
	found := []Finding{{Workload: "w", Target: "a", Measure: cpu.Measure, Comparison: analysis.Comparison{With: "b", Pairs: 8, Level: 0.95, Estimate: 1.1, Lo: 1.05, Hi: 1.2}}}
	if _, err := Apply([]Rule{cpu, p99}, found); err == nil || !strings.Contains(err.Error(), "p99>3%") {
		t.Errorf("a rule without findings: %v", err)
	}
	res, err := Apply([]Rule{cpu}, found)
	if err != nil || res.Failed != 1 || len(res.Lines) != 2 || !strings.Contains(res.Lines[1], "fails: w, a: 1.10x [1.05, 1.20] of b, 8 blocks") {
		t.Errorf("%+v, %v", res, err)
	}
}

// What the table calls undecided for noise, the gate must not fail on: both look at the estimate.
func TestNoiseIsTheTables(t *testing.T) {
	t.Parallel()
	rule := parse(t, "cpu_us_per_req>3%")
	for _, noise := range []float64{0, 0.04, 0.06} {
		c := analysis.Comparison{With: "b", Pairs: 12, Level: 0.95, Estimate: 1.05, Lo: 1.04, Hi: 1.08, Verdict: stats.Slower}
		res, err := Apply([]Rule{rule}, []Finding{{Workload: "w", Target: "a", Measure: rule.Measure, Comparison: c, Noise: noise}})
		if err != nil {
			t.Fatal(err)
		}
		c.KeepWithin(noise)
		if c.Decided() != (res.Failed == 1) || c.Decided() != (noise < 0.05) {
			t.Errorf("noise %v: the table says %s, the gate %q", noise, c.Verdict, res.Lines)
		}
	}
}
