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
	Modes []string `arg:"" optional:"" name:"mode" help:"What to measure: ${modes} (all of them)."`

	Servers []string `default:"${servers}" placeholder:"NAME" help:"Servers to measure: ${default}."`
	Server  []string `sep:"none" placeholder:"'NAME=COMMAND'" help:"Measure this server as well; may be repeated. {http} and {echo} become addresses to listen at (without one it is left out of that mode), {http-port} and {echo-port} their ports. The shell runs the command, from here; our own servers' names mean fresh builds."`
	To      []string `placeholder:"NAME" help:"Servers that ratios are taken to (${floor} where it is there)."`

	Blocks    int           `default:"10" help:"Rotations of each kind, and pairs of latencies; six are the least that can reach 95%."`
	Duration  time.Duration `short:"d" default:"4s" help:"Of a rotation, shared by its servers."`
	ServerCPU int           `name:"server-cpu" default:"0" help:"Core of the servers."`
	ClientCPU int           `name:"client-cpu" default:"1" help:"Core of loadgen; best not the other half of the servers' one."`
	Seed      int64         `default:"0" help:"Of every random order; 0 draws one and says it."`
	CSV       string        `name:"csv" placeholder:"FILE" help:"Append every trial to this file, for the results command."`

	Connections int           `short:"c" default:"15000" help:"Idle connections; fewer where the descriptor limit asks for it."`
	Settle      time.Duration `default:"30s" help:"How long to wait at most until memory has not moved by more than 1% for 5s."`
	Active      int           `default:"64" help:"Active connections among the idle ones; 0 leaves latency out."`
	ActiveRate  float64       `default:"2000" help:"Requests/s on them, due at even intervals."`
	ActiveFor   time.Duration `default:"2s" help:"How long each latency is measured."`

	extra       []rig.Server // of Server
	descriptors int          // that a process may have; of checkMachine
}

// allModes are the modes in the order in which they are measured unless asked otherwise.
var allModes = []string{"plaintext", "echo", "pipeline", "idle"}

// errHelped says that --help has been printed, which was all that was asked for.
var errHelped = errors.New("helped")

func parse(args []string, stdout, stderr io.Writer) (*flags, error) {
	var f flags
	helped := false
	parser, err := kong.New(&f,
		kong.Name("peers"),
		kong.Description("Puts this project's servers beside the limits of the machine and beside popular stacks."),
		kong.Vars{"servers": strings.Join(allNames, ","), "floor": rig.Bare, "modes": strings.Join(allModes, ", ")},
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
		return nil, &campaign.UsageError{Problem: err.Error()}
	}
	if len(f.Modes) == 0 {
		f.Modes = allModes
	}
	if f.Seed == 0 {
		f.Seed = campaign.DrawSeed()
	}
	return &f, f.check()
}

func usage(flag, format string, args ...any) error {
	return &campaign.UsageError{Flag: flag, Problem: fmt.Sprintf(format, args...)}
}

// p99Needs is how many requests leave ten samples beyond the p99, with some to spare:
// loadgen gives none for fewer.
const p99Needs = 1100

// check refuses what can be seen to be wrong without looking at the machine.
func (f *flags) check() error {
	for i, mode := range f.Modes {
		if !slices.Contains(allModes, mode) {
			return usage("", "%q is not one of %s", mode, strings.Join(allModes, ", "))
		}
		if slices.Contains(f.Modes[:i], mode) {
			return usage("", "%s is asked for twice", mode)
		}
	}
	for _, least := range []struct {
		flag      string
		got, want int64
	}{
		{"--blocks", int64(f.Blocks), 1}, {"--connections", int64(f.Connections), 1}, {"--active", int64(f.Active), 0},
		{"--server-cpu", int64(f.ServerCPU), 0}, {"--client-cpu", int64(f.ClientCPU), 0},
	} {
		if least.got < least.want {
			return usage(least.flag, "%d is less than %d", least.got, least.want)
		}
	}
	switch {
	case f.Duration < 100*time.Millisecond:
		return usage("--duration", "%v is shorter than 100ms", f.Duration)
	case f.Settle <= 0:
		return usage("--settle", "%v is no time to wait", f.Settle)
	case f.ClientCPU == f.ServerCPU:
		return usage("--client-cpu", "%d is the servers' core: they would take turns on it", f.ClientCPU)
	case f.Active > 0 && f.ActiveRate*f.ActiveFor.Seconds() < p99Needs:
		return usage("--active-for", "%v of %g requests/s is too short: a p99 needs %d requests", f.ActiveFor, f.ActiveRate, p99Needs)
	}
	return f.checkServers()
}

// checkServers understands --servers, --server and --to.
func (f *flags) checkServers() error {
	if len(f.Servers) == 1 && f.Servers[0] == "" {
		f.Servers = nil // --servers= : none but those of --server
	}
	for i, name := range f.Servers {
		if !slices.Contains(allNames, name) {
			return usage("--servers", "%q is not one of %s", name, strings.Join(allNames, ", "))
		}
		if slices.Contains(f.Servers[:i], name) {
			return usage("--servers", "%q is named twice", name)
		}
	}
	taken := slices.Clone(f.Servers)
	for _, text := range f.Server {
		s, err := parseServer(text)
		if err != nil {
			return err
		}
		if slices.Contains(taken, s.Name) {
			return usage("--server", "another server is called %s", s.Name)
		}
		f.extra, taken = append(f.extra, s), append(taken, s.Name)
	}
	if len(taken) == 0 {
		return usage("--servers", "names nothing, and there is no --server")
	}
	for _, name := range f.To {
		if !slices.Contains(taken, name) {
			return usage("--to", "%q is not one of the servers measured: %s", name, strings.Join(taken, ", "))
		}
	}
	return nil
}
