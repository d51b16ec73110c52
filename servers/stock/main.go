// Stock is a control, not a model: the routes of servers/app served by popular
// libraries as they ship. It shows where these stacks stand beside the three
// models, and that the models' own drivers are no straw men.
//
//	net/http          Go's http.Server
//	fasthttp          fasthttp.Server
//	fasthttp-prefork  the same in processes of one core each, under fasthttp/prefork
//
// As it ships means: the server's zero value with a handler, as each library's
// documentation shows it. No timeout, limit or buffer is set, so there are none of
// the servers' other flags for these, and what differs from a model is the whole
// stack: parser, limits and headers too. What a request may ask for is servers/app's,
// and the only bound of our own is on the body of a request to net/http, which has
// none: it is fasthttp's, 4 MiB. The libraries' logs go through ours, and stopping
// is the libraries' own Shutdown, for --drain at most. That has its ways: net/http
// waits up to 5 s for a connection that has never sent anything, fasthttp may
// answer a last request without saying that it closes.
//
// On sound requests all three answer as a session does (but for Server and Date).
// On malformed ones they diverge from it and from each other, so the suite that the
// models pass is not theirs.
package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	stdlog "log"

	"github.com/rs/zerolog"
	"github.com/valyala/fasthttp"

	"modelbench/servers/daemon"
)

func main() { os.Exit(command().Main(os.Args[1:], os.Stdout, os.Stderr)) }

// flags are those of daemon.Flags that a stock library can honour. The rest would
// be flags that do nothing, or settings that are no longer stock: it serves no
// echo, counts no connections, and its timeouts and limits are its own.
type flags struct {
	Library string `enum:"net/http,fasthttp,fasthttp-prefork" default:"net/http" help:"What serves: one of ${enum} (${default})."`

	HTTP  string        `name:"http" placeholder:"ADDR" default:"${http}" help:"Serve HTTP/1.1 at this address; port 0 picks a free one (${default})."`
	Procs int           `placeholder:"N" default:"0" help:"CPU budget: at most this many cores; with fasthttp-prefork, processes (0: all ${cpus})."`
	Drain time.Duration `placeholder:"D" default:"10s" help:"How long SIGTERM waits for requests in flight (${default})."`

	LogLevel  string `enum:"debug,info,warn,error" default:"info" help:"One of ${enum} (${default})."`
	LogFormat string `enum:"console,json" default:"console" help:"One of ${enum}; to standard error (${default})."`

	daemon daemon.Flags // the same for what reads those
}

// Validate is called by the command-line parser, before any socket is opened.
func (f *flags) Validate() error {
	switch {
	case f.HTTP == "":
		return fmt.Errorf("--http is off: nothing to serve")
	case f.Procs < 0:
		return fmt.Errorf("--procs is %d; it must be at least 1, or 0 for all", f.Procs)
	case f.Drain < 0:
		return fmt.Errorf("--drain is %v; it must not be negative", f.Drain)
	}
	return nil
}

// AfterApply is called by the command-line parser when all is valid.
func (f *flags) AfterApply() error {
	f.daemon = daemon.Flags{HTTP: f.HTTP, Procs: f.Procs, Drain: f.Drain, LogLevel: f.LogLevel, LogFormat: f.LogFormat}
	return nil
}

func command() *daemon.Command {
	var cli flags
	return &daemon.Command{
		Model:       "stock",
		Description: "A control: the models' HTTP routes served by a popular library as it ships.",
		Ports:       "84",
		Flags:       &cli.daemon,
		CLI:         &cli,
		Run: func(ctx context.Context, log zerolog.Logger, ready func(daemon.Listeners) error) error {
			runtime.GOMAXPROCS(cli.daemon.CPUs())
			log = log.With().Str("library", cli.Library).Logger()
			var s server
			switch cli.Library {
			case "net/http":
				s = newNetHTTP(log)
			case "fasthttp":
				s = newFastHTTP(log)
			case "fasthttp-prefork":
				return prefork(ctx, &cli, log, ready)
			}
			listeners, err := daemon.Listen(&cli.daemon)
			if err != nil {
				return err
			}
			if err := ready(listeners); err != nil {
				listeners.Close()
				return err
			}
			return serve(ctx, s, listeners.HTTP, cli.Drain, log)
		},
	}
}

// A server is what the libraries' servers have in common.
type server struct {
	serve    func(net.Listener) error // until shutdown, or it fails
	shutdown func(context.Context) error
}

func newNetHTTP(log zerolog.Logger) server {
	s := &http.Server{Handler: http.HandlerFunc(serveNetHTTP), ErrorLog: stdlog.New(log, "", 0)}
	return server{s.Serve, s.Shutdown}
}

func newFastHTTP(log zerolog.Logger) server {
	s := stockFastHTTP(log)
	return server{s.Serve, s.ShutdownWithContext}
}

func stockFastHTTP(log zerolog.Logger) *fasthttp.Server {
	return &fasthttp.Server{Handler: serveFastHTTP, Logger: stdlog.New(log, "", 0)}
}

// serve runs s until ctx ends, then shuts it down. It owns and closes l.
func serve(ctx context.Context, s server, l net.Listener, drain time.Duration, log zerolog.Logger) error {
	served := make(chan error, 1)
	go func() { served <- s.serve(l) }()
	select {
	case err := <-served:
		l.Close()
		return fmt.Errorf("serve: the library stopped by itself: %w", err)
	case <-ctx.Done():
	}
	start := time.Now()
	log.Info().Dur("at_most", drain).Msg("draining")
	patience, cancel := context.WithTimeout(context.Background(), drain)
	defer cancel()
	err := s.shutdown(patience)
	l.Close() // a Shutdown that comes before fasthttp's Serve has begun does not
	<-served
	if err != nil {
		return fmt.Errorf("drain: connections still open after %v are broken off: %w", drain, err)
	}
	log.Info().Dur("took", time.Since(start)).Msg("drained")
	return nil
}
