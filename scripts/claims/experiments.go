package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"modelbench/scripts/campaign"
)

const manifestName = "manifest.json" // in the folder of a campaign

// plan shares the time out among the tasks, and says who has none.
func (r *runner) plan() {
	// What an earlier run has completed is no task of this one.
	r.tasks = slices.DeleteFunc(r.tasks, func(t task) bool { return r.before(t).status == campaign.Complete })
	r.shares = sharesOf(r.tasks, r.budget, r.pick)
	run := 0
	for i := range r.tasks {
		if r.shares[i].blocks > 0 {
			run++
		}
	}
	fmt.Fprintf(r.stderr, "%s in about %v, seed %d, in %s\n", plural(run, "experiment"), round(total(r.shares)), r.run.Seed, relative(r.dir))
	if r.pick.bare {
		fmt.Fprintln(r.stderr, "no time for tests that are context and decide nothing: a longer --budget has")
	}
	for i, t := range r.tasks {
		switch {
		case r.shares[i].blocks > 0:
		case r.pick.claims != nil:
			fmt.Fprintf(r.stderr, "no time for %s: all that is needed takes %v (--budget)\n", t.name, round(leastOf(r.tasks)))
		default:
			fmt.Fprintf(r.stderr, "no time for %s, which takes %v, unless others take less than planned: a longer --budget has\n", t.name, round(t.cost.full(t.want)))
		}
	}
}

// past is what a folder says of an experiment that an earlier run began.
type past struct {
	status campaign.Status // empty: it was not begun
	whole  int             // blocks
}

// before reads how far a task came in an earlier run.
func (r *runner) before(t task) past {
	text, err := os.ReadFile(filepath.Join(r.dir, t.name, manifestName))
	if err != nil {
		return past{}
	}
	var m campaign.Manifest
	if json.Unmarshal(text, &m) != nil {
		return past{}
	}
	return past{m.Status, m.WholeBlocks}
}

// experiments runs the tasks one after the other.
func (r *runner) experiments(ctx context.Context) {
	for i, t := range r.tasks {
		switch {
		case ctx.Err() != nil:
			r.drop(t, "not run: stopped by a signal")
			continue
		case r.stopped != nil:
			r.drop(t, "not run: %v", r.stopped)
			continue
		}
		left := r.budget - judging - time.Since(r.begin)
		s := r.shares[i]
		if s.blocks == 0 {
			s = t.fit(left) // others may have taken less than planned
		} else {
			s = t.cut(s, left)
		}
		if s.blocks == 0 {
			r.drop(t, "no time was left: %v for %s, of %v that %s take", round(max(0, left)), t.name, round(t.cost.full(t.want)), plural(t.want, "block"))
			continue
		}
		want := t.want
		if r.pick.claims != nil { // as many as fit were wanted
			want = r.shares[i].blocks
		}
		if s.blocks < want {
			r.drop(t, "%d of %d blocks: there was no time for more", s.blocks, want)
		}
		s.spare = max(0, left-between-s.budget-r.later(i))
		r.experiment(ctx, i, t, s)
		r.run.SpentS = (r.spent + time.Since(r.begin)).Seconds()
		if err := writeRun(r.dir, r.run); err != nil && r.stopped == nil {
			r.stopped = err
		}
	}
}

// experiment runs one of them. What fails in it is said, and kept in r.failed.
func (r *runner) experiment(ctx context.Context, at int, t task, s share) {
	fail := func(err error) {
		switch {
		case ctx.Err() != nil:
		case noRoom(err):
			r.stopped = fmt.Errorf("%s: %w", t.name, err)
		default:
			r.fail("%s: %v", t.name, err)
		}
	}
	cfg, err := r.config(t, s)
	if err != nil {
		fail(err)
		return
	}
	if err := cfg.Validate(); err != nil { // which adds the A/A arm: it has an executable of its own
		fail(err)
		return
	}
	bin, remove, err := r.x.copies(cfg)
	if err != nil {
		fail(err)
		return
	}
	cfg.Bin, cfg.Events = bin, r.events(at, t)
	r.show(campaign.Event{Kind: campaign.Notice, Text: fmt.Sprintf("experiment %d of %d, %s: %s", at+1, len(r.tasks), t.name, t.asks)})
	report, err := r.carry(ctx, cfg)
	if err = errors.Join(err, remove()); err != nil {
		fail(err)
	}
	for _, text := range report.Failures {
		r.failed = append(r.failed, t.name+": "+text) // it was said when it happened
	}
	if report.Status == campaign.Complete && report.Blocks < s.blocks && r.stopped == nil {
		r.run.Notes = append(r.run.Notes, fmt.Sprintf("%s: %d of %d blocks", t.name, report.Blocks, s.blocks))
	}
}

// config is the campaign of a task: a new one, or what an earlier run left unfinished.
func (r *runner) config(t task, s share) (campaign.Config, error) {
	cfg, out := t.cfg, filepath.Join(r.dir, t.name)
	had := r.before(t)
	if had.status != "" {
		var err error
		if cfg, err = campaign.Resume(out); err != nil {
			return cfg, err
		}
		s.budget = min(s.budget, t.cost.full(max(1, s.blocks-had.whole)))
	} else {
		// What is there was claimed by a campaign that ended before it began.
		if err := os.Remove(filepath.Join(out, manifestName)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return cfg, err
		}
		cfg.Blocks = s.blocks
	}
	cfg.Out, cfg.Budget, cfg.Spare, cfg.Abort = out, s.budget, s.spare, r.abort
	cfg.Command, cfg.Git = r.run.Command, r.source.Git
	for i, target := range cfg.Targets {
		if len(target.Command) > 0 && target.Dir == "" {
			cfg.Targets[i].Dir = r.source.Root // where the files that it names are
		}
	}
	return cfg, nil
}

// later is what is planned for after a task.
func (r *runner) later(at int) time.Duration { return total(r.shares[at+1:]) }

// events shows what a campaign tells as a part of the whole: the time left is that to the end of all experiments.
func (r *runner) events(at int, t task) func(campaign.Event) {
	later := r.later(at)
	return func(e campaign.Event) {
		switch e.Kind {
		case campaign.Planned, campaign.Notice, campaign.Failure:
			e.Text = t.name + ": " + e.Text
		case campaign.Calibrating, campaign.Rotating:
			if e.Workload != t.name {
				e.Workload = t.name + " " + e.Workload
			}
		}
		e.Elapsed = time.Since(r.begin)
		e.Left += later
		r.show(e)
	}
}

// fail says what failed, and keeps it.
func (r *runner) fail(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	r.failed = append(r.failed, text)
	r.show(campaign.Event{Kind: campaign.Failure, Text: text})
}
