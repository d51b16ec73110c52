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
	Command []string  `json:"command"`
	Started time.Time `json:"started_at_utc"`
	Ended   time.Time `json:"ended_at_utc"` // zero: it was killed, or is running
	Seed    int64     `json:"seed"`
	BudgetS float64   `json:"budget_s"`
	Claim   int       `json:"claim,omitempty"` // the only one that was asked for; 0: all
	Dropped []Dropped `json:"dropped"`
	Notes   []string  `json:"notes"`
}

// Dropped is an experiment that was not run, or not in full.
type Dropped struct {
	Experiment string `json:"experiment"`
	Python     bool   `json:"python,omitempty"` // CPython's twin of it
	Why        string `json:"why"`
}
