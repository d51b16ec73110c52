// Prefork is the model in which several processes of one core each share the
// work.
//
//	supervisor: listens --> starts N workers, which inherit the listeners
//	                    --> waits; starts another worker when one dies
//	worker 0:   accept --> go Drive(conn)      one P: one conversation computes
//	worker 1:   accept --> go Drive(conn)      at a time in each process
//
// Inside a worker the code is the goroutine model's, confined to one core by
// GOMAXPROCS=1. All workers accept from the same socket (or, with --listener
// reuseport, each from one of its own): whoever is free takes the next connection,
// and keeps it. From then on nothing is shared. A worker
// that crashes takes its own connections along and nobody else's; a worker whose
// connections happen to be the busy ones gets no help from one that idles.
//
// What it costs: a runtime, a heap and its garbage collector in every process,
// and an address space that has to be crossed to share anything.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/rs/zerolog"

	"modelbench/servers/blocking"
	"modelbench/servers/daemon"
)

func main() { os.Exit(command().Main(os.Args[1:], os.Stdout, os.Stderr)) }

type flags struct {
	daemon.Flags
	Workers  int    `placeholder:"N" default:"0" help:"Worker processes (0: one for each core of --procs)."`
	Listener string `enum:"shared,reuseport" default:"shared" help:"shared: all workers accept from one queue, whoever is free; each new connection wakes them all. reuseport: a queue each, filled by a hash of the addresses; few connections spread unevenly, and a worker that hangs keeps those in its queue waiting (${default})."`
}

// Validate is called by the command-line parser.
func (f *flags) Validate() error {
	if f.Workers < 0 || f.Workers > 1024 {
		return fmt.Errorf("--workers is %d; it must be from 1 to 1024, or 0 for one a core", f.Workers)
	}
	return f.Flags.Validate()
}

func command() *daemon.Command {
	var cli flags
	c := &daemon.Command{
		Model:       "prefork",
		Description: "A server of several worker processes with one core each, that share the listening sockets.",
		Ports:       "82",
		Flags:       &cli.Flags,
		CLI:         &cli,
		Run: func(ctx context.Context, log zerolog.Logger, ready func(daemon.Listeners) error) error {
			if cli.Workers == 0 {
				cli.Workers = cli.CPUs()
			}
			cli.Shape.Processes = cli.Workers
			return supervise(ctx, &cli, log, ready)
		},
	}
	if parent, ok := inheritance(); ok { // this process is a worker
		c.Run = func(ctx context.Context, log zerolog.Logger, _ func(daemon.Listeners) error) error {
			return work(ctx, &cli, log.With().Int("worker", parent.number).Logger(), &parent)
		}
	}
	return c
}

// work is a worker's life: the goroutine model on one core.
func work(ctx context.Context, f *flags, log zerolog.Logger, parent *inherited) error {
	runtime.GOMAXPROCS(1)
	listeners, err := daemon.Inherit(&f.Flags, parent.listeners)
	if err != nil {
		return err
	}
	go parent.watch(func() {
		log.Error().Msg("the supervisor is gone: stopping at once")
		os.Exit(daemon.ExitFailed)
	})
	turns, err := openBalance(parent.page, parent.workers, parent.number, f.Listener == "shared")
	if err != nil {
		return err
	}
	host := &daemon.Host{Flags: &f.Flags, Rules: f.Rules(), Log: log, Turns: turns, Parts: turns.own()}
	host.Model = &model{host}
	if err := parent.ready(); err != nil {
		return err
	}
	return host.Serve(ctx, listeners)
}

// model starts a goroutine for each connection that this worker accepts.
type model struct{ host *daemon.Host }

// Adopt gives the connection its goroutine.
func (m *model) Adopt(c *daemon.Conn) {
	go func() {
		c.Done(blocking.Drive(c.TCPConn, c, m.host.Rules, m.host.Flags.WriteTimeout))
	}()
}
