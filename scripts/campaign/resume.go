package campaign

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"modelbench/results/trial"
)

// Saved is what a campaign keeps of its Config in the manifest, so that it can be resumed.
type Saved struct {
	Name      string
	Again     string
	Blocks    int // 0: as many as the budget allows
	Targets   []Target
	Workloads []Workload
}

// Resumption is a time at which somebody went on with a campaign that had ended early.
type Resumption struct {
	At      time.Time `json:"at_utc"`
	Command []string  `json:"command"`
	Block   int       `json:"block"` // the first one since
}

// Resume is the campaign in a folder, ready to go on: the same seed, targets, workloads and
// rates, and what is left of the budget, which the caller may replace by another. It is for
// campaigns that were killed, stopped or failed. The error is a *UsageError that names the
// flag. Nothing is touched.
//
// A block that was not finished is not taken up: its servers are gone, and others would be
// measured in its second half. It keeps its number and its trials, which are no part of any
// comparison, and the next block has a number of its own.
func Resume(dir string) (Config, error) {
	m, err := unfinished(dir)
	if err != nil {
		return Config{}, err
	}
	c := Config{
		Out: dir, Name: m.Config.Name, ID: m.CampaignID, Seed: m.Seed, Blocks: m.Config.Blocks, Until: m.Until, Again: m.Config.Again,
		Targets: m.Config.Targets, Workloads: m.Config.Workloads, ServerCPUs: m.ServerCPUs, ClientCPUs: m.ClientCPUs,
		Git: m.Git, Budget: max(time.Millisecond, time.Duration((m.BudgetS-m.SpentS)*float64(time.Second))),
	}
	c.resume, c.left = true, c.Budget
	return c, c.Validate()
}

// unfinished reads the manifest of a campaign that can be resumed.
func unfinished(dir string) (*Manifest, error) {
	refuse := func(format string, args ...any) (*Manifest, error) {
		return nil, &UsageError{"--resume", fmt.Sprintf(format, args...)}
	}
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return refuse("%s holds no campaign: %s is not there", dir, manifestName)
	}
	if err != nil {
		return refuse("%v", err)
	}
	if len(text) == 0 {
		return refuse("%s was claimed by a campaign that ended before it began: remove it, and start the campaign anew", dir)
	}
	m := &Manifest{}
	if err := json.Unmarshal(text, m); err != nil {
		return refuse("%s: %v", filepath.Join(dir, manifestName), err)
	}
	switch {
	case m.Version != manifestVersion || len(m.Config.Targets) == 0 || len(m.Config.Workloads) == 0:
		return refuse("%s was written by another version, which does not say all that it takes", filepath.Join(dir, manifestName))
	case m.Status == Complete:
		return refuse("the campaign in %s is complete: %s", dir, plural(m.WholeBlocks, "whole block"))
	}
	return m, nil
}

// takeUp makes the runner go on where the campaign in its folder, which is locked, ended.
func (r *runner) takeUp() error {
	m, err := unfinished(r.cfg.Out)
	if err != nil {
		return err
	}
	if other := sameMachine(m.Machine, machineInfo(r.machine)); other != "" {
		return &UsageError{"--resume", other + ": its trials could not be compared with ours"}
	}
	rows, _, err := trial.ReadFile(r.report.CSV) // a torn line is cut off at the next append
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return &UsageError{"--resume", err.Error()}
	}
	for _, rate := range m.Rates {
		r.rates[rate.Workload] = rate
	}
	for _, out := range m.LeftOut {
		if out.Uncalibrated { // what answered wrongly is asked again
			r.leftOut[cell{out.Target, out.Workload}] = true
			r.report.LeftOut = append(r.report.LeftOut, out.String())
		}
	}
	last := slices.Max(append([]int{0}, m.Whole...))
	for _, t := range rows {
		last = max(last, int(t.Block.Or(0)))
	}
	for _, w := range r.cfg.Workloads {
		if _, found := r.rates[w.Name]; w.fixedRate() && !found && last > 0 {
			r.skipped[w.Name] = true // its rate could not be found then, which was reported
		}
	}
	if last > 0 && !slices.Contains(m.Whole, last) && r.isWhole(m, rows, last) {
		m.Whole = append(m.Whole, last) // killed just before it could be said
	}
	m.Verdicts = map[string]int{}
	for _, t := range rows {
		m.Verdicts[t.Verdict]++
		if slices.Contains(m.Whole, int(t.Block.Or(0))) {
			r.report.Trials = append(r.report.Trials, t)
		} else {
			r.report.Loose++
		}
	}
	r.manifest, r.first = m, last+1
	r.report.Blocks, r.report.Trouble = len(m.Whole), m.Trouble
	r.spent = time.Duration(m.SpentS * float64(time.Second))
	r.plan, err = r.rest(m)
	if err != nil {
		return err
	}
	m.Status, m.Ended, m.BudgetS = Running, time.Time{}, m.SpentS+r.cfg.Budget.Seconds()
	m.Planned = r.report.Blocks + r.plan.Blocks
	m.Resumed = append(m.Resumed, Resumption{time.Now().UTC(), r.cfg.Command, r.first})
	return nil
}

// isWhole tells whether the block has a trial of each target in each workload that it
// serves and was not left out of.
func (r *runner) isWhole(m *Manifest, rows []trial.Trial, block int) bool {
	have := map[[2]string]bool{}
	for _, out := range m.LeftOut {
		have[[2]string{out.Target, out.Workload}] = true // none is missing there
	}
	for _, t := range rows {
		if t.Block == trial.I(block) {
			have[[2]string{t.Target, t.Workload}] = true
		}
	}
	for _, w := range r.cfg.Workloads {
		for _, t := range r.cfg.Targets {
			if w.loads(t) && !r.skipped[w.Name] && !have[[2]string{t.Name, w.Name}] {
				return false
			}
		}
	}
	return true
}

// rest plans what is left: blocks like those before, as many as were planned and are
// missing, or, where the number is the budget's to say, as many as it holds.
func (r *runner) rest(m *Manifest) (Plan, error) {
	p, budget := Plan{}, r.cfg.budget()
	for _, w := range r.cfg.Workloads {
		at := slices.IndexFunc(m.Workloads, func(i WorkloadInfo) bool { return i.Name == w.Name })
		if at < 0 {
			return Plan{}, &UsageError{"--resume", fmt.Sprintf("%s does not say how long %s was measured", manifestName, w.Name)}
		}
		targets, _ := budget.parts(w)
		p.Rotations = append(p.Rotations, rotation(w, targets, max(1, m.Workloads[at].Rounds)))
	}
	p.Block = blockCost(p.Rotations)
	available := r.cfg.Budget - tableReserve
	if r.first == 1 { // not even the calibration may be over
		p.Calibrate = slices.DeleteFunc(budget.calibrations(r.cfg.Workloads), func(c Rotation) bool {
			_, found := r.rates[c.Workload.Name]
			return found
		})
		for _, c := range p.Calibrate {
			available -= c.Expected
			p.Total += c.Expected
		}
	}
	if slices.ContainsFunc(r.cfg.Workloads, func(w Workload) bool { return w.Fresh }) {
		available -= restartCost
		p.Total += restartCost
	}
	p.Blocks = max(1, int(available/p.Block)) // the one may be shorter than planned
	if r.cfg.Blocks > 0 || r.cfg.Budget == r.cfg.left {
		p.Blocks = max(0, min(p.Blocks, m.Planned-r.report.Blocks))
	}
	if least := blockCost(p.least()); p.Blocks > 0 && available < least {
		return Plan{}, &UsageError{"--budget", fmt.Sprintf("%v is too short for one more block: that takes %v at the least; give --resume a longer one",
			r.cfg.Budget.Round(100*time.Millisecond), roundUp(least+r.cfg.Budget-available, time.Second))}
	}
	p.Total += time.Duration(p.Blocks) * p.Block
	return p, nil
}

// sameMachine says in what two machines differ, and nothing when trials from both can be
// compared.
func sameMachine(then, now MachineInfo) string {
	for _, f := range []struct{ what, then, now string }{
		{"machine", then.HostID, now.HostID},
		{"kernel", then.Kernel, now.Kernel},
		{"CPU", then.CPUModel, now.CPUModel},
		{"number of CPUs", fmt.Sprint(then.CPUs), fmt.Sprint(now.CPUs)},
	} {
		if f.then != f.now {
			return fmt.Sprintf("the %s was %s and is now %s", f.what, orNothing(f.then), orNothing(f.now))
		}
	}
	return ""
}

// sameBinaries says which executable is another than it was; empty: none.
func sameBinaries(then, now map[string]Binary) string {
	for _, name := range slices.Sorted(maps.Keys(then)) {
		if now[name].SHA256 != then[name].SHA256 {
			return fmt.Sprintf("the executable of %s is not the one that the campaign began with: has its source changed since?", name)
		}
	}
	return ""
}
