package main

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/rs/zerolog"

	"modelbench/servers/admin"
	"modelbench/servers/daemon"
)

func main() { os.Exit(command().Main(os.Args[1:], os.Stdout, os.Stderr)) }

type flags struct {
	daemon.Flags
	Loops     int  `placeholder:"N" default:"0" help:"Event loops (0: one for each core of --procs)."`
	Offload   int  `placeholder:"N" default:"0" help:"Compute spins in a pool of N goroutines instead of on the loop (0: on the loop)."`
	BlockLoop bool `help:"Sleep on the loop instead of arming a timer: the classic mistake, to see what it costs."`
}

// Validate is called by the command-line parser.
func (f *flags) Validate() error {
	if f.Loops < 0 || f.Loops > 1024 { // each has a thread
		return fmt.Errorf("--loops is %d; it must be from 1 to 1024, or 0 for one a core", f.Loops)
	}
	if f.Offload < 0 || f.Offload > 1024 {
		return fmt.Errorf("--offload is %d; it must be from 1 to 1024, or 0 for no pool", f.Offload)
	}
	return f.Flags.Validate()
}

func command() *daemon.Command {
	var cli flags
	return &daemon.Command{
		Model:       "eventloop",
		Description: "A server in which a few event loops (gnet) serve all connections.",
		Ports:       "83",
		Flags:       &cli.Flags,
		CLI:         &cli,
		Run: func(ctx context.Context, log zerolog.Logger, ready func(daemon.Listeners) error) error {
			// One more than asked for: a loop that blocks in epoll_wait keeps its P
			// for a while, and timers would come up to 10 ms late without a spare one.
			runtime.GOMAXPROCS(cli.CPUs() + 1)
			if cli.Loops == 0 {
				cli.Loops = cli.CPUs()
			}
			cli.Shape.Held = (4 + atOnce) * cli.Loops // of each loop: gnet's epoll and eventfd, the bell's two ends, and what is on its way
			listeners, err := daemon.Listen(&cli.Flags)
			if err != nil {
				return err
			}
			host := &daemon.Host{Flags: &cli.Flags, Rules: cli.Rules(), Log: log}
			loops, err := startLoops(host, &cli)
			if err != nil {
				listeners.Close()
				return err
			}
			host.Model = loops
			show := admin.Server{Model: "eventloop", Flags: &cli.Flags, Draining: host.Rules.Draining, Parts: admin.Each("loop", host.Parts)}
			defer show.Start(listeners.Admin)()
			if err := ready(listeners); err != nil {
				listeners.Close()
				return err
			}
			if err = host.Serve(ctx, listeners); err == nil {
				loops.stop() // only after a drain that was complete: it waits for the loops, however long one computes
			}
			return err
		},
	}
}
