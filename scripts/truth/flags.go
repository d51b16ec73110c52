package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/alecthomas/kong"

	"modelbench/scripts/campaign"
)

// flags are the command line: those of every claim, and one of the claims.
type flags struct {
	ClientCPU int `name:"client-cpu" default:"1" help:"Core of loadgen."`
	ServerCPU int `name:"server-cpu" default:"0" help:"Core of the server."`

	Stall   stall   `cmd:"" help:"A server that stops for a second shows in the percentiles as arithmetic says."`
	Wire    wire    `cmd:"" help:"Service times are those that a capture of the loopback shows (needs tcpdump and the right to capture)."`
	Lag     lag     `cmd:"" help:"At 50,000 requests/s from one core, requests leave when they are due."`
	Same    same    `cmd:"" help:"A server compared with itself: the interval of the ratio holds 1."`
	Memory  memory  `cmd:"" help:"The client's memory does not grow with requests."`
	Idle    idle    `cmd:"" help:"15,000 idle connections beside 64 active ones, from one process, cost it little."`
	Poisson poisson `cmd:"" help:"Poisson arrivals are Poisson, by loadgen's word and on the wire (needs tcpdump and the right to capture)."`
	Ports   ports   `cmd:"" help:"With --source more connections to one port are open than an address has ports (needs root)."`

	loadgen []string // what follows --
}

// A test is one claim, with flags of its own.
type test interface {
	title() string // what is done, for the table
	check() error  // refuses flags that make no sense
	measure(ctx context.Context, b *bench) ([]finding, error)
}

// errHelped says that --help has been printed, which was all that was asked for.
var errHelped = errors.New("helped")

func parse(args []string, stdout, stderr io.Writer) (*flags, test, error) {
	var f flags
	if i := slices.Index(args, "--"); i >= 0 {
		args, f.loadgen = args[:i], args[i+1:]
	}
	helped := false
	parser, err := kong.New(&f,
		kong.Name("truth"),
		kong.Description("Checks what loadgen claims of itself, one claim by one command. What follows -- goes to loadgen."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true })) // --help has been printed; whatever else parsing says is void
	if err != nil {
		return nil, nil, fmt.Errorf("set up the command line: %w", err)
	}
	parsed, err := parser.Parse(args)
	switch {
	case helped:
		return nil, nil, errHelped
	case err != nil:
		return nil, nil, usage("", "%v", err)
	case f.ClientCPU == f.ServerCPU:
		return nil, nil, usage("--client-cpu", "%d is the server's core: they would take turns on it", f.ClientCPU)
	}
	chosen := parsed.Selected().Target.Addr().Interface().(test)
	return &f, chosen, chosen.check()
}

func usage(flag, format string, args ...any) error {
	return &campaign.UsageError{Flag: flag, Problem: fmt.Sprintf(format, args...)}
}

// atLeast refuses a duration that is too short.
func atLeast(flag string, got, want time.Duration) error {
	if got < want {
		return usage(flag, "%v is shorter than %v", got, want)
	}
	return nil
}
