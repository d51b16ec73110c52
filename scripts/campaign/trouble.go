package campaign

import (
	"fmt"
	"strings"

	"modelbench/results/trial"
)

// stealNoticed is the share of the machine's CPU time, in percent, from which on a rotation
// counts as stolen from. Trials become invalid at 5%.
const stealNoticed = 1

// Trouble counts the rotations of a campaign in which the machine, and no server, did
// something that figures may show. Which they were is in the trials: calib_before_ns and
// calib_after_ns, steal_pct, listen_overflows, tcp_retransmits.
type Trouble struct {
	Rotations     int `json:"rotations"`               // that were measured, of all blocks
	Drifted       int `json:"rotations_drifted"`       // the fixed kernel took more than 5% longer or shorter after than before
	Stolen        int `json:"rotations_stolen"`        // the hypervisor took more than 1% of the CPU time
	Retransmitted int `json:"rotations_retransmitted"` // TCP segments were sent again
	Overflowed    int `json:"rotations_overflowed"`    // connections were dropped because a listener's queue was full
}

// count adds a rotation. Steal and the kernel's counters are of the whole rotation, and so
// the same in each of its trials.
func (t *Trouble) count(env environment, trials []trial.Trial) {
	t.Rotations++
	if drifted(env.calib) {
		t.Drifted++
	}
	if len(trials) == 0 {
		return
	}
	row := trials[0]
	if row.StealPct.Or(0) > stealNoticed {
		t.Stolen++
	}
	if row.TCPRetransmits.Or(0) > 0 {
		t.Retransmitted++
	}
	if row.ListenOverflows.Or(0) > 0 {
		t.Overflowed++
	}
}

// String says what struck, and how often; empty: nothing did.
func (t Trouble) String() string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{
		{t.Drifted, "the machine changed its speed in %d"},
		{t.Stolen, "the hypervisor took more than 1%% of the CPU time in %d"},
		{t.Retransmitted, "TCP segments were sent again in %d"},
		{t.Overflowed, "a listener's queue overflowed in %d"},
	} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf(p.what, p.n))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf("of %s, %s", plural(t.Rotations, "rotation"), strings.Join(parts, ", "))
}

// Restless tells whether so many rotations drifted that something else must have been at
// work: single ones do on any machine.
func (t Trouble) Restless() bool { return t.Drifted > 0 && t.Drifted*5 >= t.Rotations }
