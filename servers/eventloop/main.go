// Eventloop is the model in which a few loops serve all connections: each loop
// asks the kernel which of its sockets are ready and takes them one by one.
//
//	loop:  epoll_wait ---> conn 7: read, step, write
//	                  ---> conn 3: read, step, pause --> a timer will wake conn 3
//	                  ---> conn 9: read, step (spins 1 ms), write
//	                  ---> conn 4: had to wait for conn 9
//	       epoll_wait ...
//
// A conversation never blocks: what would be a sleep becomes a timer and a
// return to the loop, and where the conversation stood is remembered in its
// session. So waiting costs nothing, a connection costs a few hundred bytes, and
// there is no scheduler between "readable" and the code that reads. The price:
// while one conversation computes, its loop serves nobody else, and one loop
// never uses more than one core.
//
// The loops are gnet's, which this package alone imports. Accepting is
// daemon's, as for every model: gnet has no limit on connections, shuts down
// when descriptors run out, and cannot stop listening before it stops serving.
// So a connection is accepted like everywhere else and enrolled in the loop that
// has the fewest. Two traits of gnet show: it takes a peer's half-close for the
// end, replies that are still to come included, and it cannot stop reading, so a
// peer that sends far ahead of what it is answered is cut off.
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
			cli.Shape.Held = (2 + atOnce) * cli.Loops // gnet has an epoll and an eventfd for each
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
				loops.stop() // it waits for the loops; one that is busy must not outlast the drain
			}
			return err
		},
	}
}
