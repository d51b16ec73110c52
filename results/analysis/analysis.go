// Package analysis turns trials into findings: per workload and measure, which target does better, by how much, and how
// sure that is. What people and programs read (tables, pages, advice, files) is made from its result by other packages.
//
// It is given trials that somebody else measured; it opens no file, knows no clock and keeps no state, so it may be called from
// anywhere. The same trials in any order give the same result.
//
//		trials --by conditions--> workloads --believed only--> values by target and block
//		       --pairs of one (campaign_id, host_id, block)--> ratios --Holm over a measure's pairs--> verdicts
//
//	  - Conditions are all factor columns except those that make the target what it is (target, model, url, procs,
//	    workers, loops, variant, listener). Trials are compared under equal conditions only.
//	  - A trial with verdict ok counts in full. One that was client_bound says nothing of how fast the server could be, and
//	    one that was lagging nothing of how soon it answers, so throughput and latency of both are left out; what the server
//	    spent (CPU per request, memory) stands: the requests did reach it, at the rate that the CSV says. Any other trial is
//	    left out, and said to be.
//	  - A ratio is target/other, both from the same block. The mathematics is package stats.
//	  - The A/A arm, one target under two names (trial.Again), has no place in the ranking. Its ratio to itself, which is 1 but for
//	    noise, is shown beside it, and a difference that is no larger is not called one: see Section.Noise.
//
// The best target is picked from the very data it is then compared in: the one with the best median over the blocks
// that all targets share. That flatters it, so the family over which p values are corrected holds all pairs of targets, not only those
// with the best; see Family.
package analysis

import (
	"errors"
	"fmt"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

// Options says what counts as equal and what is compared with what. The zero value is this project's convention.
type Options struct {
	// ROPE is the half-width of the region of practical equivalence, as a fraction: ratios from 1/(1+ROPE) to 1+ROPE
	// make no difference to anyone. 0 means DefaultROPE.
	ROPE float64 `json:"rope"`
	// TailROPE is the same for the tail of latency, which scatters more. 0 means DefaultTailROPE.
	TailROPE float64 `json:"tail_rope"`
	// Baseline is the target that all others are compared with. Empty: the best in each measure.
	Baseline string `json:"baseline,omitempty"`
}

// What makes no difference, unless told otherwise or the machine's own noise is larger.
const (
	DefaultROPE     = 0.05
	DefaultTailROPE = 0.10
)

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

// ErrNothing is wrapped by errors that say that there is no trial, or none that may be believed.
var ErrNothing = errors.New("nothing to compare")

// Analysis is what trials came to. It is plain data; its JSON is described in results/analysis/FORMAT.md.
type Analysis struct {
	Options   Options    `json:"options"` // with the defaults filled in
	Overview  Overview   `json:"overview"`
	Workloads []Workload `json:"workloads"`
	Families  []Family   `json:"families"` // one for each measure that was compared
}

// Workload is what was measured under equal conditions.
type Workload struct {
	Name    string            `json:"workload"` // the column
	Title   string            `json:"title"`    // the conditions in words
	Factors map[string]string `json:"factors"`  // the conditions, by column; those that are not empty
	Closed  bool              `json:"closed"`   // closed loop
	Targets []string          `json:"targets"`  // in the order of their names, the A/A arm's second name left out
	// Again is that name. Of several, which campaigns with different arms make together, it is the first, and the noise is the largest.
	Again string `json:"again,omitempty"`
	// Sections are the measures that have values, in the order of Measures.
	Sections []Section `json:"measures"`
	LeftOut  []LeftOut `json:"left_out"`
	// Repeated counts trials too many: a block held a target more than once, and the median of its values counts.
	Repeated int `json:"repeated"`
}

// Section is one measure of a workload.
type Section struct {
	Measure *Measure `json:"measure"`
	// ROPE is what makes no difference to anyone, as a fraction.
	ROPE float64 `json:"rope"`
	// Noise is how far the A/A arm may be from itself, as a fraction: see noise. 0 without an arm, or with too few blocks of
	// it. A difference whose estimate lies within it is none that this campaign can vouch for, whatever its own interval says;
	// but noise is no proof of equality either, so such a comparison is undecided.
	Noise float64 `json:"noise"`
	// Baseline says that the others are compared with the baseline of the options, not with the best.
	Baseline bool `json:"baseline"`
	// Rows are the targets with values: first the one that the others are compared with (the best, or the baseline), then the others, best first.
	Rows []Row `json:"rows"`
	// Missing are targets of the workload without a value that may be believed.
	Missing []string `json:"missing"`
	// Leaders are the best and those that make no difference to it and are themselves better than every target that the best is
	// better than, in the order of their names: where two targets are as good as each other, which of them has the best median
	// is chance.
	Leaders []string `json:"leaders"`
	// AA compares the A/A arm's second name with its first; nil without an arm.
	AA *Comparison `json:"aa"`
}

// Row is one target in one measure.
type Row struct {
	Target string  `json:"target"`
	Median float64 `json:"median"` // over blocks, in the measure's base unit
	Lo     float64 `json:"lo"`     // the median's distribution-free interval
	Hi     float64 `json:"hi"`
	Level  float64 `json:"level"` // that it really reaches
	// Versus is the comparison with the first row; nil in the first row.
	Versus *Comparison `json:"versus"`
	// Values are what the median is made of, by block.
	Values []Value `json:"values"`
}

// Value is one block's.
type Value struct {
	Campaign string   `json:"campaign"`
	Block    int64    `json:"block"` // 0: outside any block
	Value    float64  `json:"value"`
	Trials   []string `json:"trials"` // their trial_id
}

// Comparison is one target against another over the blocks that they share.
type Comparison struct {
	With  string `json:"with"`
	Pairs int    `json:"pairs"`
	// Estimate is how many times as much as With: the Hodges-Lehmann estimate, with its interval. All are 0 without pairs.
	Estimate float64 `json:"ratio"`
	Lo       float64 `json:"lo"`
	Hi       float64 `json:"hi"`
	Level    float64 `json:"level"` // that the interval really reaches
	// P is the two-sided p of the paired sign-flip test, AdjustedP the same after Holm's correction over the measure's family.
	P         float64 `json:"p"`
	AdjustedP float64 `json:"p_holm"`
	// EquivalenceP is that of a difference that matters, not corrected: small is proof of none.
	EquivalenceP float64 `json:"p_equivalence"`
	// Screening says that the family is too large for these blocks, so that the verdict is not corrected.
	Screening bool          `json:"screening"`
	Verdict   stats.Verdict `json:"verdict"`
	// WithinNoise says that it is undecided only because the A/A arm differs as much from itself: see Section.Noise.
	WithinNoise bool `json:"within_noise,omitempty"`
	// BlocksNeeded is about how many blocks in all would decide, when the verdict is Undecided; else 0.
	BlocksNeeded int `json:"blocks_needed,omitempty"`
}

// Decided tells whether the verdict says that the two differ.
func (c *Comparison) Decided() bool {
	return c.Verdict == stats.Slower || c.Verdict == stats.Faster
}

// TooFew tells whether there are fewer pairs than any interval needs for its level.
func (c *Comparison) TooFew() bool { return !stats.Interval{Level: c.Level}.Reaches(stats.Level) }

// Of analyses trials, which may be in any order and from several campaigns. The error wraps ErrNothing when there is no trial;
// trials of which none may be believed are no error: see Analysis.Believed.
func Of(trials []trial.Trial, opts Options) (*Analysis, error) {
	if err := opts.Validate(); err != nil {
		return nil, fmt.Errorf("analyse trials: %w", err)
	}
	if len(trials) == 0 {
		return nil, fmt.Errorf("%w: there is no trial", ErrNothing)
	}
	if opts.ROPE == 0 {
		opts.ROPE = DefaultROPE
	}
	if opts.TailROPE == 0 {
		opts.TailROPE = DefaultTailROPE
	}
	a := &Analysis{Options: opts, Overview: overview(trials), Workloads: []Workload{}, Families: []Family{}}
	var all []*assessment
	for _, g := range groupByConditions(trials) {
		w, parts := evaluate(g, opts)
		a.Workloads = append(a.Workloads, w)
		for _, p := range parts {
			p.workload = len(a.Workloads) - 1
		}
		all = append(all, parts...)
	}
	if opts.Baseline != "" && !a.has(opts.Baseline) {
		return nil, fmt.Errorf("%w with %s: no trial is of a target of that name", ErrNothing, opts.Baseline)
	}
	a.Families = adjust(all)
	for _, p := range all {
		w := &a.Workloads[p.workload]
		w.Sections = append(w.Sections, p.section())
	}
	return a, nil
}

// Believed tells whether any measure of any trial may be believed.
func (a *Analysis) Believed() bool {
	for _, w := range a.Workloads {
		if len(w.Sections) > 0 {
			return true
		}
	}
	return false
}

func (a *Analysis) has(target string) bool {
	for _, w := range a.Workloads {
		for _, name := range w.Targets {
			if name == target {
				return true
			}
		}
	}
	return false
}
