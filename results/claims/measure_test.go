package claims

import (
	"testing"

	"modelbench/results/trial"
)

// Each measure, from the columns that it is made of, and whether it stands when the client was late.
func TestMeasures(t *testing.T) {
	t.Parallel()
	full := trial.Trial{Verdict: trial.VerdictOK, Arrivals: trial.ArrivalsClosed, ThroughputRPS: trial.F(1), ServerCPUUsPerReq: trial.F(2),
		ServerCPUUserS: trial.F(1.5), ServerCPUSysS: trial.F(0.5), MeasureS: trial.F(1), LatP50Us: trial.F(3), LatP99Us: trial.F(4), LatMaxUs: trial.F(5),
		LightP99Us: trial.F(6), HeavyConnections: trial.I(1), ServerPSSBytes: trial.I(7), ServerThreads: trial.I(8), StartToReadyUs: trial.F(9),
		LostUpdates: trial.I(0), ConnsLost: trial.I(3), Connections: trial.I(6), NewConns: trial.I(8), NewConnsFailed: trial.I(2),
		RecoveryMs: trial.F(10), Orders: trial.I(11), Due: trial.I(5), Completed: trial.I(3)}
	want := map[string]struct {
		v      float64
		stands bool
	}{"throughput": {1, false}, "cpu_per_request": {2, true}, "cores": {2, false}, "p50": {3, false}, "p99": {4, false}, "max_latency": {5, false},
		"light_p99": {6, false}, "pss": {7, true}, "pss_per_idle": {7, true}, "threads": {8, true}, "ready": {9, true}, "lost_updates": {0, true}, "exact": {1, true},
		"conns_lost_share": {0.5, true}, "new_failed_share": {0.25, true}, "recovery": {10_000, false}, "orders": {11, true}, "deadlocks": {2, true}}
	for _, m := range Measures {
		w, known := want[m.Key]
		if v, ok := m.Believed(full); !known || !ok || v != w.v {
			t.Errorf("%s is %v, %v", m.Key, v, ok)
		}
		late := full
		late.Verdict = trial.VerdictLagging
		if _, ok := m.Believed(late); ok != w.stands || m.Believes(late.Verdict) != w.stands {
			t.Errorf("%s of a client that was late: %v", m.Key, ok)
		}
		late.Verdict = trial.VerdictDrift
		if _, ok := m.Believed(late); ok {
			t.Errorf("%s while the machine changed its speed", m.Key)
		}
		if v, ok := m.Believed(trial.Trial{Verdict: trial.VerdictOK}); ok {
			t.Errorf("%s that was not measured is %v", m.Key, v)
		}
	}
	if len(Measures) != len(want) {
		t.Errorf("%d measures", len(Measures))
	}
	full.HeavyConnections = trial.Int{}
	if v, _ := Measures[6].Believed(full); v != 4 {
		t.Errorf("without heavy requests the light ones' p99 is %v", v)
	}
}
