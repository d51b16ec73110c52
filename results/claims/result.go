package claims

// Verdict is what trials say of a claim.
type Verdict string

// The verdicts.
const (
	Holds       Verdict = "holds"
	Refuted     Verdict = "refuted"
	Depends     Verdict = "depends"
	Undecided   Verdict = "undecided"
	NotMeasured Verdict = "not measured" // no test of it has a trial
	NoVerdict   Verdict = "proxy"        // see Proxy
)

// Answer is what trials say of a test.
type Answer string

// The answers.
const (
	Yes      Answer = "yes"
	No       Answer = "no"
	Unknown  Answer = "unknown"
	Unasked  Answer = "not measured"
	Observed Answer = "observed" // the test predicts nothing: a proxy's figure
)

// Report is the claims with their verdicts. It is plain data; its JSON is described in FORMAT.md.
type Report struct {
	Source   string    `json:"source"`
	StandIns []StandIn `json:"stand_ins"`
	Findings []Finding `json:"claims"`
	// Family is how many confirmatory tests were corrected together (Holm); MinBlocks how many blocks that takes.
	Family    int `json:"family"`
	MinBlocks int `json:"min_blocks"`
	// Screening says that some test has fewer blocks than MinBlocks: its answer is then not corrected. See Outcome.Screening.
	Screening   bool            `json:"screening"`
	Experiments []ExperimentRun `json:"experiments"`
	Python      []ExperimentRun `json:"python"` // CPython's twins of them, those that were run or meant to be
	AA          []AA            `json:"aa"`
	// Remarks are what the run says of itself beside what it dropped.
	Remarks []string `json:"remarks"`
}

// Finding is one claim's.
type Finding struct {
	Claim    Claim     `json:"claim"`
	Verdict  Verdict   `json:"verdict"`
	Outcomes []Outcome `json:"tests"`
	Trials   int       `json:"trials"`  // behind it, each counted once
	Invalid  int       `json:"invalid"` // of its cells, that could not be believed
}

// Outcome is what was seen of one test. The figures are 0 where Answer is Unasked. Of CPython's there is no answer (Observed) and no p.
type Outcome struct {
	Test     Test    `json:"test"`
	Answer   Answer  `json:"answer"`
	Estimate float64 `json:"estimate"`
	Lo       float64 `json:"lo"`
	Hi       float64 `json:"hi"`
	Level    float64 `json:"level"` // that the interval really reaches
	P        float64 `json:"p"`     // of the threshold
	Adjusted float64 `json:"p_holm"`
	Blocks   int     `json:"blocks"` // pairs, values or tries
	// Screening says that so few blocks could answer, and cannot survive the correction: the answer is then by P and not by Adjusted.
	Screening bool `json:"screening"`
	// LeftOut is how many blocks have trials of this test that could not be believed, or were not measured to the end (a recovery
	// that was not seen while it was watched).
	LeftOut int `json:"left_out"`
	// Values are what the estimate is made of, by block, for a chart.
	Values []float64 `json:"values"`
	Trials []string  `json:"trials"` // their trial_id
	Why    string    `json:"why,omitempty"`
	// Winner of each cell, for Winners; else nil.
	Cells []CellWinner `json:"cells,omitempty"`
	// Python is the same quantity of CPython's counterparts; nil where there is none or it was not measured.
	Python *Outcome `json:"python,omitempty"`
}

// CellWinner is who is best in a cell.
type CellWinner struct {
	Cell    Cell     `json:"cell"`
	Leaders []string `json:"leaders"` // the others: nobody is shown to be better
	Beaten  []string `json:"beaten"`  // decidedly worse than another, by more than makes no difference
}

// ExperimentRun is how an experiment went.
type ExperimentRun struct {
	Experiment Experiment     `json:"experiment"`
	Folder     string         `json:"folder"` // empty: not run
	Blocks     int            `json:"blocks"`
	Trials     int            `json:"trials"`
	Verdicts   map[string]int `json:"verdicts"` // trials by verdict
	Dropped    string         `json:"dropped,omitempty"`
}

// AA is a target against itself: the machine's own noise.
type AA struct {
	Experiment string  `json:"experiment"`
	Workload   string  `json:"workload"`
	Measure    string  `json:"measure"`
	Target     string  `json:"target"`
	Estimate   float64 `json:"estimate"`
	Lo         float64 `json:"lo"`
	Hi         float64 `json:"hi"`
	P          float64 `json:"p"`
	Adjusted   float64 `json:"p_holm"`
	Blocks     int     `json:"blocks"`
}
