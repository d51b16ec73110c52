package main

import (
	"context"
	"os"
	"runtime"

	"github.com/rs/zerolog"

	"modelbench/servers/blocking"
	"modelbench/servers/daemon"
)

// model starts a goroutine for each connection that this worker accepts. That is
// all of it.
type model struct{ host *daemon.Host }

// Adopt gives the connection its goroutine.
func (m *model) Adopt(c *daemon.Conn) {
	go blocking.Drive(c.TCPConn, c, m.host.Rules, m.host.Flags.WriteTimeout)
}

// work is the life of a worker process: the goroutine model on one core, with what
// the supervisor has left it.
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
	go self.beat() // for the watchdog
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
	self.accepts.Store(true) // for the other workers: see balance
	context.AfterFunc(ctx, func() { self.accepts.Store(false) })
	if err := parent.ready(); err != nil {
		return err
	}
	return host.Serve(ctx, listeners)
}
