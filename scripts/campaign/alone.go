package campaign

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"modelbench/results/histlog"
	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

// A workload that stands alone is for what a stall, a fault or a single burst does: in a rotation that would strike the slices
// of others. Its targets are loaded one after the other, in random order, by a loadgen of their own:
//
//	|start| warmup |------ measure ------|drain|stop|   then the next target
//	      `------------- companions ----------'
//
// start and stop are of workloads with Fresh; others load the block's server. A trial is in the file before the next begins.

// alone loads the targets of one workload one by one. What it returns is in the file, beside an error too.
func (r *runner) alone(ctx context.Context, servers []*server, rot Rotation, block, workload int) (done []trial.Trial, err error) {
	targets := slices.DeleteFunc(r.cfg.parts(rot.Workload), func(t Target) bool { return r.leftOut[cell{t.Name, rot.Workload.Name}] })
	each := rotation(rot.Workload, 1, 1)
	for _, i := range aloneOrder(r.cfg.Seed, block, workload, len(targets)) {
		trials, err := r.solo(ctx, targets[i], servers, each, block, workload)
		done = append(done, trials...)
		if err != nil {
			return done, err
		}
	}
	r.ahead -= time.Duration(rot.Targets-len(targets)) * each.Expected
	return done, nil
}

// solo is one trial of one target. Only what must end the campaign, or the block, is an error.
func (r *runner) solo(ctx context.Context, t Target, servers []*server, each Rotation, block, workload int) ([]trial.Trial, error) {
	w := each.Workload
	where := fmt.Sprintf("block %d, %s, %s", block, w.Name, t.Name)
	r.emit(Event{Kind: Rotating, Block: block, Workload: w.Name, Target: t.Name}, each.Expected)
	r.place++
	if w.probes(t) {
		return r.probe(ctx, t, servers, each, block)
	}
	s, err := r.serverOf(ctx, t, w, servers, where)
	if s == nil || err != nil {
		return nil, err
	}
	if w.Fresh {
		defer r.stopAll([]*server{s})
	}
	ld := load{Rotation: each, rate: r.rates[w.Name].RPS, seed: loadgenSeed(r.cfg.Seed, block, workload), servers: []*server{s},
		measured: filepath.Join(r.cfg.Out, measuredName), latencies: filepath.Join(r.cfg.Out, latenciesName)}
	if w.studied() {
		ld.report = filepath.Join(r.cfg.Out, reportName)
	}
	beside := r.companions(w, s)
	out, env, err := r.accompanied(ctx, ld, beside)
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	up := w.Fault != (spec.Injection{}) || len(r.stillUp([]*server{s}, "in "+where)) == 1
	row, measured := out.rows[t.Name]
	if err != nil {
		r.report.Trouble.count(env, nil)
		return nil, r.lost(where, err, !up)
	}
	if !measured {
		r.fail("%s: loadgen wrote no trial", where)
		return nil, nil
	}
	if out.doubt != nil {
		if err := r.lost(where, out.doubt, true); err != nil {
			return nil, err
		}
	}
	if w.studied() && w.Fault == (spec.Injection{}) {
		judgeStudied(&row, out.own)
	}
	r.complete(&row, s, w, block, r.place, env)
	for _, c := range beside {
		c.fill(&row, out.own)
	}
	var latencies []histlog.Entry
	if e, measured := out.latencies[t.Name]; measured {
		e.TrialID = row.TrialID
		latencies = append(latencies, e)
	}
	done := []trial.Trial{row}
	if err := r.record(block, w.Name, env, done, latencies); err != nil {
		return nil, err
	}
	return done, nil
}

// serverOf is the server that a trial loads: one of the block's, or a fresh one. nil: there is none, which was reported.
func (r *runner) serverOf(ctx context.Context, t Target, w Workload, servers []*server, where string) (*server, error) {
	if w.Fresh {
		if w.Fault != (spec.Injection{}) {
			t = t.fallible()
		}
		fresh, err := r.startThose(ctx, []Target{t}, where)
		if len(fresh) == 0 {
			return nil, err
		}
		if err != nil {
			r.stopAll(fresh)
			return nil, err
		}
		return fresh[0], nil
	}
	at := slices.IndexFunc(servers, func(s *server) bool { return s.target.Name == t.Name })
	if at < 0 {
		return nil, nil // it did not come up
	}
	if len(r.stillUp(servers[at:at+1], "before "+where)) == 0 {
		return nil, nil
	}
	return servers[at], nil
}

// A companion is what happens beside a load that stands alone, from before it begins until after it has ended. It may change
// the load before that.
type companion interface {
	// begin is called before the load. An error is for what no server can be blamed for: nothing is measured then.
	begin(ctx context.Context, ld *load) error
	// end is called after the load, whatever became of it, if begin was called. It leaves no process behind.
	end(ctx context.Context) error
	// fill adds what was found to a trial that is otherwise complete. It may say that it is not valid. own is what the load's report
	// says of a studied workload.
	fill(t *trial.Trial, own ownPart)
}

// companions are those of a workload, in the order in which they begin. They end in the opposite one.
func (r *runner) companions(w Workload, s *server) []companion {
	var all []companion
	if w.Count {
		all = append(all, &count{server: s})
	}
	if w.Heavy != (spec.Heavy{}) {
		all = append(all, &heavies{runner: r, workload: w, server: s})
	}
	if w.Fault != (spec.Injection{}) {
		all = append(all, &fault{runner: r, workload: w, server: s})
	}
	return all
}

// accompanied carries a load out with what happens beside it.
func (r *runner) accompanied(ctx context.Context, ld load, beside []companion) (out outcome, env environment, err error) {
	env.calib[0] = kernelTime()
	begun := 0
	for _, c := range beside {
		begun++
		if err = c.begin(ctx, &ld); err != nil {
			break
		}
	}
	if err == nil {
		out, err = ld.run(ctx, r.abort, r.loaders, r.cfg.Bin)
	}
	for _, c := range slices.Backward(beside[:begun]) {
		err = errors.Join(err, c.end(ctx))
	}
	env.mhz = frequency() // before the kernel makes the CPUs work again
	env.calib[1] = kernelTime()
	return out, env, err
}
