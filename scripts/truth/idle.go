package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"modelbench/scripts/rig"
)

// idle runs the same load with and without idle connections beside it, from one process.
// The server says how many are up; the client's memory is the kernel's word.
type idle struct {
	Duration    time.Duration `short:"d" default:"10s" help:"Of either load."`
	Rate        int           `short:"R" default:"1000" help:"Requests per second on the active connections."`
	Idle        int           `default:"15000" help:"Idle connections."`
	Connections int           `short:"c" default:"64" help:"Active connections."`
}

const (
	idleBytes        = 2 << 10 // of the client's memory, for each idle connection, at most
	spareDescriptors = 512     // of a process, beside its connections
)

func (i *idle) check() error {
	switch {
	case i.Idle < 1:
		return usage("--idle", "%d is less than 1", i.Idle)
	case i.Connections < 1:
		return usage("--connections", "%d is less than 1", i.Connections)
	case i.Rate < 1:
		return usage("--rate", "%d is less than 1", i.Rate)
	}
	return atLeast("--duration", i.Duration, time.Second)
}

func (i *idle) title() string {
	return fmt.Sprintf("%d idle connections beside %d active ones, from one process", i.Idle, i.Connections)
}

func (i *idle) measure(ctx context.Context, b *bench) ([]finding, error) {
	limit, err := rig.RaiseDescriptors()
	if err != nil {
		return nil, err
	}
	if need := i.Idle + i.Connections + spareDescriptors; need > limit {
		return nil, fmt.Errorf("a process may have %d descriptors, this needs %d (ulimit -Hn raises it; --idle asks for less)", limit, need)
	}
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	without, err := i.run(ctx, b, server)
	if err != nil {
		return nil, err
	}
	with, err := i.run(ctx, b, server, "--idle", fmt.Sprint(i.Idle))
	if err != nil {
		return nil, err
	}
	each := (float64(with.pss) - float64(without.pss)) / float64(i.Idle)
	up := int64(i.Idle + i.Connections)
	return []finding{
		{what: "connections up, says the server", expected: fmt.Sprint(up), measured: fmt.Sprint(with.open), holds: with.open == up},
		{what: "without idle ones", expected: fmt.Sprint(i.Connections), measured: fmt.Sprint(without.open), holds: without.open == int64(i.Connections)},
		atMost("client memory (PSS) for an idle one", idleBytes, each, "bytes"),
		within("requests answered", float64(i.Rate)*i.Duration.Seconds(), 0.01*float64(i.Rate)*i.Duration.Seconds(), float64(with.requests), ""),
	}, nil
}

// An idleRun is what a load came to.
type idleRun struct {
	peak
	open int64 // connections that the server had at most
}

func (i *idle) run(ctx context.Context, b *bench, server *rig.Running, args ...string) (r idleRun, err error) {
	g := b.newGauge(server)
	defer g.close()
	args = append([]string{"-c", fmt.Sprint(i.Connections), "-R", fmt.Sprint(i.Rate), "-d", i.Duration.String()}, args...)
	l, err := b.start([]string{plaintext(server)}, args...)
	if err != nil {
		return r, err
	}
	ended := make(chan error, 1)
	go func() {
		var err error
		r.peak, err = watch(ctx, l)
		ended <- err
	}()
	open, err := g.most(ctx, l)
	if err = errors.Join(err, <-ended); err != nil {
		return r, err
	}
	r.open = open
	rep, err := b.finish(ctx, l)
	if err = errors.Join(err, server.Alive()); err != nil {
		return r, err
	}
	r.requests = rep.Targets[0].Completed
	return r, nil
}
