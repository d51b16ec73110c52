package claims

import "time"

// Names in a folder of claims. The folders of the campaigns bear the names of their experiments; CPython's are in PythonName.
const (
	RulesName  = "claims.yaml" // the claims as they were judged when it was made
	RunName    = "run.json"    // a Run
	PythonName = "python"
	CSVName    = "claims.csv"
)

// Run is run.json: how a folder of claims came about. scripts/claims writes it.
type Run struct {
	Command  []string  `json:"command"`
	Started  time.Time `json:"started_at_utc"`
	Ended    time.Time `json:"ended_at_utc,omitzero"` // zero: it was killed, or is running
	Status   Status    `json:"status"`
	Seed     int64     `json:"seed"`
	BudgetS  float64   `json:"budget_s"`
	SpentS   float64   `json:"spent_s"` // of the budget, at the end of the last experiment
	Asked    *Asked    `json:"asked"`
	Dropped  []Dropped `json:"dropped"`
	Notes    []string  `json:"notes"`
	Failures []string  `json:"failures"`
	// Resumed are the times at which somebody went on with it.
	Resumed []time.Time `json:"resumed_at_utc,omitempty"`

	// What must not change between its beginning and its end.
	Host        string            `json:"host_id"`
	Executables map[string]string `json:"executables"` // SHA-256 of each, by name
	Campaigns   map[string]string `json:"campaigns"`   // SHA-256 of each experiment's campaign, by its folder's name
}

// Asked is what a run was asked for.
type Asked struct {
	Claims       []int    `json:"claims,omitempty"`      // that alone are tested, with what their tests name of experiments; nil: all
	Experiments  []string `json:"experiments,omitempty"` // that alone are run; nil: all
	Python       bool     `json:"python"`                // CPython's twins, too
	Confirmatory bool     `json:"confirmatory"`          // no descriptive experiments
	Blocks       int      `json:"blocks"`                // of each experiment; 0: what its file says
	Bare         bool     `json:"bare,omitempty"`        // of claims, only what tests that decide need: there was no time for context
}

// Status is how far a run came. One that was killed stays at Running.
type Status string

// The statuses.
const (
	Running     Status = "running"
	Finished    Status = "complete"    // all that there was time for was run
	Interrupted Status = "interrupted" // stopped by a signal
	Failed      Status = "failed"      // something in it did
)

// Complete tells whether nothing is left to be run.
func (r Run) Complete() bool { return r.Status == Finished && len(r.Dropped) == 0 }

// Dropped is an experiment that was not run, or not in full.
type Dropped struct {
	Experiment string `json:"experiment"`
	Python     bool   `json:"python,omitempty"` // CPython's twin of it
	Why        string `json:"why"`
}
