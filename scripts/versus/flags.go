package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"modelbench/scripts/campaign"
	"modelbench/scripts/rig"
)

// flags are the command line. Lists are parsed by kong: a,b,c.
type flags struct {
	Engine      []string      `placeholder:"NAME" help:"Engines of loadgen that take part, each as a client of its own, such as epoll,uring; without it loadgen takes part as it is."`
	With        []string      `placeholder:"NAME" help:"Clients beside loadgen and wrk: ${extras}."`
	Rounds      int           `default:"10" aliases:"pairs" help:"Rounds; six are the least that can reach 95%."`
	Duration    time.Duration `short:"d" default:"2s" help:"Of each run, in whole seconds (wrk knows no others)."`
	Connections int           `short:"c" default:"64" help:"Connections of each client."`
	Pipeline    int           `short:"p" default:"1" help:"Requests outstanding on a connection (wrk gets a script for more than 1)."`
	Server      string        `default:"${bare}" help:"What is loaded: ${bare} or eventloop."`
	URL         string        `name:"url" help:"Load this server instead."`
	PID         int           `name:"pid" help:"Process of --url, which is pinned to --server-cpu."`
	ClientCPU   int           `name:"client-cpu" default:"1" help:"Core of the clients."`
	ServerCPU   int           `name:"server-cpu" default:"0" help:"Core of the server."`
	Seed        uint64        `default:"1" help:"Of the order within the rounds."`
}

const eventloop = "eventloop"

// errHelped says that --help has been printed, which was all that was asked for.
var errHelped = errors.New("helped")

func parse(args []string, stdout, stderr io.Writer) (*flags, error) {
	var f flags
	helped := false
	parser, err := kong.New(&f,
		kong.Name("versus"),
		kong.Description("Compares loadgen with wrk, and with other load generators, as clients of one server."),
		kong.Vars{"bare": rig.Bare, "extras": strings.Join(extras, ", ")},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true })) // --help has been printed; whatever else parsing says is void
	if err != nil {
		return nil, fmt.Errorf("set up the command line: %w", err)
	}
	_, err = parser.Parse(args)
	switch {
	case helped:
		return nil, errHelped
	case err != nil:
		return nil, usage("", "%v", err)
	}
	return &f, f.check()
}

func usage(flag, format string, args ...any) error {
	return &campaign.UsageError{Flag: flag, Problem: fmt.Sprintf(format, args...)}
}

// check refuses what can be seen to be wrong without looking at the machine.
func (f *flags) check() error {
	for _, least := range []struct {
		flag      string
		got, want int
	}{
		{"--rounds", f.Rounds, 1}, {"--connections", f.Connections, 1}, {"--pipeline", f.Pipeline, 1},
		{"--client-cpu", f.ClientCPU, 0}, {"--server-cpu", f.ServerCPU, 0},
	} {
		if least.got < least.want {
			return usage(least.flag, "%d is less than %d", least.got, least.want)
		}
	}
	switch {
	case f.Duration < time.Second || f.Duration%time.Second != 0:
		return usage("--duration", "%v is not in whole seconds, at least 1s", f.Duration)
	case f.ClientCPU == f.ServerCPU:
		return usage("--client-cpu", "%d is the server's core: they would take turns on it", f.ClientCPU)
	case (f.URL == "") != (f.PID == 0):
		return usage("--url", "it and --pid belong together")
	case f.Server != rig.Bare && f.Server != eventloop:
		return usage("--server", "%q is not %s or %s", f.Server, rig.Bare, eventloop)
	}
	return errors.Join(f.checkNames("--engine", f.Engine, nil), f.checkNames("--with", f.With, extras), f.checkExtras())
}

// checkNames refuses repeated names, and those that are not known; nil knows all.
func (f *flags) checkNames(flag string, names, known []string) error {
	for i, name := range names {
		if known != nil && !slices.Contains(known, name) {
			return usage(flag, "%q is not one of %s", name, strings.Join(known, ", "))
		}
		if name == "" || slices.Contains(names[:i], name) {
			return usage(flag, "%q is empty or named twice", name)
		}
	}
	return nil
}

// checkExtras refuses what a client cannot do.
func (f *flags) checkExtras() error {
	for _, name := range f.With {
		switch {
		case f.Pipeline > 1 && (name == "hey" || name == "ab"):
			return usage("--pipeline", "%s knows no pipelining", name)
		case name == "ab" && f.URL == "" && f.Server == rig.Bare:
			// It asks in HTTP/1.0 and reuses a connection only if the reply says keep-alive.
			return usage("--with", "ab waits for ever for %s to close its connections: use --server %s", rig.Bare, eventloop)
		}
	}
	return nil
}
