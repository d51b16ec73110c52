package choose

import "modelbench/results/analysis"

// Advice is the answer. It is plain data; results/choose/FORMAT.md describes its JSON.
type Advice struct {
	Outcome Outcome `json:"outcome"`
	// Targets are the one recommended, those tied, or those that are not told apart.
	Targets []string `json:"targets"`
	// Answer is the outcome in a sentence.
	Answer string `json:"answer"`
	// Preferred are those of a tie that the user prefers: declared, not measured.
	Preferred []string `json:"preferred"`
	// Code is how much there is of the tied targets' drivers, where that is what is preferred.
	Code  []TargetCode `json:"code,omitempty"`
	Need  Need         `json:"need"`
	Cells []Cell       `json:"cells"`
	// Because are the comparisons on which the answer rests, objective by objective.
	Because    []Sentence   `json:"because"`
	Candidates []*Candidate `json:"candidates"`
	// Blocks is about how many blocks in all would decide, when more would; else 0.
	Blocks    int        `json:"blocks_needed,omitempty"`
	Missing   []Missing  `json:"missing"`
	Stability *Stability `json:"stability"`
	// Flips are where else was measured that the winner loses, the nearest of each kind; Looked is how many cells were looked at.
	Flips   []Sentence `json:"flips"`
	Looked  int        `json:"cells_looked_at"`
	LeftOut []LeftOut  `json:"left_out"`
	Caveats []string   `json:"caveats"`
	// Measured are the campaigns and the commands that made them.
	Measured []Measured `json:"measured"`

	open bool // a comparison is among Because that does not tell two apart
}

// TargetCode is how much code a target's driver is, as it was counted. It is a proxy.
type TargetCode struct {
	Target     string `json:"target"`
	Lines      int    `json:"lines"`
	Branches   int    `json:"branches"`
	States     int    `json:"states"`
	Primitives int    `json:"primitives"` // of concurrency
}

// Cell is where the values of one workload come from.
type Cell struct {
	Workload     string              `json:"workload"`
	Weight       float64             `json:"weight"`
	Title        string              `json:"title"`
	Factors      []map[string]string `json:"factors"` // one cell, or the two that bracket what is asked
	Interpolated string              `json:"interpolated,omitempty"`
}

// Sentence is something that is said, with what it rests on.
type Sentence struct {
	Text     string   `json:"text"` // without the evidence
	Evidence Evidence `json:"evidence"`
}

// Evidence is what a sentence rests on.
type Evidence struct {
	Metric   string `json:"metric"`             // key of the measure, or a column of trials
	Workload string `json:"workload,omitempty"` // empty: the mix, or any
	Target   string `json:"target"`
	Versus   string `json:"versus,omitempty"` // then Estimate is a ratio, target/versus; else a value
	// Estimate and its interval, in base units where it is no ratio; null without values.
	Estimate *float64 `json:"estimate"`
	Lo       *float64 `json:"lo"`
	Hi       *float64 `json:"hi"`
	Level    float64  `json:"level"`            // that the interval reaches
	N        int      `json:"n"`                // blocks
	P        float64  `json:"p_holm,omitempty"` // corrected over the family of the comparisons asked for
	ROPE     float64  `json:"rope,omitempty"`   // what makes no difference, a fraction
	// Screening: too few blocks for that family, so that the verdict is not corrected.
	Screening bool     `json:"screening,omitempty"`
	Trials    []string `json:"trials"`   // ids
	Commands  []int    `json:"commands"` // that measured them: indices into measured
}

// Status is what the constraints make of a target.
type Status string

// The statuses. A target that is uncertain, or about which a constraint was not measured, is compared with the others, but cannot be
// recommended.
const (
	Feasible    Status = "feasible"
	Uncertain   Status = "uncertain"
	NotMeasured Status = "not measured"
	Rejected    Status = "rejected"
)

// Candidate is a target that was considered.
type Candidate struct {
	Target string  `json:"target"`
	Status Status  `json:"status"`
	Checks []Check `json:"checks"`

	model    string
	compared bool // has values of the first objective
}

// Check is a target under one constraint.
type Check struct {
	Constraint string `json:"constraint"` // rate, p99, memory, cores, isolation, shared state; cell: was it measured at all
	Status     Status `json:"status"`
	Sentence
	// Blocks is about how many blocks in all would decide an uncertain one.
	Blocks int `json:"blocks_needed,omitempty"`
}

// Missing is something to be measured.
type Missing struct {
	What    string `json:"what"`
	Command string `json:"command"` // for a shell, from the root of the source; empty: none of this project's measures it
	// Then asks the same again with what was measured, whose folder is called NEW where its name is not known before.
	Then string `json:"then,omitempty"`
}

// Stability is how often each target wins when the blocks are drawn anew.
type Stability struct {
	Metric    string     `json:"metric"`
	Blocks    int        `json:"blocks"`
	Resamples int        `json:"resamples"`
	Wins      []WinShare `json:"wins"`
}

// WinShare is how often one target won.
type WinShare struct {
	Target string  `json:"target"`
	Share  float64 `json:"share"`
}

// LeftOut is trials of a cell that may not be believed.
type LeftOut struct {
	Workload string `json:"workload"`
	analysis.LeftOut
}

// Measured is a campaign, or a file of trials.
type Measured struct {
	Path     string `json:"path"`
	Campaign string `json:"campaign"`
	Command  string `json:"command"` // empty: not known
}

// worst is the gravest status of all checks.
func (c *Candidate) worst() Status {
	rank := map[Status]int{Feasible: 0, Uncertain: 1, NotMeasured: 2, Rejected: 3}
	worst := Feasible
	for _, k := range c.Checks {
		if rank[k.Status] > rank[worst] {
			worst = k.Status
		}
	}
	return worst
}
