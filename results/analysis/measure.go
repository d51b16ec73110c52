package analysis

import (
	"encoding/json"
	"fmt"
	"strings"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

// Measure is a column that targets are compared by, with the words that go with it. Measures are made here alone; they are
// compared by their pointers.
type Measure struct {
	Key    string // what flags and files call it
	Column string // of the trial
	Name   string // heads rows
	Brief  string // stands in sentences
	Worse  string // the verdict on a target that is worse: slower, or more
	Better stats.Better
	// Unit is how values are written near this one.
	Unit func(near float64) Unit
	// Detail marks measures that a table for a person leaves out.
	Detail bool

	value func(trial.Trial) (float64, bool)
	// cost is true for what the server spends. It is true of any load, so it stands when the client was the bottleneck, or late.
	cost bool
	// tail asks for the wider region of equivalence.
	tail bool
	// closedOnly leaves the measure out of an open loop, where it equals the offered rate.
	closedOnly bool
}

// MarshalJSON writes the measure's names.
func (m *Measure) MarshalJSON() ([]byte, error) {
	better := "lower"
	if m.Better == stats.HigherIsBetter {
		better = "higher"
	}
	return json.Marshal(struct {
		Key    string `json:"key"`
		Column string `json:"column"`
		Name   string `json:"name"`
		Better string `json:"better"`
	}{m.Key, m.Column, m.Name, better})
}

// Measures in the order of tables: capacity, cost, latency, memory.
var Measures = []*Measure{
	{
		Key: "throughput", Column: "throughput_rps", Name: "throughput", Brief: "throughput", Worse: "slower",
		Better: stats.HigherIsBetter, closedOnly: true, Unit: PerSecond,
		value: func(t trial.Trial) (float64, bool) { return t.ThroughputRPS.Get() },
	},
	{
		Key: "cpu_us_per_req", Column: "server_cpu_us_per_req", Name: "server CPU per request", Brief: "server CPU", Worse: "more",
		Better: stats.LowerIsBetter, cost: true, Unit: Microseconds,
		value: func(t trial.Trial) (float64, bool) { return t.ServerCPUUsPerReq.Get() },
	},
	latency("p50", false, false, func(t trial.Trial) trial.Float { return t.LatP50Us }),
	latency("p90", false, true, func(t trial.Trial) trial.Float { return t.LatP90Us }),
	latency("p99", true, false, func(t trial.Trial) trial.Float { return t.LatP99Us }),
	latency("p99.9", true, true, func(t trial.Trial) trial.Float { return t.LatP999Us }),
	{
		Key: "memory", Column: "server_pss_bytes", Name: "server memory (PSS)", Brief: "memory", Worse: "more",
		Better: stats.LowerIsBetter, cost: true, Unit: Memory,
		value: func(t trial.Trial) (float64, bool) {
			v, measured := t.ServerPSSBytes.Get()
			return float64(v), measured
		},
	},
}

func latency(quantile string, tail, detail bool, value func(trial.Trial) trial.Float) *Measure {
	return &Measure{
		Key: quantile, Column: "lat_" + strings.ReplaceAll(quantile, ".", "") + "_us", Name: "latency " + quantile, Brief: quantile, Worse: "slower",
		Better: stats.LowerIsBetter, tail: tail, Detail: detail, Unit: Microseconds,
		value: func(t trial.Trial) (float64, bool) { return value(t).Get() },
	}
}

// MeasureOf returns the measure of that key or column; the error lists the keys.
func MeasureOf(name string) (*Measure, error) {
	keys := make([]string, len(Measures))
	for i, m := range Measures {
		if name == m.Key || name == m.Column {
			return m, nil
		}
		keys[i] = m.Key
	}
	return nil, fmt.Errorf("%q is no measure: known are %s", name, strings.Join(keys, ", "))
}

// Believed returns the measure of a trial if it was measured and may be believed. A value that is not positive has no
// ratio; none of these measures can truly be zero, so it counts as not measured.
func (m *Measure) Believed(t trial.Trial) (float64, bool) {
	if m.closedOnly && t.OpenLoop() {
		return 0, false
	}
	if t.Verdict != trial.VerdictOK && !(m.cost && CostStands(t.Verdict)) {
		return 0, false
	}
	v, measured := m.value(t)
	return v, measured && v > 0
}

// Cost tells whether the measure is what the server spends, which stands where CostStands says so.
func (m *Measure) Cost() bool { return m.cost }

// CostStands reports whether a verdict speaks against the load generator's own figures only, and not against what the
// server spent on the requests that it served.
func CostStands(verdict string) bool {
	return verdict == trial.VerdictClientBound || verdict == trial.VerdictLagging
}

func (m *Measure) rope(o Options) float64 {
	if m.tail {
		return o.TailROPE
	}
	return o.ROPE
}

// Word is the verdict in the measure's own words: more CPU is not "slower".
func (m *Measure) Word(v stats.Verdict) string {
	switch {
	case v == stats.Slower:
		return m.Worse
	case v == stats.Faster && m.Worse == "more":
		return "less"
	}
	return string(v)
}
