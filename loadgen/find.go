package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/figure"
	"modelbench/loadgen/live"
	"modelbench/loadgen/record"
	"modelbench/loadgen/search"
	"modelbench/loadgen/slo"
)

// --find-max looks for the highest rate that meets an objective. Each step is a load of
// its own at a constant rate (or a Poisson process of one), so the connections are made
// anew and nothing is left in line from a step that was too much.

const (
	// findWarmup is the longest warm-up of a step: the server has been warm since the first.
	findWarmup = 500 * time.Millisecond
	// findConfirm is how many times longer than the others a confirming run is.
	findConfirm = 5
	// findMargin is how many more requests a step is planned with than its quantiles need.
	findMargin = 1.2
	// findLongest bounds a step that a low rate and a high quantile make long.
	findLongest = 5 * time.Minute
)

// A finding is what a search came to.
type finding struct {
	objective slo.Objective
	result    search.Result
}

// run puts the load on: one run, or those of a search.
func (j *job) run(ctx context.Context, progress io.Writer) (*engine.Report, *finding, error) {
	if !j.wanted.IsZero() {
		if j.flags.Progress == live.None {
			progress = io.Discard
		}
		found, rep, err := j.find(ctx, j.wanted, progress)
		return rep, found, err
	}
	rep, err := j.load(ctx, j.plan, progress)
	return rep, nil, err
}

// find searches, and returns what it found with the report of the last confirming run, or
// of the last run of all if there was none.
func (j *job) find(ctx context.Context, objective slo.Objective, progress io.Writer) (*finding, *engine.Report, error) {
	began := time.Now()
	start, err := j.startOfSearch(ctx, progress)
	if err != nil {
		return nil, nil, err
	}
	s, err := search.New(search.Config{Start: start, Max: maxFound, Run: j.plan.Duration / findConfirm, Confirm: j.plan.Duration})
	if err != nil {
		return nil, nil, err
	}
	var shown *attempt
	for {
		step, more := s.Next()
		if !more || ctx.Err() != nil {
			break
		}
		a, err := j.attempt(ctx, objective, step, progress)
		if err != nil {
			return nil, nil, fmt.Errorf("load of %s requests/s: %w", plain(step.Rate), err)
		}
		if a.report.Interrupted {
			break
		}
		fmt.Fprintf(progress, "%8s  %10s requests/s for %v: %s\n", figure.Clock(time.Since(began)), plain(step.Rate), a.report.Plan.Duration.Round(time.Millisecond), a.said)
		s.Observe(a.outcome)
		if shown == nil || step.Confirming || !shown.step.Confirming {
			shown = a
		}
	}
	if shown == nil {
		return nil, nil, errors.New("interrupted before any load of the search was over")
	}
	j.servers = shown.servers
	shown.report.Interrupted = ctx.Err() != nil
	return &finding{objective, s.Result()}, shown.report, nil
}

// maxFound is the highest rate that is looked for.
const maxFound = 1e7

// startOfSearch returns the rate to begin with: --rate, or half of what the server does in
// a short closed loop, which is near the answer for many an objective.
func (j *job) startOfSearch(ctx context.Context, progress io.Writer) (float64, error) {
	if j.plan.Rate > 0 {
		return min(j.plan.Rate, maxFound), nil
	}
	began := time.Now()
	p := j.plan
	p.Rate, p.Poisson, p.Spin = 0, false, 0
	p.Duration, p.Warmup = time.Second, min(p.Warmup, findWarmup)
	rep, err := j.load(ctx, p, progress)
	if err != nil {
		return 0, err
	}
	s := &rep.Targets[0]
	fmt.Fprintf(progress, "%8s  %10s requests/s in a closed loop of %v: the search begins at half of it\n",
		figure.Clock(time.Since(began)), plain(fourDigits(s.Throughput())), p.Duration)
	return min(max(fourDigits(s.Throughput()/2), 1), maxFound), nil
}

// An attempt is one load of a search.
type attempt struct {
	step    search.Step
	report  *engine.Report
	servers *servers // what the processes of --pid used in it
	outcome search.Outcome
	said    string // for people
}

// attempt makes one load and judges it.
func (j *job) attempt(ctx context.Context, objective slo.Objective, step search.Step, progress io.Writer) (*attempt, error) {
	runtime.GC() // of the attempt before, while no load is running
	a := &attempt{step: step}
	var err error
	if a.servers, err = newServers(j.flags.PID, j.targets); err != nil {
		return nil, err
	}
	p := j.plan
	p.Rate, p.Warmup, p.Probe = step.Rate, min(p.Warmup, findWarmup), a.servers
	needed := time.Duration(findMargin * float64(objective.Needs()) / step.Rate * float64(time.Second))
	p.Duration = max(step.Duration, min(needed, findLongest))
	if a.report, err = j.load(ctx, p, progress); err != nil {
		return nil, err
	}
	a.judge(objective)
	return a, nil
}

// judge says whether the objective was met, or why that cannot be told.
func (a *attempt) judge(objective slo.Objective) {
	s := &a.report.Targets[0]
	verdict, reason := s.Judge(evidence(a.report, 0, a.servers))
	result := objective.Evaluate(s)
	// Of what was due, since random arrivals are now more and now fewer; and one may always
	// be due just before the end and leave after it.
	left := min(1, (float64(s.Left)+1)/(float64(s.Due)+1))
	a.outcome = search.Outcome{Met: result.Outcome == slo.Met, Rate: left * a.step.Rate}
	// Latency counts the generator's own lateness. An objective that is met in spite of it
	// is met; one that is not may have been missed because of it.
	failed := !a.outcome.Met || a.outcome.Rate < search.Achieved*a.step.Rate
	a.outcome.Limited = failed && (verdict == record.ClientBound || verdict == record.Lagging)
	var figures []string
	for _, c := range result.Checks {
		figures = append(figures, c.Figure)
	}
	a.said = strings.Join(figures, ", ")
	switch o := a.outcome; {
	case o.Limited:
		a.said += fmt.Sprintf(": cannot be told: %s: %s", verdict, reason)
	case o.Rate < search.Achieved*a.step.Rate:
		a.said += fmt.Sprintf(": not met: only %s requests/s were sent", plain(fourDigits(o.Rate)))
	case o.Met:
		a.said += ": met"
	default:
		a.said += ": not met"
	}
	if a.step.Confirming {
		a.said += " (confirming run)"
	}
}

// write prints what a search found, for people.
func (f *finding) write(w io.Writer) {
	r := &f.result
	switch {
	case r.Rate == 0:
		fmt.Fprintf(w, "Highest rate that meets %s: none was found\n", f.objective)
	case r.LowerBound:
		fmt.Fprintf(w, "Highest rate that meets %s: at least %s requests/s%s\n", f.objective, plain(r.Rate), f.above())
	default:
		fmt.Fprintf(w, "Highest rate that meets %s: %s requests/s%s\n", f.objective, plain(r.Rate), f.above())
	}
	if r.Rate > 0 && r.Confirmed {
		fmt.Fprintf(w, "  confirmed by a longer run, which is the one below; %d runs in all\n", len(r.Runs))
	}
	for _, doubt := range r.Doubts {
		fmt.Fprintf(w, "  %s\n", doubt)
	}
	fmt.Fprintln(w)
}

// above words what is known of the rate above the answer. A run that the generator was the
// limit of has shown nothing of the server.
func (f *finding) above() string {
	r := &f.result
	if r.Above == 0 {
		return ""
	}
	runs, untold := 0, 0
	for _, run := range r.Runs {
		if run.Step.Rate == r.Above {
			runs++
			if run.Limited {
				untold++
			}
		}
	}
	switch {
	case r.LowerBound:
		return fmt.Sprintf("; whether %s do cannot be told", plain(r.Above))
	case untold > 0:
		return fmt.Sprintf("; %s do not meet it (%d of %d runs cannot be told)", plain(r.Above), untold, runs)
	}
	return fmt.Sprintf("; %s do not meet it", plain(r.Above))
}
