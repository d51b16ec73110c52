package main

import (
	"errors"
	"fmt"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/pace"
	"modelbench/loadgen/procstat"
	"modelbench/loadgen/record"
	"modelbench/loadgen/slo"
	"modelbench/results/trial"
)

// A result is what is known of one target in the end.
type result struct {
	target   *target
	samples  *record.Samples
	usage    *procstat.Usage // nil if no process was named
	arrivals *pace.Goodness  // nil if arrivals were not random
	goal     *slo.Result     // nil if there was no objective
	verdict  record.Verdict
	reason   string
}

// findings are all that is known in the end.
type findings struct {
	rep     *engine.Report
	results []result
	slices  []sliceCost  // beside rep.Slices; nil if not known
	ratios  []comparison // of a rotation
	steal   trial.Float  // share of the machine's CPU time that the hypervisor took
	found   *finding     // of a search, whose last load is what the rest is about; nil if there was none
}

func (j *job) findings(rep *engine.Report, found *finding) *findings {
	f := &findings{rep: rep, results: j.results(rep), steal: j.servers.steal, found: found}
	if len(j.targets) > 1 {
		if len(j.servers.cost) == len(rep.Slices) {
			f.slices = j.servers.cost
		}
		f.ratios = compare(rep, f.slices)
	}
	return f
}

func (j *job) results(rep *engine.Report) []result {
	results := make([]result, len(j.targets))
	for i := range results {
		s := &rep.Targets[i]
		r := result{target: &j.targets[i], samples: s, usage: j.servers.usage[i]}
		r.verdict, r.reason = s.Judge(evidence(rep, i, j.servers))
		if len(rep.Arrivals) > 0 {
			r.arrivals = &rep.Arrivals[i]
		}
		if !j.goal.IsZero() {
			goal := j.goal.Evaluate(s)
			r.goal = &goal
		}
		results[i] = r
	}
	return results
}

var (
	// errInvalid means that load ran and not one of its trials may be believed.
	errInvalid = errors.New("these figures may not be believed")
	// errMissed means that an objective was missed, and not for the generator's sake.
	errMissed = errors.New("the objective was missed")
	// errUntold means that it is not known whether an objective was met.
	errUntold = errors.New("whether the objective was met cannot be told")
)

// outcome turns the findings into the command's error, if they are one. The first that
// applies:
//
//	3  a search has found no rate at all
//	1  no request succeeded, on any target
//	3  a target has missed the objective, unless its verdict says that the generator or the
//	   machine may be to blame: client_bound, lagging, steal, too_few
//	4  an objective cannot be told to be met: too few samples, or a verdict other than ok
//	4  without an objective, no target's verdict is ok
func (f *findings) outcome() error {
	if f.found != nil && f.found.result.Rate == 0 && !f.rep.Interrupted {
		return fmt.Errorf("%w at any rate: %s", errMissed, f.found.objective)
	}
	if err := f.success(); err != nil {
		return err
	}
	valid := 0
	var missed, untold error
	for i := range f.results {
		r := &f.results[i]
		if r.verdict == record.OK {
			valid++
		}
		switch {
		case r.goal == nil:
		case r.goal.Outcome == slo.Missed && !excuses(r.verdict):
			missed = errors.Join(missed, fmt.Errorf("--slo: %s: %w: %s", r.target.name, errMissed, figures(r.goal, slo.Missed)))
		case r.goal.Outcome != slo.Met || r.verdict != record.OK:
			untold = errors.Join(untold, fmt.Errorf("--slo: %s: %w: %s", r.target.name, errUntold, doubts(r)))
		}
	}
	switch {
	case missed != nil:
		return missed
	case untold != nil:
		return untold
	case valid == 0:
		return f.invalid()
	}
	return nil
}

// invalid says why no figure may be believed, and what might help.
func (f *findings) invalid() error {
	var all error
	for i := range f.results {
		r := &f.results[i]
		name := ""
		if len(f.results) > 1 {
			name = r.target.name + ": "
		}
		all = errors.Join(all, fmt.Errorf("%s%w: %s: %s", name, errInvalid, verdict(r), remedies[r.verdict]))
	}
	return all
}

// remedies are what to do about a verdict.
var remedies = map[record.Verdict]string{
	record.ClientBound:   "give loadgen more threads (-t), on CPUs that the server leaves to it",
	record.RateMissed:    "offer less (-R), or look for what the server can take with --find-max",
	record.Lagging:       "offer less (-R), let --spin use a CPU that is to spare, or use a quieter machine",
	record.Errors:        "see what went wrong in the report, or load it with less (-c, -R)",
	record.TooFew:        "run it longer (-d 30s), or with more requests (-n) or connections (-c)",
	record.Steal:         "run it again when the host of this virtual machine is quieter",
	record.Nonstationary: "run it longer (-d 30s), after a longer warm-up (-w 5s), or on a quieter machine",
}

// excuses reports whether a verdict means that slowness may be the generator's or the
// machine's, or that too little was seen to blame the server.
func excuses(v record.Verdict) bool {
	return v == record.ClientBound || v == record.Lagging || v == record.Steal || v == record.TooFew
}

// doubts says why an objective is not known to be met.
func doubts(r *result) string {
	if r.verdict != record.OK {
		return "the trial is not valid: " + verdict(r)
	}
	return figures(r.goal, slo.Unknown)
}

// figures lists the bounds that came out in one way.
func figures(r *slo.Result, which slo.Outcome) string {
	text := ""
	for _, c := range r.Checks {
		if c.Outcome == which {
			if text != "" {
				text += "; "
			}
			text += c.Bound + ": " + c.Figure
		}
	}
	return text
}

// success says why no request succeeded, if none did. Replies to requests of the warm-up
// are successes too: the server answers, and the verdict says what of.
func (f *findings) success() error {
	completed, waiting := uint64(0), uint64(0)
	var worst, unreached *record.Samples
	for i := range f.results {
		s := f.results[i].samples
		completed += s.Completed + s.Replies
		waiting += s.Waiting
		if worst == nil || s.Failed() > worst.Failed() {
			worst = s
		}
		if s.Due == 0 && s.ConnectFailed > 0 {
			unreached = s
		}
	}
	switch {
	case completed > 0:
		return nil
	case f.rep.Interrupted:
		return errors.New("interrupted before any measured request completed")
	case worst.Failed() > 0:
		k := worst.Worst()
		return fmt.Errorf("no request succeeded: %d failed by err_%s: %s", worst.Errors[k], k, k.Hint())
	case unreached != nil:
		return fmt.Errorf("no request was due, as no connection could carry one: %d attempts to connect failed, the last with: %s",
			unreached.ConnectFailed, unreached.ConnectError)
	case waiting > 0:
		return fmt.Errorf("no request succeeded: no reply to any of the %d requests sent before the window: is the server stuck, or slower than --warmup and --duration together?", waiting)
	}
	return errors.New("no request succeeded: none was answered before the end: is the server stuck, or --duration too short?")
}
