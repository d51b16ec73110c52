package campaign

import (
	"fmt"
	"time"

	"modelbench/results/trial"
)

// Kind says what an Event tells.
type Kind string

// The events of a campaign, in the order in which they come:
//
//	planned  calibrating*  { block { rotation trials }* }*  ended      notice, failure: at any point
const (
	Planned     Kind = "planned"     // the plan is made; Text sums it up
	Calibrating Kind = "calibrating" // Workload's rate is being sought; begins a step
	BlockBegins Kind = "block"       // fresh servers are being started for Block; begins a step
	Rotating    Kind = "rotation"    // the targets are loaded with Workload; begins a step
	Measured    Kind = "trials"      // a rotation is done; its Trials are in the file
	Notice      Kind = "notice"      // Text is for the user; nothing is wrong
	Failure     Kind = "failure"     // Text says what failed; the campaign goes on if it can
	Ended       Kind = "ended"       // all processes are stopped
)

// Event is a step of a campaign, for whoever shows it: a terminal or a page. It is
// plain data, and the reader may keep it. Events come one at a time, in order.
type Event struct {
	Kind     Kind   `json:"kind"`
	Text     string `json:"text,omitempty"`
	Block    int    `json:"block,omitempty"`    // from 1
	Blocks   int    `json:"blocks,omitempty"`   // as planned now: it can become fewer
	Workload string `json:"workload,omitempty"` // of a rotation or a calibration
	Target   string `json:"target,omitempty"`   // the only one that is loaded; empty: it is a rotation

	// Elapsed is since the budget began, Left is what is expected to remain from this
	// event to the end, Step is what of that belongs to the step that the event begins
	// or comes in. Until the next event a reader counts down by its own clock, by no
	// more than Step.
	Elapsed time.Duration `json:"elapsed_ns"`
	Left    time.Duration `json:"left_ns"`
	Step    time.Duration `json:"step_ns"`

	Trials []trial.Trial `json:"-"` // of Measured
}

// emit sends an event. One with a step above 0 begins that step.
func (r *runner) emit(e Event, step time.Duration) {
	now := time.Now()
	if step > 0 {
		r.step, r.stepped = step, now
		r.ahead -= step
	}
	e.Blocks = r.blocks
	e.Step = max(0, r.step-now.Sub(r.stepped))
	e.Elapsed, e.Left = now.Sub(r.begin), max(0, r.ahead)+e.Step
	if r.cfg.Events != nil {
		r.cfg.Events(e)
	}
}

// note tells the user something and keeps it in the manifest.
func (r *runner) note(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.manifest.Notes = append(r.manifest.Notes, text)
	r.emit(Event{Kind: Notice, Text: text}, 0)
}

// fail tells the user what failed and keeps it in the manifest and the report.
func (r *runner) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.manifest.Failures = append(r.manifest.Failures, text)
	r.report.Failures = append(r.report.Failures, text)
	r.emit(Event{Kind: Failure, Text: text}, 0)
}
