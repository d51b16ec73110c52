package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/rig"
)

const (
	pipelined = 16                     // requests outstanding in pipeline
	warmup    = 100 * time.Millisecond // of each server
)

// loads are the rotations of a block, but for what differs between blocks.
func (b *bench) loads(mode string) []load {
	one := load{mode: mode, name: mode, echo: mode == "echo", pipeline: 1, connections: loadConnections, duration: b.Duration, warmup: warmup}
	if mode != "pipeline" {
		return []load{one}
	}
	one.name = "plaintext"
	many := one
	many.pipeline = pipelined
	return []load{one, many}
}

// rotations measures one of the modes in which all servers are up at once, and prints
// its table, of whole blocks if it is cut short.
func (b *bench) rotations(ctx context.Context, mode string) error {
	does, what := func(s rig.Server) bool { return s.HTTP }, "HTTP"
	if mode == "echo" {
		does, what = func(s rig.Server) bool { return s.Echo }, "TCP echo"
	}
	servers := b.serving(what, does)
	if len(servers) == 0 {
		return errors.New("no server is left to measure")
	}
	t := rotationTable{mode: mode, setting: b.setting(), to: b.references(servers)}
	for _, s := range servers {
		t.servers = append(t.servers, s.Name)
	}
	var failed error
	for block := 1; block <= b.Blocks && failed == nil; block++ {
		b.say("%s: block %d of %d", mode, block, b.Blocks)
		rows, err := b.block(ctx, servers, block, b.loads(mode))
		if err == nil {
			t.blocks, t.rows = block, append(t.rows, rows...)
		}
		failed = err
	}
	if t.blocks == 0 {
		return failed
	}
	return errors.Join(failed, t.write(b.out))
}

// block starts all servers, puts each load on them, in random order, and stops them.
func (b *bench) block(ctx context.Context, servers []rig.Server, block int, loads []load) (rows []trial.Trial, err error) {
	defer func() { err = errors.Join(err, b.launch.Stop()) }()
	var up []*rig.Running
	for _, s := range servers {
		r, err := b.launch.Up(ctx, s, b.ServerCPU)
		if err != nil {
			return nil, err
		}
		up = append(up, r)
	}
	rng := rand.New(rand.NewPCG(uint64(b.Seed), uint64(block)))
	loads = slices.Clone(loads)
	rng.Shuffle(len(loads), func(i, j int) { loads[i], loads[j] = loads[j], loads[i] })
	for _, ld := range loads {
		ld.block, ld.seed = block, 1+rng.Int64N(1<<31-1)
		got, err := b.load(ctx, ld, up)
		if err != nil {
			return nil, err
		}
		rows = append(rows, got...)
	}
	return rows, nil
}
