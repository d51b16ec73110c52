package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

// fakeRun is a run of these tasks in which campaigns are not carried out but do what carry says, by the task's name. It
// leaves a manifest of the status behind, as a campaign does, and takes its whole budget by the runner's clock.
func fakeRun(t *testing.T, budget time.Duration, names []string, carry func(name string) (campaign.Status, error)) (r *runner, said *bytes.Buffer, ran *[]string) {
	t.Helper()
	said, ran = &bytes.Buffer{}, &[]string{}
	r = &runner{command: command{stderr: said, stdout: said}, dir: t.TempDir(), tasks: tasksNamed(t, names...),
		x: executables{dir: t.TempDir()}, begin: time.Now(), budget: budget, show: func(campaign.Event) {}}
	r.carry = func(_ context.Context, cfg campaign.Config) (campaign.Report, error) {
		name := filepath.Base(cfg.Out)
		*ran = append(*ran, name)
		r.begin = r.begin.Add(-cfg.Budget - between) // the time that it would have taken
		status, err := carry(name)
		leave(t, r.dir, name, status, 3)
		return campaign.Report{Status: status, Blocks: 3}, err
	}
	return r, said, ran
}

// leave writes the manifest of a campaign.
func leave(t *testing.T, dir, name string, status campaign.Status, whole int) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Join(dir, name), 0o755))
	text, err := json.Marshal(campaign.Manifest{Status: status, WholeBlocks: whole})
	must(t, err)
	must(t, os.WriteFile(filepath.Join(dir, name, manifestName), text, 0o644))
}

func dropped(r *runner) (names []string) {
	for _, d := range r.run.Dropped {
		names = append(names, d.Experiment)
	}
	return names
}

func fine(string) (campaign.Status, error) { return campaign.Complete, nil }

// What fails costs its own experiment, and the exit code.
func TestOneFails(t *testing.T) {
	t.Parallel()
	r, _, ran := fakeRun(t, time.Hour, []string{"a", "b", "c"}, func(name string) (campaign.Status, error) {
		if name == "b" {
			return campaign.Failed, errors.New("no workload is left to measure")
		}
		return campaign.Complete, nil
	})
	r.plan()
	r.experiments(t.Context())
	err := r.finish(t.Context())
	if want := []string{"a", "b", "c"}; !slices.Equal(*ran, want) {
		t.Errorf("ran %q, want %q", *ran, want)
	}
	if err == nil || !strings.HasPrefix(err.Error(), "1 thing failed: see above") || r.run.Status != claims.Failed || !slices.Equal(r.run.Failures, []string{"b: no workload is left to measure"}) {
		t.Errorf("%v, run %+v", err, r.run)
	}
}

// Without room nothing that follows can be measured either, and it is said once.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	r, _, ran := fakeRun(t, time.Hour, []string{"a", "b", "c"}, func(name string) (campaign.Status, error) {
		if name == "b" {
			return campaign.Failed, fmt.Errorf("append: %w", syscall.ENOSPC)
		}
		return campaign.Complete, nil
	})
	r.plan()
	r.experiments(t.Context())
	err := r.finish(t.Context())
	if !slices.Equal(*ran, []string{"a", "b"}) || !slices.Equal(dropped(r), []string{"c"}) {
		t.Errorf("ran %q, dropped %q", *ran, dropped(r))
	}
	if err == nil || strings.Count(err.Error(), "no space left") != 1 {
		t.Errorf("%v", err)
	}
}

// What a deadline costs is named: on standard error when it is planned, and in run.json.
func TestDeadline(t *testing.T) {
	t.Parallel()
	r, said, ran := fakeRun(t, 0, []string{"a", "b", "p", "d"}, fine)
	full := r.tasks[0].cost.full(12) + between
	r.budget = judging + 2*full + time.Second
	r.plan()
	r.experiments(t.Context())
	must(t, r.finish(t.Context()))
	if !slices.Equal(*ran, []string{"a", "b"}) || !slices.Equal(dropped(r), []string{"p", "d"}) {
		t.Errorf("ran %q, dropped %q", *ran, dropped(r))
	}
	for _, want := range []string{"2 experiments in about ", "no time for p, which takes ", "no time for d, which takes "} {
		if !strings.Contains(said.String(), want) {
			t.Errorf("%q is not in %q", want, said)
		}
	}
	r, _, ran = fakeRun(t, judging+full/4, []string{"a", "p"}, fine)
	r.tasks[1].name = "python/p"
	r.plan()
	r.experiments(t.Context())
	if len(*ran) > 0 || len(r.run.Dropped) != 2 || r.run.Dropped[1] != (claims.Dropped{Experiment: "p", Python: true, Why: r.run.Dropped[1].Why}) ||
		!strings.HasPrefix(r.run.Dropped[0].Why, "no time was left: ") {
		t.Errorf("ran %q, dropped %+v", *ran, r.run.Dropped)
	}
}

// A signal keeps what is there and names what is not.
func TestStopped(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	r, _, ran := fakeRun(t, time.Hour, []string{"a", "b", "c"}, func(name string) (campaign.Status, error) {
		if name == "b" {
			stop()
			return campaign.Interrupted, context.Canceled
		}
		return campaign.Complete, nil
	})
	r.plan()
	r.experiments(ctx)
	must(t, r.finish(ctx))
	on, err := readRun(r.dir)
	must(t, err)
	if !slices.Equal(*ran, []string{"a", "b"}) || !slices.Equal(dropped(r), []string{"c"}) || on.Status != claims.Interrupted || len(on.Failures) != 0 {
		t.Errorf("ran %q, run.json %+v", *ran, on)
	}
}

// What is complete is kept, what was claimed and never begun is begun.
func TestTakenUp(t *testing.T) {
	t.Parallel()
	r, said, ran := fakeRun(t, time.Hour, []string{"a", "b", "c"}, fine)
	leave(t, r.dir, "a", campaign.Complete, 12)
	must(t, os.Mkdir(filepath.Join(r.dir, "b"), 0o755))
	must(t, os.WriteFile(filepath.Join(r.dir, "b", manifestName), nil, 0o644))
	r.plan()
	r.experiments(t.Context())
	if !slices.Equal(*ran, []string{"b", "c"}) || len(r.failed) > 0 || !strings.HasPrefix(said.String(), "2 experiments in about ") {
		t.Errorf("ran %q, failed %q\n%s", *ran, r.failed, said)
	}
}

// What the events of a campaign tell becomes a part of the whole.
func TestEvents(t *testing.T) {
	t.Parallel()
	r, _, _ := fakeRun(t, time.Hour, []string{"a", "b"}, fine)
	r.plan()
	var got []campaign.Event
	r.show = func(e campaign.Event) { got = append(got, e) }
	show := r.events(0, r.tasks[0])
	show(campaign.Event{Kind: campaign.Notice, Text: "x"})
	show(campaign.Event{Kind: campaign.Rotating, Workload: "w", Left: time.Second, Step: time.Second})
	show(campaign.Event{Kind: campaign.Rotating, Workload: "a"})
	if later := r.shares[1].budget + between; got[0].Text != "a: x" || got[1].Workload != "a w" || got[2].Workload != "a" ||
		got[1].Left != time.Second+later || got[1].Step != time.Second {
		t.Errorf("%+v", got)
	}
}

func TestFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	lock, err := lockFolder(dir, false)
	must(t, err)
	if _, err := lockFolder(dir, false); err == nil || !strings.Contains(err.Error(), "the claims are being tested in "+dir+" just now") {
		t.Errorf("a second one: %v", err)
	}
	if _, err := lockFolder(dir, true); err == nil || !strings.HasPrefix(err.Error(), "--resume: the claims are being tested") {
		t.Errorf("a second one, to resume: %v", err)
	}
	must(t, writeRun(dir, claims.Run{Seed: 5, Status: claims.Running, Asked: &claims.Asked{}}))
	must(t, lock.Close())
	if _, err := lockFolder(dir, false); err == nil || !strings.HasSuffix(err.Error(), "or go on with the run in it: --resume "+dir) {
		t.Errorf("over another: %v", err)
	}
	if run, err := takenUp(dir); err != nil || run.Seed != 5 { // of one that was killed
		t.Errorf("%+v, %v", run, err)
	}
	for _, tt := range []struct {
		run  claims.Run
		says string
	}{
		{claims.Run{Status: claims.Finished, Asked: &claims.Asked{}}, "is complete"},
		{claims.Run{Status: claims.Failed}, "does not say what was asked for"},
	} {
		must(t, writeRun(dir, tt.run))
		if _, err := takenUp(dir); err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%+v: %v", tt.run, err)
		}
	}
	// What was dropped can be had with more time.
	must(t, writeRun(dir, claims.Run{Status: claims.Finished, Asked: &claims.Asked{}, Dropped: []claims.Dropped{{Experiment: "a"}}}))
	_, err = takenUp(dir)
	must(t, err)
}

func TestOtherExecutable(t *testing.T) {
	t.Parallel()
	then := map[string]string{"goroutine": "1", "prefork": "2"}
	for _, tt := range []struct {
		now  map[string]string
		want string
	}{
		{map[string]string{"goroutine": "1", "prefork": "2", "eventloop": "3"}, ""},
		{map[string]string{"goroutine": "1", "prefork": "3"}, "the executable of prefork is not the one that the run began with"},
		{map[string]string{"goroutine": "1"}, ""}, // nothing is left that runs it
	} {
		if got := otherExecutable(then, tt.now); got != tt.want && !(tt.want != "" && strings.HasPrefix(got, tt.want)) {
			t.Errorf("%v: %q, want %q", tt.now, got, tt.want)
		}
	}
}
