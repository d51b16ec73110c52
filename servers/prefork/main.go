package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/rs/zerolog"

	"modelbench/servers/blocking"
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

// work is a worker's life: the goroutine model on one core.
func work(ctx context.Context, f *flags, log zerolog.Logger, parent *inherited) error {
	runtime.GOMAXPROCS(1)
	go parent.orphaned(func() {
		log.Error().Msg("the supervisor is gone: stopping at once")
		os.Exit(daemon.ExitFailed)
	})
	page, err := openPage(parent.file(filePage), parent.Workers)
	if err != nil {
		return err
	}
	self := &page[parent.Seat]
	go self.beat()
	listeners, err := daemon.Inherit(&f.Flags, parent.files[fileListener])
	if err != nil {
		return err
	}
	turns := newBalance(page, parent.Seat, f.Listener == "shared")
	rules := f.Rules()
	if err := openCounter(f.Counter, parent.file(fileCounter), &rules.App); err != nil {
		return err
	}
	host := &daemon.Host{Flags: &f.Flags, Rules: rules, Log: log, Turns: turns, Parts: turns.own()}
	host.Model = &model{host}
	f.Shape.Processes = parent.Workers
	defer showWorker(parent, host, log)()
	self.accepts.Store(true)
	context.AfterFunc(ctx, func() { self.accepts.Store(false) })
	if err := parent.ready(); err != nil {
		return err
	}
	return host.Serve(ctx, listeners)
}

// model starts a goroutine for each connection that this worker accepts.
type model struct{ host *daemon.Host }

// Adopt gives the connection its goroutine.
func (m *model) Adopt(c *daemon.Conn) {
	go blocking.Drive(c.TCPConn, c, m.host.Rules, m.host.Flags.WriteTimeout)
}
