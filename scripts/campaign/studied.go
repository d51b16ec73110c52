package campaign

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

// studied tells whether what a trial is not valid for elsewhere is what this workload is about: requests that fail or wait in line
// behind heavy ones or after a fault, a rate that is missed for that, a burst of few requests.
func (w Workload) studied() bool {
	return w.Fault != (spec.Injection{}) || w.Heavy != (spec.Heavy{}) || w.Requests > 0 || w.Count
}

// ownPart is what loadgen's report says of its own part in a trial.
type ownPart struct {
	MeasuredS float64 `json:"measured_s"`
	Latency   p99     `json:"latency"`
	Late      p99     `json:"late"`
	Client    struct {
		BusiestShare float64 `json:"busiest_share"`
		AbsentS      float64 `json:"absent_s"`
	} `json:"client"`
	Connections struct {
		Lost int `json:"lost"`
	} `json:"connections"`
	StealPct float64 `json:"steal_pct"`
}

type p99 struct {
	Us float64 `json:"p99_us"` // 0: too few samples
}

// Where loadgen itself draws these lines. It names one verdict, and puts what the server did before what it did itself.
const (
	busyShare   = 0.95
	absentShare = 0.01
	lateFloorUs = 100
	lateShare   = 0.10
	mostSteal   = 5 // percent

	// forgivenShare of the requests may have had no answer for what the others say to stand.
	forgivenShare = 0.005
)

// readOwnPart reads it from the report of a load on one target.
func readOwnPart(path string) (ownPart, error) {
	text, err := os.ReadFile(path)
	var doc struct {
		Targets []ownPart `json:"targets"`
	}
	if err == nil {
		err = json.Unmarshal(text, &doc)
	}
	if err == nil && len(doc.Targets) != 1 {
		err = errors.New("it is not of one target")
	}
	if err != nil {
		return ownPart{}, fmt.Errorf("loadgen's report: %w", err)
	}
	return doc.Targets[0], nil
}

// judgeStudied gives a trial of a studied workload its verdict: what the server did is the result, whatever it is; a client that
// was late or busy is no result, even where loadgen named another reason first. Nothing at all is no result either.
func judgeStudied(t *trial.Trial, own ownPart) {
	switch t.Verdict {
	case trial.VerdictErrors, trial.VerdictRateMissed, trial.VerdictTooFew, trial.VerdictNonstationary:
	default:
		return
	}
	if t.Completed.Or(0) == 0 {
		return
	}
	// Percentiles are of the requests that were answered: a server that answers few would look the better for it.
	if failed := t.Due.Or(0) - t.Completed.Or(0); failed > 0 && t.Verdict == trial.VerdictErrors && float64(failed) > forgivenShare*float64(t.Due.Or(0)) {
		return
	}
	missed := !t.OpenLoop() || t.Verdict == trial.VerdictRateMissed
	absent := own.Client.AbsentS / own.MeasuredS
	switch {
	case own.Client.BusiestShare >= busyShare && missed:
		t.Verdict = trial.VerdictClientBound
		t.VerdictReason = fmt.Sprintf("a client thread computed for %.3g%% of the measured time (limit %.3g%%)", 100*own.Client.BusiestShare, 100*busyShare)
	case own.StealPct > mostSteal:
		t.Verdict = trial.VerdictSteal
		t.VerdictReason = fmt.Sprintf("the hypervisor took %.3g%% of the machine's CPU time (limit %d%%)", own.StealPct, mostSteal)
	case absent > absentShare:
		t.Verdict = trial.VerdictLagging
		t.VerdictReason = fmt.Sprintf("loadgen itself got no CPU for %.3g%% of the measured time (limit %.3g%%)", 100*absent, 100*absentShare)
	case own.Late.Us > lateFloorUs && own.Late.Us > lateShare*own.Latency.Us:
		t.Verdict = trial.VerdictLagging
		t.VerdictReason = fmt.Sprintf("the generator itself was late by %.0f us (p99) where latency p99 is %.0f us", own.Late.Us, own.Latency.Us)
	default:
		t.Verdict, t.VerdictReason = trial.VerdictOK, ""
	}
}
