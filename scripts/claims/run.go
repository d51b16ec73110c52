package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"modelbench/results/claims"
	"modelbench/results/trial"
	"modelbench/scripts/campaign"
)

// twoCPUs is what the stand-ins are made for: most of what is asked is what a second one is good for.
const twoCPUs = 2

// runner is a run of the experiments under way.
type runner struct {
	command
	dir     string
	pick    pick
	tasks   []task
	shares  []share // of tasks
	source  campaign.Source
	x       executables
	begin   time.Time
	spent   time.Duration // of the budget, before this run took it up
	budget  time.Duration // from begin
	run     claims.Run
	show    func(campaign.Event)
	carry   func(context.Context, campaign.Config) (campaign.Report, error) // campaign.Run
	failed  []string                                                        // what failed in experiments, which has been said
	stopped error                                                           // what ended the experiments before their time
}

func (c command) run(ctx context.Context) error {
	f, err := c.parse()
	if err != nil {
		return err
	}
	if f.List {
		return c.list(f)
	}
	if c.cpus < twoCPUs {
		return fmt.Errorf("testing the claims needs %d CPUs, and there is %d for us: with one, nothing can run in parallel, whatever the model, and its verdicts would be about that",
			twoCPUs, c.cpus)
	}
	if runtime.GOOS != "linux" {
		return errors.New("testing the claims needs Linux: loadgen's engine is epoll, and processes are tied to the campaign by the kernel")
	}
	r := &runner{command: c, carry: campaign.Run}
	text, err := r.prepare(f)
	if err != nil {
		return err
	}
	if r.source, err = campaign.FindSource(ctx, module); err != nil {
		return err
	}
	r.dir = f.Resume
	if r.dir == "" {
		if r.dir = f.Out; r.dir == "" {
			r.dir = filepath.Join(r.source.Root, "results", "runs", "claims-"+campaign.NewID(time.Now(), r.run.Seed))
		}
	}
	lock, err := lockFolder(r.dir, f.Resume != "")
	if err != nil {
		return err
	}
	defer lock.Close()
	if f.Resume != "" {
		if text, err = r.takeUp(f); err != nil {
			return err
		}
	} else {
		defer os.Remove(r.dir) // stays if it holds anything
	}
	measured, err := r.measure(ctx, text)
	if !measured {
		return err
	}
	if f.WrongFoot {
		return errors.Join(err, r.footed())
	}
	return errors.Join(err, r.answer(f))
}

// prepare finds out what is to be run anew. Nothing is touched. What is to be resumed is the business of takeUp.
func (r *runner) prepare(f flags) (text []byte, err error) {
	if f.Resume != "" {
		return nil, nil
	}
	set, text, err := f.rules()
	if err != nil {
		return nil, err
	}
	p := f.pick()
	if f.WrongFoot {
		if p, err = footing(p); err != nil {
			return nil, err
		}
	}
	if p.seed == 0 {
		p.seed = campaign.DrawSeed()
	}
	r.budget = f.budget()
	if r.tasks, p.bare, err = inTime(set, p, r.budget); err != nil {
		return nil, err
	}
	r.pick = p
	r.run = claims.Run{Command: append([]string{"claims"}, r.args...), Started: time.Now().UTC(), Seed: p.seed, BudgetS: r.budget.Seconds(),
		Host: trial.ThisMachine().HostID, Campaigns: map[string]string{}, Dropped: []claims.Dropped{}, Notes: []string{}, Failures: []string{},
		Asked: &claims.Asked{Claims: p.claims, Experiments: p.experiments, Python: p.python, Confirmatory: p.confirmatory, Blocks: p.blocks, Bare: p.bare}}
	if p.bare {
		r.run.Notes = append(r.run.Notes, "there was no time for tests that are context and decide nothing")
	}
	for _, t := range r.tasks {
		r.run.Campaigns[t.name] = t.sum
	}
	return text, nil
}

// takeUp goes on with the run in the folder, which is locked: by its own claims, with its seed.
func (r *runner) takeUp(f flags) (text []byte, err error) {
	if r.run, err = takenUp(r.dir); err != nil {
		return nil, err
	}
	refuse := func(format string, args ...any) ([]byte, error) {
		return nil, &campaign.UsageError{Flag: "--resume", Problem: fmt.Sprintf(format, args...)}
	}
	path := filepath.Join(r.dir, claims.RulesName)
	if text, err = os.ReadFile(path); err != nil {
		return refuse("%v", err)
	}
	set, err := claims.Parse(path, text)
	if err != nil {
		return refuse("%v", err)
	}
	if host := trial.ThisMachine().HostID; host != r.run.Host {
		return refuse("it was begun on another machine (%s, this is %s): its trials could not be compared with ours", r.run.Host, host)
	}
	a := r.run.Asked
	r.pick = pick{claims: a.Claims, experiments: a.Experiments, python: a.Python, confirmatory: a.Confirmatory, blocks: a.Blocks, bare: a.Bare, seed: r.run.Seed}
	if r.tasks, err = tasksOf(set, r.pick); err != nil {
		return nil, err
	}
	for _, t := range r.tasks {
		if r.run.Campaigns[t.name] != t.sum {
			return refuse("the experiment %s is not what the run began with: has its file been changed since?", t.name)
		}
	}
	r.spent = seconds(r.run.SpentS)
	r.budget = max(0, seconds(r.run.BudgetS)-r.spent)
	if f.Budget > 0 {
		r.budget, r.run.BudgetS = f.Budget, (r.spent + f.Budget).Seconds()
	}
	r.run.Resumed = append(r.run.Resumed, time.Now().UTC())
	r.keepWhatIsSettled()
	r.run.Ended, r.run.Status = time.Time{}, ""
	return text, nil
}

// measure builds what is to be run and runs it. measured: there may be something to judge, whatever the error.
func (r *runner) measure(ctx context.Context, rules []byte) (measured bool, err error) {
	r.leaveOutPython()
	if len(r.tasks) > 0 {
		bin, remove, err := campaign.WorkFolder("")
		if err != nil {
			return false, err
		}
		defer remove()
		if r.x, err = r.build(ctx, r.source, bin, r.tasks); err != nil {
			return false, err
		}
		if other := otherExecutable(r.run.Executables, r.x.sums); other != "" {
			return false, &campaign.UsageError{Flag: "--resume", Problem: other}
		}
		r.run.Executables = r.x.sums
	}
	r.begin = time.Now()
	r.run.Status = claims.Running
	err = replaceFile(filepath.Join(r.dir, claims.RulesName), rules)
	if err == nil {
		err = writeComplexity(r.source.Root, r.dir)
	}
	if err == nil {
		err = writeRun(r.dir, r.run)
	}
	if err != nil {
		return false, err
	}
	r.plan()
	show, done := campaign.Watch(r.stderr)
	r.show = show
	r.experiments(ctx)
	done()
	return true, r.finish(ctx)
}

// leaveOutPython takes the twins out of the tasks where there is nothing to run them with, and says so.
func (r *runner) leaveOutPython() {
	if _, err := exec.LookPath("python3"); err == nil {
		return
	}
	var own []task
	for _, t := range r.tasks {
		if t.rank == twin {
			r.drop(t, "skipped: no python3")
		} else {
			own = append(own, t)
		}
	}
	if len(own) < len(r.tasks) {
		fmt.Fprintln(r.stderr, "CPython's counterparts are skipped: there is no python3 on the PATH")
	}
	r.tasks = own
}

// drop writes down that an experiment was not run, or not in full.
func (r *runner) drop(t task, format string, args ...any) {
	d := claims.Dropped{Experiment: t.name, Why: fmt.Sprintf(format, args...)}
	if name, is := strings.CutPrefix(t.name, twinFolder+"/"); is && t.rank == twin {
		d.Experiment, d.Python = name, true
	}
	r.run.Dropped = append(r.run.Dropped, d)
}

// keepWhatIsSettled keeps what an earlier run said of experiments that it completed, which do not run again: with fewer blocks than wanted,
// or with failures. Of the others this run will say how they went.
func (r *runner) keepWhatIsSettled() {
	settled := func(name string) bool { return r.before(task{name: name}).status == campaign.Complete }
	r.run.Dropped = slices.DeleteFunc(r.run.Dropped, func(d claims.Dropped) bool {
		name := d.Experiment
		if d.Python {
			name = filepath.Join(twinFolder, name)
		}
		return !settled(name)
	})
	r.run.Failures = slices.DeleteFunc(r.run.Failures, func(text string) bool {
		name, _, _ := strings.Cut(text, ": ")
		return !settled(name)
	})
}

// finish writes down how the experiments ended.
func (r *runner) finish(ctx context.Context) error {
	err := r.stopped
	switch {
	case ctx.Err() != nil:
		r.run.Status, err = claims.Interrupted, nil
	case err != nil || len(r.failed) > 0:
		r.run.Status = claims.Failed
	default:
		r.run.Status = claims.Finished
	}
	r.run.Ended = time.Now().UTC()
	r.run.SpentS = (r.spent + time.Since(r.begin)).Seconds()
	r.run.Failures = append(r.run.Failures, r.failed...)
	if err != nil {
		r.run.Failures = append(r.run.Failures, err.Error())
	}
	if writeErr := writeRun(r.dir, r.run); writeErr != nil && !(noRoom(err) && noRoom(writeErr)) {
		err = errors.Join(err, writeErr)
	}
	if n := len(r.failed); n > 0 {
		err = errors.Join(err, fmt.Errorf("%s failed: see above, and failures in %s", plural(n, "thing"), filepath.Join(relative(r.dir), claims.RunName)))
	}
	return err
}

// otherExecutable says which executable is another than it was; empty: none.
func otherExecutable(then, now map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(then)) {
		if sum, built := now[name]; built && sum != then[name] {
			return fmt.Sprintf("the executable of %s is not the one that the run began with: has its source changed since?", name)
		}
	}
	return ""
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
