package campaign

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"modelbench/results/histlog"
	"modelbench/results/trial"
)

// block runs one block; an error means that it is not whole.
func (r *runner) block(ctx context.Context, block int, rotations []Rotation) error {
	r.current = block
	r.ahead = time.Duration(r.blocks-block+1) * blockCost(rotations)
	servers, err := r.startShared(ctx, block)
	defer r.stopAll(servers) // in case of a panic; it does nothing the second time
	if err != nil {
		return err
	}
	var trials []trial.Trial
	r.place = 0
	for _, i := range Order(r.cfg.Seed, block, len(rotations)) {
		if r.skipped[rotations[i].Workload.Name] {
			r.ahead -= rotations[i].Expected
			continue
		}
		load := r.rotate
		if rotations[i].Workload.Alone {
			load = r.alone
		}
		done, err := load(ctx, servers, rotations[i], block, i)
		trials = append(trials, done...)
		if err != nil {
			return err
		}
	}
	r.stopAll(servers)
	r.report.Blocks++
	r.report.Trials = append(r.report.Trials, trials...)
	r.report.Loose -= len(trials)
	m := r.manifest
	m.Whole, m.WholeBlocks, m.Trouble = append(m.Whole, block), r.report.Blocks, r.report.Trouble
	m.SpentS = (r.spent + time.Since(r.begin)).Seconds()
	return m.write(r.cfg.Out) // should we be killed
}

// shared tells whether the target serves whole blocks: for a workload that does not have fresh servers.
func (r *runner) shared(t Target) bool {
	return !t.Probe && slices.ContainsFunc(r.cfg.Workloads, func(w Workload) bool { return !w.Fresh && !r.skipped[w.Name] && w.loads(t) })
}

// startShared starts what serves the whole block, if anything does, and asks those for one reply to each workload that have not
// been asked yet.
func (r *runner) startShared(ctx context.Context, block int) ([]*server, error) {
	targets := slices.DeleteFunc(slices.Clone(r.cfg.Targets), func(t Target) bool { return !r.shared(t) })
	if len(targets) == 0 {
		r.emit(Event{Kind: BlockBegins, Block: block}, 0)
		return nil, nil
	}
	r.emit(Event{Kind: BlockBegins, Block: block}, restartCost)
	servers, err := r.startAll(ctx, targets, fmt.Sprintf("block %d", block))
	if err != nil {
		return servers, err
	}
	r.preflight(ctx, servers)
	if ctx.Err() != nil {
		return servers, context.Cause(ctx)
	}
	return servers, nil
}

// examine asks targets that have a fresh server for each trial for one reply to each workload, in servers for that alone.
func (r *runner) examine(ctx context.Context) error {
	targets := slices.DeleteFunc(slices.Clone(r.cfg.Targets), func(t Target) bool { return t.Probe || r.shared(t) || r.asked[t.Name] })
	if len(targets) == 0 {
		return nil
	}
	servers, err := r.startThose(ctx, targets, "before the first block")
	r.preflight(ctx, servers)
	r.stopAll(servers)
	r.ahead -= restartCost
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// rotate loads all targets that are up with one workload and appends their trials.
// Only what must end the campaign is an error.
func (r *runner) rotate(ctx context.Context, servers []*server, rot Rotation, block, workload int) ([]trial.Trial, error) {
	name := rot.Workload.Name
	r.place++
	r.emit(Event{Kind: Rotating, Block: block, Workload: name}, rot.Expected)
	where := fmt.Sprintf("block %d, %s", block, name)
	up := r.serving(r.stillUp(servers, "before "+where), rot.Workload)
	if len(up) == 0 {
		return nil, nil // each of them was reported
	}
	ld := load{Rotation: rot, rate: r.rates[name].RPS, seed: loadgenSeed(r.cfg.Seed, block, workload), servers: up,
		measured: filepath.Join(r.cfg.Out, measuredName), latencies: filepath.Join(r.cfg.Out, latenciesName)}
	env := environment{calib: [2]float64{kernelTime()}}
	out, err := ld.run(ctx, r.abort, r.loaders, r.cfg.Bin)
	env.mhz = frequency() // before the kernel makes the CPUs work again
	env.calib[1] = kernelTime()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	allUp := len(r.stillUp(up, "in "+where)) == len(up)
	if err != nil {
		r.report.Trouble.count(env, nil)
		return nil, r.lost(where, err, !allUp)
	}
	if out.doubt != nil { // latencies alone are missing: the trials stay
		if err := r.lost(where, out.doubt, true); err != nil {
			return nil, err
		}
	}
	var done []trial.Trial
	var latencies []histlog.Entry
	for _, s := range up {
		t, measured := out.rows[s.target.Name]
		if !measured {
			r.fail("%s: loadgen wrote no trial for %s", where, s.target.Name)
			continue
		}
		r.complete(&t, s, rot.Workload, block, r.place, env)
		done = append(done, t)
		if e, measured := out.latencies[s.target.Name]; measured {
			e.TrialID = t.TrialID
			latencies = append(latencies, e)
		}
	}
	if err := r.record(block, name, env, done, latencies); err != nil {
		return nil, err
	}
	return done, nil
}

// record puts trials into the file and tells of them.
func (r *runner) record(block int, workload string, env environment, done []trial.Trial, latencies []histlog.Entry) error {
	r.report.Trouble.count(env, done)
	// Histograms first: a trial that is in its file has one, whenever we are killed.
	if err := histlog.Append(filepath.Join(r.cfg.Out, histogramsName), r.begin, latencies...); err != nil {
		return err
	}
	if err := trial.Append(r.report.CSV, done...); err != nil {
		return err
	}
	r.report.Loose += len(done) // until the block is whole
	for _, t := range done {
		r.manifest.Verdicts[t.Verdict]++
	}
	r.emit(Event{Kind: Measured, Block: block, Workload: workload, Trials: done}, 0)
	return nil
}
