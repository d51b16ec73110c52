// Package claims judges what an article claims of threads, processes and asyncio by trials that campaigns have measured.
//
// The claims are data: claims.yaml, beside this file, which a person reads and edits. It says what each claim predicts, as tests of
// quantities (throughput of T over that of T1) against thresholds; it does not say what comes out, and neither does any code here.
//
//	claims.yaml --Parse--> Set --Judge(rows of each experiment)--> Report: per claim a verdict, per test a figure with its interval
//
// Each test is answered yes (what the claim predicts was seen), no (its opposite was), or not at all. A claim then
//
//	holds       if each of its tests says yes
//	refuted     if each says no
//	depends     if some say yes and some no: it is true in one cell and false in another
//	undecided   else: too little was measured, or what was measured is too wide
//
// A yes or no needs the whole 95% interval on one side of the threshold and, as many tests are made at once, a p value of at most 5%
// after Holm's correction over all tests that decide and were measured. Tests that are marked as context are shown and decide
// nothing; a claim whose kind is proxy has no verdict, as what can be counted only stands for what it speaks of.
//
//   - The unit is the trial in its block. A ratio is paired within blocks; estimates are Hodges and Lehmann's, with the interval of
//     Wilcoxon's signed ranks, and p is that of sign flips against the threshold, all on logarithms. A measure that can be 0 (what was
//     lost) is compared as it is: see Measure.Zero. "Within" is judged by equivalence: two one-sided tests.
//   - A frequency is a share of trials: Clopper and Pearson's interval, and the exact binomial test that it inverts.
//   - Whether each of several targets is beaten somewhere is one test, however many cells it has: see ofWinners.
//   - Where so few blocks cannot survive the correction, tests are answered by their own p: screening, and said to be.
//   - A trial that may not be believed in a measure (package analysis says which) is left out with its pair, and counted.
package claims

// Set is the claims with what they need, as a file has them.
type Set struct {
	Source      string // of the claims: title of the article
	StandIns    []StandIn
	Experiments []Experiment // the most telling first
	Claims      []Claim      // in the order of their numbers
}

// StandIn is a target of the experiments and what it stands for.
type StandIn struct {
	Name      string `json:"name"`             // of the target, such as T1
	Is        string `json:"is"`               // what it is here: goroutine, GOMAXPROCS=1
	StandsFor string `json:"stands_for"`       // in the article
	Python    string `json:"python,omitempty"` // name of its counterpart in CPython; empty: it has none
}

// Experiment is a campaign that measures what tests ask for. How it is run is the business of a campaign's file of the same name.
type Experiment struct {
	Name        string `json:"name"`
	Asks        string `json:"asks"`                  // in a sentence
	Descriptive bool   `json:"descriptive,omitempty"` // shown with intervals, and tested by no confirmatory test; dropped first
}

// Kind says what a claim can be given.
type Kind string

// The kinds.
const (
	Confirmatory Kind = "confirmatory" // a verdict
	Proxy        Kind = "proxy"        // figures that stand for what cannot be measured; no verdict
)

// Technique is what of the article a claim is about.
type Technique string

// The techniques, and the two that are about all of them.
const (
	Threading Technique = "threading"
	Processes Technique = "processes"
	Asyncio   Technique = "asyncio"
	All       Technique = "all"      // concurrency as such
	Choosing  Technique = "choosing" // the factors
)

// Side is where in the article's table a claim stands.
type Side string

// The sides.
const (
	Pro  Side = "pro"
	Con  Side = "con"
	Text Side = "text" // said in passing
)

// Claim is a sentence that can be put to the test.
type Claim struct {
	ID        int       `json:"id"`
	Claim     string    `json:"claim"` // in short, our words
	Place     string    `json:"place"` // in the article: its section and point
	Technique Technique `json:"technique"`
	Side      Side      `json:"side"`
	Kind      Kind      `json:"kind"`
	Tests     []Test    `json:"-"`
	Python    string    `json:"python"`           // what CPython does, and why
	Go        string    `json:"go"`               // why Go differs, or does not
	Factor    string    `json:"factor,omitempty"` // of a claim about choosing: which factor; else empty
}

// Test is a quantity and what the claim predicts of it.
type Test struct {
	Name       string     `json:"name"` // in words, short: two cores over one
	Experiment string     `json:"experiment,omitempty"`
	Workload   string     `json:"-"`                 // of operands that name none
	Measure    string     `json:"measure,omitempty"` // key of one of Measures
	Quantity   Quantity   `json:"quantity"`
	Predicts   Prediction `json:"predicts"`
	Context    bool       `json:"context,omitempty"` // shown, decides nothing
}

// Quantity is what is estimated. Exactly one of its fields is set.
type Quantity struct {
	Ratio     *[2]Operand `json:"ratio,omitempty"`     // the first over the second, paired within blocks
	Value     *Operand    `json:"value,omitempty"`     // one target's own
	Frequency *Operand    `json:"frequency,omitempty"` // the share of trials in which the measure is above 0
	Winners   *Winners    `json:"winners,omitempty"`   // whether each target is beaten somewhere
	Count     *Count      `json:"count,omitempty"`     // counted from source, without any trial
}

// Operand is a target in a workload: T@wait, or T where the test says which workload.
type Operand struct {
	Target   string `json:"target"`
	Workload string `json:"workload,omitempty"` // empty: all of the experiment's
}

// Winners is the question whether one target is never worse than another in any of the cells.
type Winners struct {
	Targets []string `json:"targets"`
	Cells   []Cell   `json:"cells"`
}

// Cell is a measure of a workload of an experiment.
type Cell struct {
	Experiment string `json:"experiment"`
	Workload   string `json:"workload"`
	Measure    string `json:"measure"`
}

// Count is a figure of the complexity of source code: that of the first model over that of the second, or the first's own where
// there is no second.
type Count struct {
	Of     string `json:"of"` // folders under servers
	To     string `json:"to,omitempty"`
	Figure string `json:"figure"` // lines, branches, states, primitives
}

// Decides tells whether a claim's verdict hangs on the test.
func (t Test) Decides() bool { return t.Predicts != (Prediction{}) && !t.Context }

// Prediction is what the claim says of the quantity. At most one of its fields is set; none in a test that is only shown. Numbers are in
// the measure's base unit, and ratios and frequencies as such.
type Prediction struct {
	Above  float64 `json:"above,omitempty"`  // 0: not set
	Below  float64 `json:"below,omitempty"`  // 0: not set
	Within float64 `json:"within,omitempty"` // a ratio from 1/(1+Within) to 1+Within; 0: not set
	Beaten bool    `json:"beaten,omitempty"` // of Winners: every target is beaten somewhere
}
