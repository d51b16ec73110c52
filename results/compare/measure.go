package compare

import (
	"modelbench/results/stats"
	"modelbench/results/trial"
)

// measure is a column that targets are compared by, with the words that go with it.
type measure struct {
	name   string // heads the rows
	brief  string // stands in the sentence
	worse  string // the verdict on a target that is worse than the best
	better stats.Better
	value  func(trial.Trial) (float64, bool)
	unit   func(median float64) unit
	// cost is true for what the server spends. It is true of any load, so it stands when the client was the bottleneck, or late.
	cost bool
	// tail asks for the wider region of equivalence.
	tail bool
	// closedOnly leaves the measure out of an open loop, where it equals the offered rate.
	closedOnly bool
}

// measures in the order of the table: capacity, cost, latency, memory.
var measures = []*measure{
	{
		name: "throughput", brief: "throughput", worse: "slower",
		better: stats.HigherIsBetter, closedOnly: true, unit: perSecond,
		value: func(t trial.Trial) (float64, bool) { return t.ThroughputRPS.Get() },
	},
	{
		name: "server CPU per request", brief: "server CPU", worse: "more",
		better: stats.LowerIsBetter, cost: true, unit: microseconds,
		value: func(t trial.Trial) (float64, bool) { return t.ServerCPUUsPerReq.Get() },
	},
	{
		name: "latency p50", brief: "p50", worse: "slower",
		better: stats.LowerIsBetter, unit: microseconds,
		value: func(t trial.Trial) (float64, bool) { return t.LatP50Us.Get() },
	},
	{
		name: "latency p99", brief: "p99", worse: "slower",
		better: stats.LowerIsBetter, tail: true, unit: microseconds,
		value: func(t trial.Trial) (float64, bool) { return t.LatP99Us.Get() },
	},
	{
		name: "server memory (PSS)", brief: "memory", worse: "more",
		better: stats.LowerIsBetter, cost: true, unit: memory,
		value: func(t trial.Trial) (float64, bool) {
			v, measured := t.ServerPSSBytes.Get()
			return float64(v), measured
		},
	},
}

// believed returns the measure of a trial if it was measured and may be believed. A value that is not positive has no
// ratio; none of these measures can truly be zero, so it counts as not measured.
func (m *measure) believed(t trial.Trial) (float64, bool) {
	if m.closedOnly && t.OpenLoop() {
		return 0, false
	}
	if t.Verdict != trial.VerdictOK && !(m.cost && costStands(t.Verdict)) {
		return 0, false
	}
	v, measured := m.value(t)
	return v, measured && v > 0
}

// costStands reports whether a verdict speaks against the load generator's own figures only, and not against what the
// server spent on the requests that it served.
func costStands(verdict string) bool {
	return verdict == trial.VerdictClientBound || verdict == trial.VerdictLagging
}

func (m *measure) rope(o Options) float64 {
	if m.tail {
		return o.TailROPE
	}
	return o.ROPE
}

// word is the verdict in the measure's own words: more CPU is not "slower".
func (m *measure) word(v stats.Verdict) string {
	switch {
	case v == stats.Slower:
		return m.worse
	case v == stats.Faster && m.worse == "more":
		return "less"
	}
	return string(v)
}
