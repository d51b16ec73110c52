// Package compare answers "which target does what better?" from trials: as a text that a person reads, as Markdown for a page, or as
// CSV and JSON for programs.
//
// It writes what package analysis finds; it opens no file and keeps no state, so it may be called from anywhere. The text and the
// Markdown are no contract for programs: those read the CSV or the JSON.
//
// The text says that the best has the best median and is better than those marked so; it never says that it is the best of all.
package compare

import (
	"fmt"
	"io"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// Write writes the comparison as text: per workload a sentence, what was left out and why, and a table; then a legend. The trials may be
// in any order and from several campaigns. When none may be believed, Write still says why, and the error wraps
// analysis.ErrNothing.
func Write(w io.Writer, trials []trial.Trial, opts analysis.Options) error {
	a, err := analysis.Of(trials, opts)
	if err != nil {
		return err
	}
	return Text(w, a)
}

// Text is Write for trials that have been analysed.
func Text(w io.Writer, a *analysis.Analysis) error {
	if err := render(w, a); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return believed(a)
}

func believed(a *analysis.Analysis) error {
	if a.Believed() {
		return nil
	}
	return fmt.Errorf("%w: none of %d trials holds a measure that may be believed", analysis.ErrNothing, a.Overview.Trials)
}
