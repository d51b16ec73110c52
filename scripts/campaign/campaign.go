// Package campaign runs blocks of trials over server processes and writes them down.
//
// It drives executables (the servers and loadgen) by their command lines, their
// ready lines and loadgen's CSV, and knows nothing of their insides: it imports
// results/... alone. What it owns while it runs: the processes it started, the
// ports it reserved for them and the folder of the campaign.
//
// A block is fresh servers for all targets, then one rotation (one run of loadgen
// over all of them) for each workload in random order, then the servers' end. The
// trials of a rotation are in the file, on disk, before the next one begins. A workload
// may stand alone instead (see alone.go), and have a fresh server for each trial.
//
// What it promises:
//   - No process outlives it, whichever way it ends, SIGKILL included: see launcher.
//   - It ends within its budget, on a whole block: see Plan.
//   - What fails (a server that dies, a loadgen that errs) costs its own trials, is
//     said aloud and written into the manifest; the rest goes on.
//   - Everything random derives from the seed, but the ports.
//
// One target runs twice, under two names: what differs between the two is the machine's
// own noise. See again.go.
//
// A trial whose machine changed its speed meanwhile is *not* given the verdict
// `drift` here, though the columns calib_before_ns and calib_after_ns hold the
// evidence: within a rotation the targets take turns of a fraction of a second, so
// whatever happens to the machine happens to all of them, and comparisons are made
// within blocks. With compilers at work on the same two CPUs, 14 of 30 rotations
// were more than 5% apart; the models' CPU per request of spin and mixed, which is the
// same work, still came out within 1% of each other. The verdict would throw good
// comparisons away, so the report and the manifest say how many rotations drifted.
package campaign

import (
	"fmt"
	"slices"
	"time"

	"modelbench/results/trial"
)

// Config is a campaign to be run. Bin and Out are required; the zero value of
// everything else works.
type Config struct {
	Bin string // folder of the executables: those of the targets, and loadgen
	Out string // folder for trials.csv and the manifest: must not exist or be empty

	ID        string        // of the campaign; empty: NewID
	Name      string        // what its file calls it; empty: nothing
	Seed      int64         // of everything random; 0: drawn, and in the manifest
	Budget    time.Duration // for everything up to the table; 0: DefaultBudget
	Spare     time.Duration // that may be spent beyond the budget on blocks that take longer than planned; they are not planned longer for it
	Blocks    int           // 0: as many as the budget allows
	Until     float64       // stop early, with blocks for all comparisons, at intervals of ± this share: 0.03; 0: never
	Targets   []Target      // empty: all of Targets
	Again     string        // target that runs twice, the A/A arm; empty: the first; NoAgain: none
	Workloads []Workload    // empty: all of Workloads

	// ServerCPUs and ClientCPUs are lists of CPUs, such as 0-1,3, that the servers and
	// loadgen are tied to; empty: to none. Default targets and workloads are made for as
	// many CPUs as the servers have.
	ServerCPUs, ClientCPUs string

	Command []string // how the campaign was called, for the manifest
	Git     Git      // of the executables' source

	// Events is given each event, one at a time; a slow reader slows the campaign
	// down. nil: nobody is told.
	Events func(Event)
	// Abort, once closed, cuts every grace short: what still runs is killed. Nothing
	// happens as long as the context of Run is not done. nil: never.
	Abort <-chan struct{}

	resume bool          // go on with the campaign in Out: see Resume
	left   time.Duration // of that one's own budget

	presence string // folder in which campaigns see each other; empty: the system's for temporary files
}

// DefaultBudget is a minute and a half: twelve blocks of five workloads and four targets,
// one of them twice.
const DefaultBudget = 90 * time.Second

// Validate fills in what was left empty and reports what cannot be used, as a
// *UsageError that names the flag. Nothing is touched. Bin and Out may be filled in
// later; an Out that is there is checked.
func (c *Config) Validate() error {
	if c.Seed == 0 {
		c.Seed = DrawSeed()
	}
	if c.ID == "" {
		c.ID = NewID(time.Now(), c.Seed)
	}
	if c.Budget == 0 {
		c.Budget = DefaultBudget
	}
	if c.Budget < 0 {
		return &UsageError{"--budget", fmt.Sprintf("%v is not a time to spend", c.Budget)}
	}
	if c.Spare < 0 {
		return &UsageError{"--budget", fmt.Sprintf("%v is not a time to spare", c.Spare)}
	}
	if c.Blocks < 0 {
		return &UsageError{"--blocks", fmt.Sprintf("%d is not a number of blocks; 0 is as many as the budget allows", c.Blocks)}
	}
	if !(c.Until >= 0 && c.Until < 1) {
		return &UsageError{"--until", fmt.Sprintf("%v is not a width from 0%% to under 100%%", c.Until)}
	}
	if c.Out != "" && !c.resume {
		if err := checkFolder(c.Out); err != nil {
			return err
		}
	}
	cpus, err := CPUs("--server-cpus", c.ServerCPUs)
	if err != nil {
		return err
	}
	if _, err := CPUs("--client-cpus", c.ClientCPUs); err != nil {
		return err
	}
	if len(c.Targets) == 0 {
		c.Targets = Targets(cpus)
	}
	if len(c.Workloads) == 0 {
		c.Workloads = Workloads(cpus)
	}
	if err := c.addAgain(); err != nil {
		return err
	}
	if err := c.validateParts(); err != nil {
		return err
	}
	if c.Until > 0 && len(models(c.Targets)) < 2 {
		return &UsageError{"--until", "one target alone has nothing to be compared with"}
	}
	if c.Until > 0 && !slices.ContainsFunc(c.Workloads, func(w Workload) bool { return !w.studied() }) {
		return &UsageError{"--until", "no workload has throughput or CPU per request to wait for: give it blocks instead"}
	}
	if c.resume {
		return nil // planned from what is left to do
	}
	if _, err := NewPlan(c.budget(), c.Workloads); err != nil {
		return &UsageError{"--budget", err.Error()}
	}
	return nil
}

// Plan is how the campaign would spend its budget. Nothing is touched; the error is a *UsageError.
func (c Config) Plan() (Plan, error) {
	if err := c.Validate(); err != nil {
		return Plan{}, err
	}
	return NewPlan(c.budget(), c.Workloads)
}

func (c *Config) budget() Budget {
	return Budget{Total: c.Budget, Blocks: c.Blocks, Targets: len(c.Targets), Again: len(c.Targets) - len(models(c.Targets)),
		Parts: func(w Workload) (targets, again int) {
			taking := c.parts(w)
			return len(taking), len(taking) - len(models(taking))
		}}
}

// Report is what a campaign came to.
type Report struct {
	ID   string
	Seed int64
	Dir  string // the campaign's folder
	CSV  string // the file of trials; missing when there are none

	Status Status
	Blocks int           // whole blocks
	Trials []trial.Trial // of whole blocks
	Loose  int           // further trials in the file, of a block that was not finished
	Valid  int           // of Trials, those with the verdict ok

	Trouble // of all blocks

	Rates []Rate // of the fixed-rate workloads

	Fallen   []Fallen // targets that failed; they are among the Failures, too
	LeftOut  []string // cells that answered wrongly before the first block, or could not be calibrated; they are among the Failures, too
	Failures []string // each of them was also a Failure event
}
