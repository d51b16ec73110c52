package campaign

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"

	"modelbench/results/trial"
)

// calibrate finds the rates of the fixed-rate workloads: a short closed loop each,
// on servers of its own.
func (r *runner) calibrate(ctx context.Context) error {
	for _, w := range r.cfg.Workloads {
		if _, found := r.rates[w.Name]; w.Rate.RPS > 0 && !found {
			rate := Rate{Workload: w.Name, RPS: w.Rate.RPS}
			r.rates[w.Name] = rate
			r.manifest.Rates = append(r.manifest.Rates, rate)
		}
	}
	if len(r.plan.Calibrate) == 0 {
		return nil
	}
	targets := slices.DeleteFunc(models(r.cfg.Targets), func(t Target) bool {
		return !slices.ContainsFunc(r.plan.Calibrate, func(c Rotation) bool { return c.Workload.loads(t) })
	})
	servers, err := r.startAll(ctx, targets, "calibration")
	defer r.stopAll(servers)
	if err != nil {
		return err
	}
	r.preflight(ctx, servers)
	for i, c := range r.plan.Calibrate {
		name := c.Workload.Name
		r.emit(Event{Kind: Calibrating, Workload: name}, c.Expected)
		up := r.serving(r.stillUp(servers, "before the calibration of "+name), c.Workload)
		ld := load{Rotation: c, seed: loadgenSeed(r.cfg.Seed, 0, i), servers: up,
			measured: filepath.Join(r.cfg.Out, measuredName)}
		rate, err := r.findRate(ctx, ld)
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			if noRoom := probeRoom(r.cfg.Out); full(noRoom) {
				return fmt.Errorf("calibration of %s: no room in %s for what loadgen measures: %w", name, r.cfg.Out, noRoom)
			}
			r.skipped[name] = true
			r.fail("calibration: %v; %s is left out", err, name)
			continue
		}
		r.rates[name] = rate
		r.manifest.Rates = append(r.manifest.Rates, rate)
		r.emit(Event{Kind: Notice, Text: rate.String()}, 0)
		if apart := rate.farApart(); apart != "" {
			r.note("%s", apart)
		}
	}
	r.ahead -= restartCost
	return r.manifest.write(r.cfg.Out)
}

// findRate carries one calibration out. A server that ended in it says nothing about its capacity; it is started anew with the first block.
// One that is still up and gave no usable result has no part in the workload: the rate would be none for it.
func (r *runner) findRate(ctx context.Context, ld load) (Rate, error) {
	var out outcome
	var err error
	if len(ld.servers) > 0 {
		out, err = ld.run(ctx, r.abort, r.loaders, r.cfg.Bin)
	}
	if ctx.Err() != nil {
		return Rate{}, err
	}
	up := r.stillUp(ld.servers, "in the calibration of "+ld.Workload.Name)
	if err != nil {
		return Rate{}, err
	}
	usable := map[string]trial.Trial{}
	for _, s := range up {
		row, measured := out.rows[s.target.Name]
		if why := uncalibrated(row, measured); why != "" {
			r.leaveOutUncalibrated(s.target, ld.Workload, why)
		} else {
			usable[s.target.Name] = row
		}
	}
	return chooseRate(ld.Workload, usable)
}

// uncalibrated says why a row tells no capacity; empty: it does. Other verdicts than errors mean that it is less
// certain, as it always is in so short a time.
func uncalibrated(row trial.Trial, measured bool) string {
	rps, reached := row.ThroughputRPS.Get()
	switch {
	case !measured:
		return "loadgen wrote no trial"
	case row.Verdict == trial.VerdictErrors:
		return row.Verdict + ": " + row.VerdictReason
	case reached && rps > 0 && row.Completed.Or(0) > 0:
		return ""
	case row.VerdictReason != "":
		return row.Verdict + ": " + row.VerdictReason
	}
	return "nothing completed"
}

// leaveOutUncalibrated leaves a target out of a workload, and its A/A arm with it.
func (r *runner) leaveOutUncalibrated(t Target, w Workload, why string) {
	for _, each := range r.cfg.Targets {
		if of, _ := (trial.Trial{Target: each.Name, Variant: each.Variant}).Again(); each.Name == t.Name || of == t.Name {
			r.leaveOut(LeftOut{Target: each.Name, Workload: w.Name, Why: fmt.Sprintf("could not be calibrated (%s)", why), Uncalibrated: true})
		}
	}
}
