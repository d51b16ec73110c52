package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/campaign"
	"modelbench/scripts/rig"
)

// bench is one run of the command: what it builds, starts and has to take away again.
type bench struct {
	*flags
	out  io.Writer // tables
	diag io.Writer // progress and doubts

	id      string // of this run, in the trials
	dir     string // executables, logs, and what servers write
	remove  func()
	launch  *rig.Launcher
	servers []rig.Server
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.diag, format+"\n", args...) }

// open builds everything. close is due even if it fails.
func (b *bench) open(ctx context.Context) (err error) {
	b.id = campaign.NewID(time.Now(), b.Seed)
	if err := b.checkCSV(); err != nil {
		return err
	}
	source, err := campaign.FindSource(ctx, "modelbench")
	if err != nil {
		return err
	}
	if b.dir, b.remove, err = campaign.WorkFolder(""); err != nil {
		return err
	}
	b.launch = rig.NewLauncher(b.dir)
	b.say("building loadgen and the servers")
	if err := source.Build(ctx, b.dir, b.ourTargets(), func(line string) { b.say("%s", line) }); err != nil {
		return err
	}
	var missing []string
	if b.servers, missing, err = b.list(ctx, b.dir); err != nil {
		return err
	}
	for _, text := range missing {
		b.say("%s", text)
	}
	if len(b.servers) == 0 {
		return errors.New("no server is left to measure")
	}
	return nil
}

func (b *bench) close() error {
	var err error
	if b.launch != nil {
		err = b.launch.Close()
	}
	if b.remove != nil {
		b.remove()
	}
	return err
}

func (b *bench) run(ctx context.Context) error {
	b.say("seed %d; servers on core %d, loadgen on core %d; about %v in all", b.Seed, b.ServerCPU, b.ClientCPU, b.estimate().Round(10*time.Second))
	for i, mode := range b.Modes {
		if i > 0 {
			fmt.Fprintln(b.out)
		}
		var err error
		if mode == "idle" {
			err = b.idle(ctx)
		} else {
			err = b.rotations(ctx, mode)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", mode, err)
		}
	}
	return nil
}

// estimate is about how long it all takes.
func (b *bench) estimate() time.Duration {
	const (
		block = 1500 * time.Millisecond // start, warm-up, lead-ins, stop
		flip  = 7 * time.Second         // open or close the idle connections, and settle
	)
	var all time.Duration
	for _, mode := range b.Modes {
		blocks := time.Duration(b.Blocks)
		switch mode {
		case "idle":
			each := 3 * flip
			if b.Active > 0 {
				each += blocks * (flip + 2*(b.ActiveFor+time.Second))
			}
			all += each * time.Duration(len(b.servers))
		case "pipeline":
			all += blocks * (2*b.Duration + 2*block)
		default:
			all += blocks * (b.Duration + block)
		}
	}
	return all
}

// serving returns the servers that take part, and says which do not.
func (b *bench) serving(what string, does func(rig.Server) bool) []rig.Server {
	var take []rig.Server
	var leave []string
	for _, s := range b.servers {
		if does(s) {
			take = append(take, s)
		} else {
			leave = append(leave, s.Name)
		}
	}
	if len(leave) > 0 {
		b.say("without %s: no %s", strings.Join(leave, ", "), what)
	}
	return take
}

// references returns what ratios are taken to, of the servers that take part.
func (b *bench) references(among []rig.Server) []string {
	has := func(name string) bool {
		return slices.ContainsFunc(among, func(s rig.Server) bool { return s.Name == name })
	}
	var names []string
	for _, name := range b.To {
		if has(name) {
			names = append(names, name)
		} else {
			b.say("no ratios to %s, which does not take part", name)
		}
	}
	switch {
	case len(names) > 0:
		return names
	case has(rig.Bare):
		return []string{rig.Bare}
	}
	if len(b.To) == 0 && slices.Contains(b.Servers, rig.Bare) {
		b.say("%s is not here: ratios are to %s instead", rig.Bare, among[0].Name)
	}
	return []string{among[0].Name}
}

// checkCSV refuses a file that is none of trials before the load rather than after it.
func (b *bench) checkCSV() error {
	if b.CSV == "" {
		return nil
	}
	if _, _, err := trial.ReadFile(b.CSV); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return usage("--csv", "%v", err)
	}
	return nil
}

// keep appends trials to --csv.
func (b *bench) keep(rows []trial.Trial) error {
	if b.CSV == "" || len(rows) == 0 {
		return nil
	}
	if err := trial.Append(b.CSV, rows...); err != nil {
		return fmt.Errorf("--csv: %w", err)
	}
	return nil
}
