package main

import (
	"fmt"
	"io"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"modelbench/loadgen/pace"
)

// rate is a number of requests per second as a flag: 500, 20k, 1.5M.
type rate float64

func (r *rate) UnmarshalText(text []byte) error {
	v, err := pace.ParseRate(string(text))
	*r = rate(v)
	return err
}

// ramp is the two ends of a rate that changes: 1k:20k.
type ramp [2]float64

func (r *ramp) UnmarshalText(text []byte) error {
	v, err := pace.ParseRamp(string(text))
	*r = v
	return err
}

func (r ramp) String() string { return plain(r[0]) + ":" + plain(r[1]) }

// steps are rates that follow each other: 1k,2k,5k.
type steps []float64

func (s *steps) UnmarshalText(text []byte) error {
	v, err := pace.ParseSteps(string(text))
	*s = v
	return err
}

func (s steps) String() string {
	var all []string
	for _, rate := range s {
		all = append(all, plain(rate))
	}
	return strings.Join(all, ",")
}

// plain writes a rate without an exponent.
func plain(rate float64) string { return strconv.FormatFloat(rate, 'f', -1, 64) }

// flags are the command line as given.
type flags struct {
	URLs []string `arg:"" name:"url" help:"Targets: [name=]http://host:port/path or [name=]tcp://host:port (echo). Several are a rotation."`

	Connections int           `short:"c" default:"64" help:"Connections to each target."`
	Threads     int           `short:"t" default:"0" help:"Threads, no more than connections; 0 picks 1 on up to 3 CPUs, else half of them, at most 8."`
	Duration    time.Duration `short:"d" default:"10s" help:"Measured time, shared equally by the targets."`
	Requests    uint64        `short:"n" default:"0" help:"Stop after so many measured requests, or at --duration if that is earlier; 0 means no limit."`
	Warmup      time.Duration `short:"w" default:"1s" help:"Load before anything is recorded."`
	Rate        rate          `short:"R" default:"0" placeholder:"N" help:"Requests per second (500, 20k, 1.5M), due at even intervals whatever the server does; on the target whose slice it is. 0 is a closed loop: each connection sends when its reply is in."`
	Arrivals    string        `enum:"constant,poisson" default:"constant" placeholder:"constant|poisson" help:"When requests are due at a rate: evenly spaced, or at the random times of a Poisson process, which is how independent users come."`
	Ramp        ramp          `placeholder:"A:B" help:"Instead of --rate: from A to B requests per second over --duration."`
	Steps       steps         `placeholder:"R,R,..." help:"Instead of --rate: these rates, each for an equal part of --duration."`
	Pipeline    int           `short:"p" default:"1" help:"Requests outstanding on a connection at most."`
	Timeout     time.Duration `default:"5s" help:"Of a request, and of an attempt to connect."`

	KernelTimestamps bool          `help:"Take the end of a reply from the kernel's receive stamp, so that the wake-up of loadgen itself stays out of latency and service."`
	Spin             time.Duration `default:"0" placeholder:"200us" help:"Stop sleeping so long before a request is due and look for events without pause: for precise times on a machine with a CPU to spare."`

	Method  string   `short:"m" help:"HTTP method; GET, or POST with --body."`
	Header  []string `short:"H" sep:"none" placeholder:"'K: V'" help:"HTTP header to send; may be repeated."`
	Body    string   `short:"b" placeholder:"TEXT|@FILE" help:"HTTP request body."`
	Payload int      `default:"0" placeholder:"BYTES" help:"Size of an echo request (default 64)."`

	Slice time.Duration `default:"0" placeholder:"50ms" help:"Slice of a rotation, its lead-in included (default 50ms). At least twenty times one request."`
	PID   []string      `name:"pid" sep:"none" placeholder:"[name=]PID" help:"Account the CPU time and memory of this process and its descendants over exactly the measured windows; may be repeated."`
	Label []string      `sep:"none" placeholder:"key=value" help:"Fill an identity or factor column of --csv, or add a label; may be repeated."`
	Seed  int64         `default:"0" help:"Of the order of visits in a rotation; 0 draws one and records it."`
	CSV   string        `name:"csv" placeholder:"FILE" help:"Append one trial per target."`

	Version kong.VersionFlag `help:"Print the version and exit."`
}

// exited carries the exit code out of kong, which wants to end the program itself.
type exited int

// parse reads the command line. done means that all that was asked for has been printed.
func parse(args []string, stdout, stderr io.Writer) (f *flags, done bool, err error) {
	f = &flags{}
	parser, err := kong.New(f,
		kong.Name("loadgen"),
		kong.Description("Puts load on servers and says what they did with it, and whether the figures may be believed."),
		kong.Vars{"version": version()},
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { panic(exited(code)) }))
	if err != nil {
		return nil, false, fmt.Errorf("build the command line parser: %w", err)
	}
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(exited); !ok {
				panic(e)
			}
			done = true
		}
	}()
	if _, err := parser.Parse(args); err != nil {
		return nil, false, usageError{err}
	}
	return f, false, f.check()
}

// check refuses what no later check would name by its flag.
func (f *flags) check() error {
	for _, c := range []struct {
		name string
		zero bool
	}{
		{"connections", f.Connections == 0}, {"pipeline", f.Pipeline == 0}, {"duration", f.Duration == 0}, {"timeout", f.Timeout == 0},
	} {
		if c.zero {
			return usageError{fmt.Errorf("--%s: must not be 0", c.name)}
		}
	}
	if f.Slice != 0 && len(f.URLs) == 1 {
		return usageError{fmt.Errorf("--slice: only a rotation of several URLs has slices")}
	}
	return nil
}

// version is that of the module and the revision it was built from, as far as known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "loadgen (unknown build)"
	}
	parts := []string{"loadgen", info.Main.Version, info.GoVersion}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" {
			parts = append(parts, s.Value)
		}
	}
	return strings.Join(parts, " ")
}
