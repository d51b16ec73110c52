// Package compare answers "which model does what better?" from trials, in a table that a person reads.
//
// It reads trials that somebody else measured and writes text; it opens no file, knows no clock and keeps no state, so
// it may be called from anywhere. The text is not a contract for programs: those read the CSV.
//
// How trials become a verdict:
//
//		trials --by conditions--> workloads --believed only--> values by target and block
//		       --pairs of one (campaign_id, host_id, block)--> ratio to the best --interval--> verdict
//
//	  - Conditions are all factor columns except those that make the target what it is (target, model, url, procs,
//	    workers, loops, variant, listener). Trials are compared under equal conditions only.
//	  - A trial with verdict ok counts in full. One that was client_bound says nothing of how fast the server could be, and
//	    one that was lagging nothing of how soon it answers, so throughput and latency of both are left out; what the server
//	    spent (CPU per request, memory) stands: the requests did reach it, at the rate that the CSV says. Any other trial is
//	    left out, and said to be.
//	  - A ratio is target/best, both from the same block. The mathematics is package stats.
//
// The best target is picked from the very data it is then compared in: the one with the best median over the blocks
// that all targets share. That flatters it, and the more so the more targets are alike: with three equal targets and six
// blocks about 5% of the measures mark at least one target as worse than the best, where a pair named beforehand would
// give 3% (TestPickingTheBest measures this). With k targets it is at most k(k-1)/2 times the error of one pair. Verdicts are not corrected for
// this, nor for how many measures a table shows, because six blocks leave no room for it. So the text says that the best has the
// best median and is better than those marked so; it never says that it is the best of all.
package compare

import (
	"cmp"
	"errors"
	"fmt"
	"io"

	"modelbench/results/trial"
)

// Options says what counts as equal. The zero value is this project's convention.
type Options struct {
	// ROPE is the half-width of the region of practical equivalence, as a fraction: ratios from 1/(1+ROPE) to 1+ROPE
	// make no difference to anyone. 0 means 0.05.
	ROPE float64
	// TailROPE is the same for latency p99, which scatters more. 0 means 0.10.
	TailROPE float64
}

// Validate says which field is out of range.
func (o Options) Validate() error {
	if !(o.ROPE >= 0 && o.ROPE < 1) {
		return fmt.Errorf("ROPE is %v: a fraction below 1 is wanted, such as 0.05", o.ROPE)
	}
	if !(o.TailROPE >= 0 && o.TailROPE < 1) {
		return fmt.Errorf("TailROPE is %v: a fraction below 1 is wanted, such as 0.10", o.TailROPE)
	}
	return nil
}

func (o Options) withDefaults() Options {
	return Options{ROPE: cmp.Or(o.ROPE, 0.05), TailROPE: cmp.Or(o.TailROPE, 0.10)}
}

// ErrNothing is what Write's error wraps when there is no trial, or none that may be believed.
var ErrNothing = errors.New("nothing to compare")

// Write writes the comparison: per workload a sentence, what was left out and why, and a table; then a legend. The trials may be
// in any order and from several campaigns. When none may be believed, Write still says why, and the error wraps ErrNothing.
func Write(w io.Writer, trials []trial.Trial, opts Options) error {
	if err := opts.Validate(); err != nil {
		return fmt.Errorf("compare: %w", err)
	}
	if len(trials) == 0 {
		return fmt.Errorf("%w: there is no trial", ErrNothing)
	}
	opts = opts.withDefaults()
	var all []workload
	for _, g := range groupByConditions(trials) {
		all = append(all, evaluate(g, opts))
	}
	if err := render(w, trials, all, opts); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	for _, wl := range all {
		if len(wl.sections) > 0 {
			return nil
		}
	}
	return fmt.Errorf("%w: none of %d trials holds a measure that may be believed", ErrNothing, len(trials))
}
