// Package choose answers "which target should I take?" from trials: for a workload, under constraints, by an objective. It is an advisor that
// knows nothing of its own: no direction is expected of any model, nothing is extrapolated, and what was not measured comes back as
// the command that measures it.
//
//	trials --> cells that match --> constraints --> survivors --> pairs on the objective --> answer
//	             |                    |                                |
//	             `- not measured:     `- rejected by a row             `- not told apart: about how many blocks would
//	                a command
//
// The rules:
//
//  1. All trials are of one machine and of one build of each target, or Of refuses. Which trials count is package analysis's to say, by the
//     verdict of the trial alone, so that results compare speaks of the same ones. No rule here looks at a trial's latency: the load
//     generator's lag is much the same for all, and a limit in shares of a trial's own p99 would drop the quick trials and keep the slow
//     ones, which is selection by outcome and can turn the order of targets round.
//  2. Cells match exactly. Between two measured cells that differ in connections, rate or payload alone, values are interpolated block by block, on
//     logarithms of both. Beyond measured cells there is nothing.
//  3. A constraint is met when the bad end of the interval over blocks meets it, and failed when the good end fails it. Between, or with too
//     few blocks for an interval, the target is uncertain and stays in. A target that had more CPU than the budget was not measured with
//     it: nobody wins before it was.
//  4. Survivors are compared pair by pair on the objective, by ratios within blocks (package stats). One beats another when the interval is
//     beyond what makes no difference, with the p value corrected over all pairs. The winner beats all others.
//  5. Objectives come in order: the next one is asked only where those before make no difference. Of several workloads without weights, one
//     target beats another only if it is nowhere worse: weights are the user's to declare, and are shares of requests. What is left is a
//     tie, and of that a declared preference may pick, which is called a preference.
//  6. The blocks are drawn anew 2,000 times: how often does each win? And where else was measured that the winner loses?
//
// It opens no file and keeps no state. The same trials in any order give the same answer. The text is for people; programs read the JSON,
// which results/choose/FORMAT.md describes.
package choose

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/claims/complexity"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// Outcome is the kind of an answer.
type Outcome string

// The outcomes. Recommendation and Tie answer the question; None says that nothing measured meets the constraints, Undecided
// that more has to be measured.
const (
	Recommendation Outcome = "recommendation"
	Tie            Outcome = "tie"
	None           Outcome = "none feasible"
	Undecided      Outcome = "undecided"
)

// A NeedError is a need that the trials cannot be asked about as it stands: a flag is wrong or missing.
type NeedError struct {
	Flag    string // with its dashes
	Problem string
}

func (e *NeedError) Error() string { return e.Flag + ": " + e.Problem }

// ErrMixed is wrapped by errors that say that trials of several machines or builds were given together.
var ErrMixed = errors.New("these trials are not of one machine and one build")

// Of answers the need from the trials of the folders. Errors: a *NeedError, ErrMixed, and analysis.ErrNothing where there are no trials.
func Of(folders []folder.Folder, need Need) (*Advice, error) {
	if err := need.Validate(); err != nil {
		return nil, err
	}
	trials, err := Read(folders)
	if err != nil {
		return nil, err
	}
	return trials.Ask(need)
}

// Trials are what any number of needs may be asked about. They are not changed by that.
type Trials struct {
	// Code is how much there is of the models' drivers, for needs that prefer little of it; nil: not known.
	Code []complexity.Row

	folders  []folder.Folder
	trials   []trial.Trial
	analysis *analysis.Analysis
}

// Read takes the trials of the folders. Errors: ErrMixed, and analysis.ErrNothing where there are none.
func Read(folders []folder.Folder) (*Trials, error) {
	servers := make([]folder.Folder, len(folders))
	var trials []trial.Trial
	for i, f := range folders {
		f.Trials = slices.Clone(f.Trials)
		for i := range f.Trials {
			f.Trials[i].TrialID = identity(f, i)
		}
		f.Trials = slices.DeleteFunc(f.Trials, noServer)
		servers[i], trials = f, append(trials, f.Trials...)
	}
	if err := oneMachine(trials); err != nil {
		return nil, err
	}
	if err := oneBuild(servers); err != nil {
		return nil, err
	}
	slices.SortStableFunc(trials, byIdentity)
	a, err := analysis.Of(trials, analysis.Options{})
	if err != nil {
		return nil, err
	}
	return &Trials{folders: servers, trials: trials, analysis: a}, nil
}

// Has tells whether any trial is of each of the workloads.
func (t *Trials) Has(workloads ...Share) bool {
	return !slices.ContainsFunc(workloads, func(s Share) bool {
		return !slices.ContainsFunc(t.trials, func(t trial.Trial) bool { return t.Workload == s.Workload })
	})
}

// noServer tells whether a trial loaded nothing: that of a program that measures itself is about no target that could be taken, though it
// may be called as one is.
func noServer(t trial.Trial) bool { return t.Model == ownModel && t.URL == "" }

// ownModel is what a campaign calls the model of a target that is none of this project's.
const ownModel = "own"

// Ask answers a need. Errors: a *NeedError.
func (t *Trials) Ask(need Need) (*Advice, error) {
	if err := need.Validate(); err != nil {
		return nil, err
	}
	if need.Simplest && len(t.Code) == 0 {
		return nil, &NeedError{"--code", "simple needs --simple NAME,...: which code is simple is yours to say, no trial measures it; of a folder of claims, " +
			complexity.FileName + " tells how much there is of each model"}
	}
	c := &chooser{need: need, code: complexity.Models(t.Code), analysis: t.analysis, trials: t.trials, folders: t.folders}
	if err := c.findCells(); err != nil {
		return nil, err
	}
	if err := c.findCandidates(); err != nil {
		return nil, err
	}
	c.check()
	c.decide()
	c.sensitivity()
	c.describe()
	c.commands()
	return c.finish(), nil
}

// chooser is one question on its way to an answer.
type chooser struct {
	need     Need
	code     []complexity.Row // by model
	analysis *analysis.Analysis
	trials   []trial.Trial
	folders  []folder.Folder

	sources    []source // of the need's workloads that were measured
	gaps       []gap    // of those that were not
	candidates []*Candidate
	passed     []string // targets that were not considered: see findCandidates
	rounds     []round  // one for each objective that was asked
	described  []description
	advice     Advice
}

// identity is a trial's id, or its line where it has none: see Read.
func identity(f folder.Folder, i int) string {
	return cmp.Or(f.Trials[i].TrialID, fmt.Sprintf("%s:%d", f.CSV, i+2))
}
