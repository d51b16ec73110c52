// Goroutine is the model in which every connection has a goroutine of its own.
//
//	accept --> go Drive(conn 1)   read, step, write, read, step, write ...
//	       --> go Drive(conn 2)   read ......................... step, write
//	       --> go Drive(conn 3)   read, step, sleep ............ write
//
// The code of one conversation reads from top to bottom and blocks wherever it
// has to wait. Nobody else waits for it: the runtime parks the goroutine and
// gives the thread to one that can go on. Under Read lies an epoll loop too, but
// it belongs to the runtime, which turns "readable" into "runnable".
//
// What it costs: a stack and the runtime's bookkeeping for every connection,
// idle or not, and a pass through the scheduler whenever one wakes. What it
// buys: a conversation that computes holds up one core, not the others' replies,
// because the runtime spreads goroutines over GOMAXPROCS threads and preempts
// them after some 10 ms.
package main

import (
	"context"
	"os"
	"runtime"

	"github.com/rs/zerolog"

	"modelbench/servers/blocking"
	"modelbench/servers/daemon"
)

// model starts a goroutine for each connection. That is all of it.
type model struct {
	host *daemon.Host
	log  zerolog.Logger
}

// Adopt gives the connection its goroutine.
func (m *model) Adopt(c *daemon.Conn) {
	go func() {
		defer c.Done()
		err := blocking.Drive(c.TCPConn, c.Session, m.host.Rules, m.host.Flags.WriteTimeout)
		m.log.Debug().Err(err).Msg("closed")
	}()
}

func main() { os.Exit(command().Main(os.Args[1:], os.Stdout, os.Stderr)) }

func command() *daemon.Command {
	var cli struct{ daemon.Flags }
	return &daemon.Command{
		Model:       "goroutine",
		Description: "A server that gives every connection a goroutine of its own.",
		Ports:       "81",
		Flags:       &cli.Flags,
		CLI:         &cli,
		Run: func(ctx context.Context, log zerolog.Logger, ready func(daemon.Listeners)) error {
			runtime.GOMAXPROCS(cli.CPUs())
			listeners, err := daemon.Listen(&cli.Flags)
			if err != nil {
				return err
			}
			host := &daemon.Host{Flags: &cli.Flags, Rules: cli.Rules(), Log: log}
			host.Model = &model{host: host, log: log}
			ready(listeners)
			return host.Serve(ctx, listeners)
		},
	}
}
