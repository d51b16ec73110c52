package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/rig"
)

// An idleRow is what idle connections did to one server.
type idleRow struct {
	server       string
	n            int
	before, with settled
	trials       []trial.Trial // of the active connections, without and with the idle ones; a pair is a block
}

// lagRetries is how often a latency is measured again because loadgen itself was late. The
// cause of that is the machine; what the server may be the cause of is never tried again.
const lagRetries = 2

// idle measures one server after another and prints the table.
func (b *bench) idle(ctx context.Context) error {
	servers := b.serving("HTTP", func(s rig.Server) bool { return s.HTTP })
	n, bound := b.idleConnections()
	if bound != "" {
		b.say("%s", bound)
	}
	t := idleTable{n: n, flags: b.flags}
	var failed error
	for i, s := range servers {
		b.say("idle: %s, server %d of %d", s.Name, i+1, len(servers))
		row, err := b.idleServer(ctx, s, n)
		if ctx.Err() != nil {
			failed = errors.Join(failed, context.Cause(ctx))
			break
		}
		if err != nil { // the others can still be measured
			b.say("idle: %s is left out, for a reason given at the end", s.Name)
			failed = errors.Join(failed, fmt.Errorf("%s: %w", s.Name, err))
			continue
		}
		t.rows = append(t.rows, row)
	}
	if len(t.rows) == 0 {
		return failed
	}
	return errors.Join(failed, t.write(b.out))
}

// An idler is a server with idle connections, or without.
type idler struct {
	*bench
	*rig.Running
	n    int
	held *held // nil: none
	turn int   // how often they were opened
	row  idleRow
}

func (b *bench) idleServer(ctx context.Context, s rig.Server, n int) (row idleRow, err error) {
	defer func() { err = errors.Join(err, b.launch.Stop()) }()
	r, err := b.launch.Up(ctx, s, b.ServerCPU)
	if err != nil {
		return row, err
	}
	i := &idler{bench: b, Running: r, n: n, row: idleRow{server: s.Name, n: n}}
	defer func() {
		if i.held != nil {
			i.held.release() // before the server stops, which would otherwise wait for them
		}
	}()
	if err = i.memory(ctx); err == nil && b.Active > 0 {
		err = i.latency(ctx)
	}
	return i.row, err
}

// memory fills in what the server has before and with the idle connections. What a first
// load makes it allocate once and for all comes before.
func (i *idler) memory(ctx context.Context) (err error) {
	warm := load{mode: "idle", name: "plaintext", pipeline: 1, connections: loadConnections, duration: min(i.Duration, time.Second), seed: 1, unkept: true}
	if _, err = i.load(ctx, warm, []*rig.Running{i.Running}); err != nil {
		return err
	}
	if i.row.before, err = settle(ctx, i.Proc.PID, i.Settle); err != nil {
		return err
	}
	i.row.with, err = i.flip(ctx)
	return err
}

// flip opens the idle connections, or closes them, and waits for the server to settle.
func (i *idler) flip(ctx context.Context) (settled, error) {
	if i.held != nil {
		i.held.release()
		i.held = nil
	} else {
		var err error
		if i.held, err = hold(ctx, i.Addr["http"], i.n, i.turn); err != nil {
			return settled{}, fmt.Errorf("%w; %s", err, i.Proc.Diagnosis())
		}
		i.turn++
	}
	s, err := settle(ctx, i.Proc.PID, i.Settle)
	if err != nil {
		return s, err
	}
	return s, i.check()
}

// check notes connections that are idle no more.
func (i *idler) check() error {
	if i.held == nil {
		return i.Alive()
	}
	lost, err := i.held.lost()
	if err == nil && lost > 0 {
		err = fmt.Errorf("it has closed %d of %d idle connections: %s", lost, i.n, i.Proc.Diagnosis())
	}
	return err
}

// latency measures the active connections in pairs, with and without the idle ones. These
// are open at first, and opened or closed once a pair: with, without; without, with; ...
func (i *idler) latency(ctx context.Context) error {
	rng := rand.New(rand.NewPCG(uint64(i.Seed), 0))
	for pair := 1; pair <= i.Blocks; pair++ {
		i.say("idle: %s, pair %d of %d", i.Name, pair, i.Blocks)
		if err := i.active(ctx, pair, rng.Int64N(1<<31-1)); err != nil {
			return err
		}
		if _, err := i.flip(ctx); err != nil {
			return err
		}
		if err := i.active(ctx, pair, rng.Int64N(1<<31-1)); err != nil {
			return err
		}
	}
	return nil
}

// active measures them once as the idle connections are now, open or not.
func (i *idler) active(ctx context.Context, pair int, seed int64) error {
	ld := load{mode: "idle", name: "plaintext", block: pair, pipeline: 1, connections: i.Active, rate: i.ActiveRate,
		duration: i.ActiveFor, warmup: i.ActiveFor / 4, seed: 1 + seed}
	if i.held != nil {
		ld.idle = i.n
	}
	for range 1 + lagRetries {
		rows, err := i.load(ctx, ld, []*rig.Running{i.Running})
		if err != nil {
			return err
		}
		i.row.trials = append(i.row.trials, rows...)
		if rows[0].Verdict != trial.VerdictLagging {
			break
		}
	}
	return i.check()
}
