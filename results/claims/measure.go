package claims

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"modelbench/results/analysis"
	"modelbench/results/stats"
	"modelbench/results/trial"
)

// Measure is what of a trial a test is about.
type Measure struct {
	Key  string
	Name string // in tables
	// Unit is how values are written near this one. Base units are those of package analysis: one per second, microseconds, bytes.
	Unit   func(near float64) analysis.Unit
	Better stats.Better // where it Ranks
	// Ranks says that more, or less, of it is better, so that there can be a winner.
	Ranks bool
	// Zero says that it can be 0, where nothing was lost: it is compared as it is and by differences, not by its logarithm and ratios.
	Zero bool

	// tail is true for what scatters more: what makes no difference is wider, as in package analysis.
	tail bool
	// cost is true for what the server did or spent, whoever was late in asking: see analysis.CostStands.
	cost bool
	// overWorkloads is true for what one trial has not: it is made of all workloads of an experiment.
	overWorkloads bool
	threshold     func(string) (float64, error)
	value         func(trial.Trial) (float64, bool)
	// believed is that of package analysis, where it has the measure; else nil.
	believed func(trial.Trial) (float64, bool)
}

// Measures are all that tests can name.
var Measures = []*Measure{
	known("throughput", "throughput", rates),
	known("cpu_per_request", "cpu_us_per_req", times),
	{Key: "cores", Name: "cores used", Unit: analysis.Plain, threshold: plain, value: func(t trial.Trial) (float64, bool) {
		user, a := t.ServerCPUUserS.Get()
		sys, b := t.ServerCPUSysS.Get()
		s, c := t.MeasureS.Get()
		return (user + sys) / s, a && b && c && s > 0
	}},
	known("p50", "p50", times),
	tail(known("p99", "p99", times)),
	{Key: "max_latency", Name: "longest latency", Unit: analysis.Microseconds, Ranks: true, tail: true, threshold: times, value: float(func(t trial.Trial) trial.Float { return t.LatMaxUs })},
	{Key: "light_p99", Name: "light requests' p99", Unit: analysis.Microseconds, Ranks: true, tail: true, threshold: times, value: float(func(t trial.Trial) trial.Float {
		if t.HeavyConnections.Or(0) == 0 {
			return t.LatP99Us // all of them are light
		}
		return t.LightP99Us
	})},
	known("pss", "memory", sizes),
	{Key: "pss_per_idle", Name: "memory per idle connection", Unit: analysis.Memory, cost: true, overWorkloads: true, threshold: sizes,
		value: whole(func(t trial.Trial) trial.Int { return t.ServerPSSBytes })},
	{Key: "threads", Name: "threads", Unit: analysis.Plain, Ranks: true, cost: true, threshold: plain, value: whole(func(t trial.Trial) trial.Int { return t.ServerThreads })},
	{Key: "ready", Name: "start to ready", Unit: analysis.Microseconds, Ranks: true, cost: true, threshold: times, value: float(func(t trial.Trial) trial.Float { return t.StartToReadyUs })},
	{Key: "lost_updates", Name: "lost updates", Unit: analysis.Plain, Zero: true, cost: true, threshold: plain, value: whole(func(t trial.Trial) trial.Int { return t.LostUpdates })},
	{Key: "exact", Name: "counted exactly", Unit: analysis.Plain, Zero: true, cost: true, threshold: plain, value: func(t trial.Trial) (float64, bool) {
		lost, measured := t.LostUpdates.Get()
		if lost == 0 {
			return 1, measured
		}
		return 0, measured
	}},
	{Key: "conns_lost_share", Name: "connections lost", Unit: analysis.Shares, Ranks: true, Zero: true, cost: true, threshold: plainOrPercent,
		value: share(func(t trial.Trial) (part, whole trial.Int) { return t.ConnsLost, t.Connections })},
	{Key: "new_failed_share", Name: "new connections failed", Unit: analysis.Shares, Ranks: true, Zero: true, cost: true, threshold: plainOrPercent,
		value: share(func(t trial.Trial) (part, whole trial.Int) { return t.NewConnsFailed, t.NewConns })},
	{Key: "recovery", Name: "time to recover", Unit: analysis.Microseconds, Zero: true, threshold: times, value: func(t trial.Trial) (float64, bool) {
		ms, measured := t.RecoveryMs.Get()
		return ms * 1000, measured
	}},
	{Key: "orders", Name: "orders seen", Unit: analysis.Plain, cost: true, threshold: plain, value: whole(func(t trial.Trial) trial.Int { return t.Orders })},
	{Key: "deadlocks", Name: "deadlocks", Unit: analysis.Plain, Zero: true, cost: true, threshold: plain, value: func(t trial.Trial) (float64, bool) {
		due, a := t.Due.Get()
		done, b := t.Completed.Get()
		return float64(due - done), a && b
	}},
}

// MeasureOf returns the measure of a key; the error lists the keys.
func MeasureOf(key string) (*Measure, error) {
	var keys []string
	for _, m := range Measures {
		if m.Key == key {
			return m, nil
		}
		keys = append(keys, m.Key)
	}
	return nil, fmt.Errorf("%q is no measure: known are %s", key, strings.Join(keys, ", "))
}

// Believed returns the measure of a trial if it was measured and may be believed. A value that has no logarithm counts as not
// measured where logarithms are compared.
func (m *Measure) Believed(t trial.Trial) (v float64, believed bool) {
	if m.believed != nil {
		return m.believed(t)
	}
	if !m.Believes(t.Verdict) {
		return 0, false
	}
	v, measured := m.value(t)
	return v, measured && (v > 0 || m.Zero)
}

// Believes tells whether a trial of that verdict may be believed in this measure.
func (m *Measure) Believes(verdict string) bool {
	return verdict == trial.VerdictOK || m.cost && analysis.CostStands(verdict)
}

// ROPE is what makes no difference: as a fraction, or as a difference where the measure can be 0, which those that rank can as shares.
func (m *Measure) ROPE() float64 {
	if m.tail {
		return analysis.DefaultTailROPE
	}
	return analysis.DefaultROPE
}

func tail(m *Measure) *Measure {
	m.tail = true
	return m
}

// known is a measure that package analysis has.
func known(key, there string, threshold func(string) (float64, error)) *Measure {
	of, err := analysis.MeasureOf(there)
	if err != nil {
		panic(err) // at the start of every program and test, if a key there is renamed
	}
	return &Measure{Key: key, Name: of.Name, Unit: of.Unit, Better: of.Better, Ranks: true, cost: of.Cost(), threshold: threshold, believed: of.Believed}
}

func float(of func(trial.Trial) trial.Float) func(trial.Trial) (float64, bool) {
	return func(t trial.Trial) (float64, bool) { return of(t).Get() }
}

func whole(of func(trial.Trial) trial.Int) func(trial.Trial) (float64, bool) {
	return func(t trial.Trial) (float64, bool) {
		v, measured := of(t).Get()
		return float64(v), measured
	}
}

// share is one column over another.
func share(columns func(trial.Trial) (part, whole trial.Int)) func(trial.Trial) (float64, bool) {
	return func(t trial.Trial) (float64, bool) {
		part, whole := columns(t)
		a, measured := part.Get()
		b, known := whole.Get()
		return float64(a) / float64(b), measured && known && b > 0
	}
}

// plain reads a number above all of which nothing is said: 3, 1.3.
func plain(s string) (float64, error) {
	v, err := strconv.ParseFloat(s, 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) || strings.ContainsAny(s, "_xXpP") {
		return 0, fmt.Errorf("%q is no number such as 1.3", s)
	}
	return v, nil
}

// plainOrPercent reads 0.05 and 5%.
func plainOrPercent(s string) (float64, error) {
	digits, percent := strings.CutSuffix(s, "%")
	v, err := plain(digits)
	switch {
	case err != nil:
		return 0, fmt.Errorf("%q is no number such as 1.3 or 5%%", s)
	case percent:
		return v / 100, nil
	}
	return v, nil
}

// times reads 1.2s, 15ms, 300us, and a plain number of microseconds.
func times(s string) (float64, error) {
	if v, err := plain(s); err == nil {
		return v, nil
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no time such as 1.2s, 15ms or 300us", s)
	}
	return float64(d) / 1e3, nil
}

// unit is a suffix and what it stands for.
type unit struct {
	suffix string
	per    float64
}

// sizes reads 4KiB and a plain number of bytes.
func sizes(s string) (float64, error) {
	return scaled(s, "size such as 4KiB or 20MiB", unit{"KiB", 1 << 10}, unit{"MiB", 1 << 20}, unit{"GiB", 1 << 30}, unit{"B", 1})
}

// rates reads 20k and 500 per second.
func rates(s string) (float64, error) {
	return scaled(s, "rate such as 500 or 20k", unit{"k", 1e3}, unit{"M", 1e6})
}

// scaled reads a number with one of the units, of which the first that fits counts.
func scaled(s, what string, units ...unit) (float64, error) {
	digits, per := s, 1.0
	for _, u := range units {
		if cut, has := strings.CutSuffix(s, u.suffix); has {
			digits, per = cut, u.per
			break
		}
	}
	v, err := plain(digits)
	if err != nil {
		return 0, fmt.Errorf("%q is no %s", s, what)
	}
	return v * per, nil
}
