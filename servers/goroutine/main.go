package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/rs/zerolog"

	"modelbench/servers/admin"
	"modelbench/servers/blocking"
	"modelbench/servers/daemon"
)

// model starts a goroutine for each connection. That is all of it.
type model struct {
	host   *daemon.Host
	socket func(*daemon.Conn) (blocking.Conn, error) // what a conversation reads and writes
	turn   *sync.Mutex                               // nil unless requests are served one at a time
}

// Adopt gives the connection its goroutine.
func (m *model) Adopt(c *daemon.Conn) {
	go m.converse(c)
}

func (m *model) converse(c *daemon.Conn) {
	socket, err := m.socket(c)
	if err != nil {
		c.Done(err)
		return
	}
	talk := blocking.Conversation(c)
	if m.turn != nil {
		talk = &serial{Conversation: c, turn: m.turn}
	}
	blocking.Drive(socket, talk, m.host.Rules, m.host.Flags.WriteTimeout)
}

func main() { os.Exit(command().Main(os.Args[1:], os.Stdout, os.Stderr)) }

type flags struct {
	daemon.Flags
	OSThreads bool `name:"os-threads" help:"Give every connection an operating system thread of its own that blocks in the kernel, instead of a goroutine on a shared one."`
	Serial    bool `help:"Serve one request at a time, waits included: no concurrency at all, the control."`
}

// Validate is called by the command-line parser.
func (f *flags) Validate() error {
	if f.OSThreads && mostThreads == 0 {
		return errors.New("--os-threads needs Linux")
	}
	if f.OSThreads && f.MaxConns > mostThreads {
		return fmt.Errorf("--max-conns is %d; with --os-threads it must be at most %d, as each connection is a thread", f.MaxConns, mostThreads)
	}
	return f.Flags.Validate()
}

func command() *daemon.Command {
	var cli flags
	return &daemon.Command{
		Model:       "goroutine",
		Description: "A server that gives every connection a goroutine of its own.",
		Ports:       "81",
		Flags:       &cli.Flags,
		CLI:         &cli,
		Run: func(ctx context.Context, log zerolog.Logger, ready func(daemon.Listeners) error) error {
			runtime.GOMAXPROCS(cli.CPUs())
			listeners, err := daemon.Listen(&cli.Flags)
			if err != nil {
				return err
			}
			host := &daemon.Host{Flags: &cli.Flags, Rules: cli.Rules(), Log: log, Parts: daemon.NewTallies(cli.CPUs())}
			m := &model{host: host, socket: shared}
			if cli.OSThreads {
				m.socket = ownThread
				cli.Shape.Most = mostThreads
			}
			if cli.Serial {
				m.turn = new(sync.Mutex)
			}
			host.Model = m
			show := admin.Server{Model: "goroutine", Flags: &cli.Flags, Draining: host.Rules.Draining, Parts: admin.Whole(host.Parts)}
			defer show.Start(listeners.Admin)()
			if err := ready(listeners); err != nil {
				listeners.Close()
				return err
			}
			return host.Serve(ctx, listeners)
		},
	}
}

// shared is a socket whose goroutine gives up its thread while it waits.
func shared(c *daemon.Conn) (blocking.Conn, error) { return c.TCPConn, nil }
