package campaign

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"modelbench/results/trial"
)

var errBudget = errors.New("the budget is spent")

// runner is a campaign under way. One goroutine runs it.
type runner struct {
	cfg      Config
	plan     Plan
	launcher *launcher       // of servers
	loaders  *launcher       // of loadgen
	abort    context.Context // done: no more grace for anybody
	begin    time.Time

	presence *presence
	unseen   error           // why there is none
	met      map[string]bool // campaigns that run at the same time, which was said

	machine  trial.Machine
	manifest *Manifest
	rates    map[string]Rate // by workload
	skipped  map[string]bool // workloads without a rate
	gone     map[string]bool // targets that did not come up: not tried again
	came     map[string]bool // targets that came up when last started
	asked    map[string]bool // targets that were asked for one reply to each workload
	leftOut  map[cell]bool   // what gave a wrong one
	overrun  time.Duration   // by how much a block exceeded its expected time, at most
	step     time.Duration   // expected of the step under way
	stepped  time.Time       // when that began
	ahead    time.Duration   // expected from its end to the end of all
	first    int             // number of this run's first block: 1, if nothing was taken up
	current  int             // block under way
	place    int             // in it, of the load under way, from 1
	blocks   int             // number of the last block, as planned now
	spent    time.Duration   // of the campaign's budget, in whole blocks that were taken up
	report   Report

	lostBlocks int // of this run, by loadgen's failure
	lostInRow  int
}

// Run carries the campaign out. The report is valid beside an error too, and holds
// what whole blocks gave; the error is for what ended the campaign before its time,
// and wraps context.Canceled when that was ctx. Failures that did not end it are in
// the report alone.
func Run(ctx context.Context, cfg Config) (Report, error) {
	begin := time.Now()
	if cfg.Bin == "" || cfg.Out == "" {
		return Report{}, errors.New("a campaign needs a folder of executables and one for its results")
	}
	if err := cfg.Validate(); err != nil {
		return Report{}, err
	}
	lock, err := claimFolder(cfg.Out, cfg.resume)
	if err != nil {
		return Report{}, err
	}
	defer lock.Close()
	abort, stopAbort := contextOf(cfg.Abort)
	defer stopAbort()
	r := &runner{
		cfg: cfg, abort: abort, begin: begin,
		machine: trial.ThisMachine(), rates: map[string]Rate{}, skipped: map[string]bool{}, gone: map[string]bool{}, met: map[string]bool{},
		came: map[string]bool{}, asked: map[string]bool{}, leftOut: map[cell]bool{},
		report: Report{ID: cfg.ID, Seed: cfg.Seed, Dir: cfg.Out, CSV: filepath.Join(cfg.Out, trialsName)},
	}
	if err := r.prepare(); err != nil {
		if !cfg.resume {
			disclaimFolder(cfg.Out)
		}
		return Report{}, err
	}
	r.launcher, r.loaders = newLauncher(), newLauncher()
	r.presence, r.unseen = announce(cfg.presence, fmt.Sprintf("%s (process %d)", cfg.ID, os.Getpid()))
	defer r.presence.leave()
	r.launcher.cpus, r.loaders.cpus = cfg.ServerCPUs, cfg.ClientCPUs
	closed := false // should anything below panic, the processes go before the panic does
	defer func() {
		if !closed {
			_ = r.closeLaunchers()
		}
	}()
	err = r.run(ctx)
	closed = true
	err = r.finish(ctx, err)
	return r.report, err
}

// prepare makes the plan and the manifest of a campaign, or takes up those of one that
// ended early. Nothing is written and nothing is started.
func (r *runner) prepare() (err error) {
	if r.cfg.resume {
		err = r.takeUp()
	} else if r.plan, err = NewPlan(r.cfg.budget(), r.cfg.Workloads); err == nil {
		r.manifest, r.first = newManifest(r.cfg, r.plan, r.machine), 1
	}
	r.blocks = r.first - 1 + r.plan.Blocks
	if err != nil {
		return err
	}
	binaries, err := readBinaries(r.cfg.Bin, r.cfg.Built())
	if err != nil {
		return err
	}
	if other := sameBinaries(r.manifest.Binaries, binaries); other != "" {
		return &UsageError{"--resume", other}
	}
	r.manifest.Binaries = binaries
	return nil
}

func (r *runner) closeLaunchers() error {
	return errors.Join(r.loaders.close(), r.launcher.close())
}

// contextOf turns a channel into a context.
func contextOf(c <-chan struct{}) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	if c != nil {
		go func() {
			select {
			case <-c:
				cancel()
			case <-ctx.Done():
			}
		}()
	}
	return ctx, cancel
}

func (r *runner) run(ctx context.Context) error {
	if err := r.manifest.write(r.cfg.Out); err != nil {
		return err
	}
	ctx, cancel := context.WithDeadlineCause(ctx, r.deadline(), errBudget)
	defer cancel()

	r.ahead = r.plan.Total
	text := r.plan.String(len(r.cfg.Targets))
	if r.cfg.resume {
		text = fmt.Sprintf("going on after %s: %s", plural(r.report.Blocks, "whole block"), text)
	}
	r.emit(Event{Kind: Planned, Text: text}, 0)
	for _, note := range r.plan.Notes {
		r.emit(Event{Kind: Notice, Text: note}, 0)
	}
	r.notePassedBy()
	if shared := sharedCPUs(r.cfg.ServerCPUs, r.cfg.ClientCPUs); len(shared) > 0 {
		r.note("servers and loadgen share CPU %s", listCPUs(shared))
	}
	if r.unseen != nil {
		r.note("whether other campaigns run on this machine is not known: %v", r.unseen)
	}
	r.noteOthers()
	if err := r.calibrate(ctx); err != nil {
		return err
	}
	if err := r.writeDescription(); err != nil {
		return err
	}
	if err := r.examine(ctx); err != nil {
		return err
	}
	if err := r.runBlocks(ctx); err != nil {
		return err
	}
	if r.lostBlocks > 0 {
		return fmt.Errorf("%s lost, as loadgen failed in the middle: see above", plural(r.lostBlocks, "block"))
	}
	return nil
}

// deadline is when the last block has to be over.
func (r *runner) deadline() time.Time { return r.begin.Add(r.cfg.Budget + r.cfg.Spare - tableReserve) }

// runBlocks runs whole blocks until they are done, time is up or nothing works.
func (r *runner) runBlocks(ctx context.Context) error {
	if len(r.skipped) == len(r.cfg.Workloads) {
		return errors.New("no workload is left to measure")
	}
	for block := r.first; block <= r.blocks; block++ {
		left := time.Until(r.deadline())
		rotations, more := r.plan.Replan(left, r.blocks-block+1, r.overrun)
		if more == 0 && r.report.Blocks == 0 {
			return errBudget
		}
		if fit := block - 1 + more; fit < r.blocks {
			lost := ""
			whole := r.report.Blocks + more
			if few := r.cfg.budget().tooFew(whole, r.cfg.Workloads); few != "" {
				lost = "; " + few
			}
			r.blocks = fit
			r.note("blocks take longer than planned: the budget holds %d%s", whole, lost)
		}
		if more == 0 {
			return nil
		}
		before := time.Now()
		if err := r.tryBlock(ctx, block, rotations); err != nil {
			return err
		}
		r.overrun = max(r.overrun, time.Since(before)-blockCost(rotations))
		r.noteOthers()
		if r.preciseEnough() && block < r.blocks {
			r.blocks = block
			return nil
		}
	}
	return nil
}

// noteOthers says which campaigns run on this machine besides, each once.
func (r *runner) noteOthers() {
	for _, who := range r.presence.others() {
		if !r.met[who] {
			r.met[who] = true
			r.note("another campaign runs on this machine at the same time, and disturbs this one: %s", who)
		}
	}
}

// preciseEnough tells whether what Config.Until asks for is reached, and says so. With fewer blocks than the comparisons take
// together none of them could be corrected for the others, and of 15 that are equal some would be different in up to
// 4 campaigns of 10 (simulated; 5% of them are promised), however narrow the intervals.
func (r *runner) preciseEnough() bool {
	least := max(enoughBlocks, survivingBlocks(r.cfg.budget().comparisons(r.cfg.Workloads)))
	if r.cfg.Until == 0 || r.report.Blocks < least {
		return false
	}
	widest, enough := precise(r.cfg.Until, r.report.Trials, r.cfg.Workloads)
	if enough {
		r.note("precise enough after %d blocks: no interval is wider than ±%.2g%% (the widest is %v)", r.report.Blocks, 100*r.cfg.Until, widest)
	}
	return enough
}

// finish stops whatever is left, writes the manifest for good and says how it ended.
func (r *runner) finish(ctx context.Context, err error) error {
	if closeErr := r.closeLaunchers(); closeErr != nil {
		r.fail("%v", closeErr)
	}
	r.report.Status = Complete
	switch {
	case ctx.Err() != nil:
		r.report.Status = Interrupted
	case errors.Is(err, errBudget):
		if r.current == 0 {
			r.note("the budget ended before the first block began")
		} else {
			r.note("the budget ended in block %d, which is left out", r.current)
		}
		err = nil
		if r.report.Blocks == 0 {
			r.report.Status, err = Failed, fmt.Errorf("%w before one block was whole", errBudget)
		}
	case err != nil:
		r.report.Status = Failed
	}
	for _, t := range r.report.Trials {
		if t.Verdict == trial.VerdictOK {
			r.report.Valid++
		}
	}
	m := r.manifest
	r.report.Rates = m.Rates
	m.Status, m.Ended, m.WholeBlocks = r.report.Status, time.Now().UTC(), r.report.Blocks
	m.Trouble = r.report.Trouble
	if r.report.Status == Failed && err != nil {
		m.Failures = append(m.Failures, err.Error())
	}
	if writeErr := m.write(r.cfg.Out); writeErr != nil && !sameCause(err, writeErr) {
		err = errors.Join(err, writeErr)
	}
	if full(err) {
		err = fmt.Errorf("%w (what was written before is kept: %s)", err, plural(r.report.Blocks, "whole block"))
	}
	r.step, r.ahead = 0, 0
	r.emit(Event{Kind: Ended, Text: string(r.report.Status)}, 0)
	return err
}
