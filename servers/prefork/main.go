package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/rs/zerolog"

	"modelbench/servers/daemon"
)

func main() { os.Exit(command().Main(os.Args[1:], os.Stdout, os.Stderr)) }

type flags struct {
	daemon.Flags
	Workers     int           `placeholder:"N" default:"0" help:"Worker processes (0: one for each core of --procs)."`
	Listener    string        `enum:"shared,reuseport" default:"shared" help:"shared: all workers accept from one queue, whoever is free; each new connection wakes them all. reuseport: a queue each, filled by a hash of the addresses; few connections spread unevenly, and a worker that hangs keeps those in its queue waiting (${default})."`
	HangTimeout time.Duration `placeholder:"D" default:"5s" help:"Kill and replace a worker that has made no progress for this long; one that computes makes progress (0: never; ${default})."`
}

// Validate is called by the command-line parser.
func (f *flags) Validate() error {
	if f.Workers < 0 || f.Workers > 1024 {
		return fmt.Errorf("--workers is %d; it must be from 1 to 1024, or 0 for one a core", f.Workers)
	}
	if least := 5 * beatEvery; f.HangTimeout != 0 && f.HangTimeout < least {
		return fmt.Errorf("--hang-timeout is %v; it must be at least %v, or 0 for never", f.HangTimeout, least)
	}
	return f.Flags.Validate()
}

func command() *daemon.Command {
	var cli flags
	hangups := make(chan os.Signal, 1) // one that comes during a roll is kept for after it
	c := &daemon.Command{
		Model:       "prefork",
		Description: "A server of several worker processes with one core each, that share the listening sockets. Workers that die are replaced. SIGHUP replaces them all, one by one, without losing a request; once more after the present round, if there is one.",
		Ports:       "82",
		Processes:   true,
		Flags:       &cli.Flags,
		CLI:         &cli,
		Hangup:      hangups,
		Run: func(ctx context.Context, log zerolog.Logger, ready func(daemon.Listeners) error) error {
			if cli.Workers == 0 {
				cli.Workers = cli.CPUs()
			}
			cli.Shape.Processes = cli.Workers
			return supervise(ctx, &cli, log, ready, hangups)
		},
	}
	parent, err := inheritance()
	if parent != nil || err != nil { // this process is a worker
		c.Hangup, c.Supervised = nil, true
		c.Run = func(ctx context.Context, log zerolog.Logger, _ func(daemon.Listeners) error) error {
			if err != nil {
				return err
			}
			return work(ctx, &cli, log.With().Int("worker", parent.Slot).Logger(), parent)
		}
	}
	return c
}
