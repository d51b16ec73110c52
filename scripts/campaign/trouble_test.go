package campaign

import (
	"testing"

	"modelbench/results/trial"
)

func TestTrouble(t *testing.T) {
	t.Parallel()
	calm := environment{calib: [2]float64{100, 104}}
	var all Trouble
	all.count(calm, []trial.Trial{{StealPct: trial.F(0.9), TCPRetransmits: trial.I(0), ListenOverflows: trial.I(0)}})
	all.count(calm, nil)
	all.count(calm, []trial.Trial{{}}) // nothing is known
	if all != (Trouble{Rotations: 3}) || all.String() != "" || all.Restless() {
		t.Errorf("no trouble at all: %+v, %q", all, all)
	}
	all.count(environment{calib: [2]float64{106, 100}}, nil)
	all.count(calm, []trial.Trial{{StealPct: trial.F(1.1)}, {StealPct: trial.F(1.1)}})
	all.count(calm, []trial.Trial{{TCPRetransmits: trial.I(3), ListenOverflows: trial.I(1)}})
	if all != (Trouble{6, 1, 1, 1, 1}) {
		t.Errorf("%+v", all)
	}
	want := "of 6 rotations, the machine changed its speed in 1, the hypervisor took more than 1% of the CPU time in 1, " +
		"TCP segments were sent again in 1, a listener's queue overflowed in 1"
	if all.String() != want {
		t.Errorf("%s", all)
	}
	for _, tt := range []struct {
		drifted, rotations int
		want               bool
	}{{0, 0, false}, {0, 30, false}, {5, 30, false}, {6, 30, true}, {30, 30, true}} {
		if got := (Trouble{Drifted: tt.drifted, Rotations: tt.rotations}).Restless(); got != tt.want {
			t.Errorf("%d of %d: %v", tt.drifted, tt.rotations, got)
		}
	}
}
