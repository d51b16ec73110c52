package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"modelbench/scripts/rig"
)

// ports takes a network of its own in which an address has few ports to connect from, and
// opens more connections to one port than that. From many addresses (--source) they are
// all up; from one, loadgen says what is the matter.
type ports struct {
	Ports       int           `default:"1000" help:"That an address has in that network."`
	Connections int           `short:"c" default:"4000" help:"Connections to open."`
	Duration    time.Duration `short:"d" default:"2s" help:"Of the loads."`
}

// firstPort is the first of the ports to connect from: above those that servers listen at.
const firstPort = 40000

func (p *ports) check() error {
	switch {
	case p.Ports < 1 || p.Ports > 20000:
		return usage("--ports", "%d is not between 1 and 20000", p.Ports)
	case p.Connections < 2*p.Ports || p.Connections > 100*p.Ports:
		return usage("--connections", "%d is not between 2 and 100 times --ports", p.Connections)
	}
	return atLeast("--duration", p.Duration, time.Second)
}

func (p *ports) title() string {
	return fmt.Sprintf("%d connections to one port, in a network with %d ports for an address", p.Connections, p.Ports)
}

func (p *ports) measure(ctx context.Context, b *bench) ([]finding, error) {
	limit, err := rig.RaiseDescriptors()
	if err != nil {
		return nil, err
	}
	if need := p.Connections + spareDescriptors; need > limit {
		return nil, fmt.Errorf("a process may have %d descriptors, this needs %d (ulimit -Hn raises it; --connections asks for less)", limit, need)
	}
	err = b.launch.Do(func() error { return ownNetwork(firstPort, firstPort+p.Ports-1) })
	if err != nil {
		return nil, err
	}
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	// Twice as many addresses as just suffice: a port that was used a moment ago is not free yet.
	last := 1 + 2*((p.Connections+p.Ports-1)/p.Ports)
	many, err := p.run(ctx, b, server, "--source", fmt.Sprintf("127.0.0.2-127.0.0.%d", last))
	if err != nil {
		return nil, err
	}
	one, err := p.run(ctx, b, server)
	if err != nil {
		return nil, err
	}
	return []finding{
		{what: fmt.Sprintf("up from %d addresses", last-1), expected: fmt.Sprint(p.Connections), measured: fmt.Sprint(many.open), holds: many.open == int64(p.Connections)},
		{what: "  loadgen ends with", expected: "exit status 0 or 4", measured: many.ended, holds: many.completed > 0},
		{what: "up from one address", expected: fmt.Sprintf("at most %d", p.Ports), measured: fmt.Sprint(one.open), holds: one.open <= int64(p.Ports)},
		{what: "  loadgen ends with", expected: "exit status 1 or 4 and why", measured: one.ended, holds: one.failed && one.why != ""},
		{what: "  it says", expected: "what to do", measured: one.why, holds: one.why != ""},
	}, nil
}

// A portsRun is what a load came to.
type portsRun struct {
	open      int64 // connections that the server had at most
	completed uint64
	failed    bool
	ended     string
	why       string // what loadgen said of it in the end
}

func (p *ports) run(ctx context.Context, b *bench, server *rig.Running, args ...string) (r portsRun, err error) {
	g := b.newGauge(server)
	defer g.close()
	args = append([]string{"-c", fmt.Sprint(p.Connections), "-d", p.Duration.String()}, args...)
	l, err := b.start([]string{plaintext(server)}, args...)
	if err != nil {
		return r, err
	}
	if r.open, err = g.most(ctx, l); err != nil {
		return r, err
	}
	rep, err := b.finish(ctx, l)
	if ctx.Err() != nil {
		return r, err
	}
	r.ended, r.failed = "exit status 0", l.Err() != nil
	if r.failed {
		r.ended, r.why = l.Err().Error(), lastLine(l.Process)
	}
	switch {
	case err == nil:
		r.completed = rep.Targets[0].Completed
		if why := rep.Targets[0].Connections.LastError; why != "" {
			r.why = why
		}
	case !r.failed:
		return r, err
	}
	return r, server.Alive()
}

func lastLine(p *rig.Process) string {
	text, err := p.Output()
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}

// errNoNetwork is for where a network of our own cannot be had.
var errNoNetwork = errors.New("a network of its own takes Linux and root")
