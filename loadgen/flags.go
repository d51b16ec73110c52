package main

import (
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"modelbench/loadgen/completion"
	"modelbench/loadgen/live"
)

// flags are the command line as given.
type flags struct {
	URLs []string `arg:"" optional:"" name:"url" help:"What to load: http://host:port/path (http:// may be left out) or tcp://host:port, an echo server. Several, as name=URL, are a rotation: the load visits them in turn."`

	Connections int           `short:"c" default:"64" placeholder:"N" group:"load" help:"Connections to each target (default 64)."`
	Threads     int           `short:"t" default:"0" placeholder:"N" group:"load" help:"Threads that make the load, no more than connections (default: 1 on up to 3 CPUs, else half of them, at most 8)."`
	Duration    time.Duration `short:"d" default:"10s" placeholder:"TIME" group:"load" help:"Measured time, shared equally by the targets (default 10s). Also -z."`
	Requests    uint64        `short:"n" default:"0" placeholder:"N" group:"load" help:"Stop after so many measured requests, or at --duration if that is earlier. Without a warm-up, unless --warmup is given, so that no more are sent."`
	Warmup      time.Duration `short:"w" default:"1s" placeholder:"TIME" group:"load" help:"Load before anything is recorded (default 1s, with --requests none)."`
	Pipeline    int           `short:"p" default:"1" placeholder:"N" group:"load" help:"Requests outstanding on a connection at most (default 1)."`
	Engine      string        `default:"auto" placeholder:"NAME" values:"auto,epoll,uring" group:"load" help:"How bytes are moved: epoll, uring (io_uring, Linux 6.1 or later, where it is allowed), or auto: uring where it is to be had and cheaper, else epoll (default)."`
	Timeout     time.Duration `default:"5s" placeholder:"TIME" group:"load" help:"Of a request, and of an attempt to connect (default 5s). Also -T."`
	Idle        int           `default:"0" placeholder:"N" group:"load" help:"More connections to each target, that only stay open."`
	NoKeepalive bool          `name:"no-keepalive" group:"load" help:"Make a connection for each request. Its latency counts from the beginning of that."`
	Source      string        `placeholder:"ADDRS" group:"load" help:"Connect from these addresses of this machine in turn, as each has 28,000 ports for a server: 127.0.0.2-127.0.0.40, a prefix, or several with commas."`

	Rate     rate          `short:"R" default:"0" placeholder:"N" group:"pacing" help:"Requests per second, of all connections to the target together, due at even intervals whatever the server does. Without it each connection sends when its reply is in (a closed loop). Also -r, and -q, which unlike hey's is of all connections."`
	Arrivals string        `enum:"constant,poisson" default:"constant" placeholder:"KIND" group:"pacing" help:"When requests are due at a rate: constant, evenly spaced (default), or poisson, at random times, as independent users come."`
	Ramp     ramp          `placeholder:"A:B" group:"pacing" help:"Instead of --rate: from A to B requests per second over --duration."`
	Steps    steps         `placeholder:"N,N,..." group:"pacing" help:"Instead of --rate: these rates, each for an equal part of --duration."`
	FindMax  string        `placeholder:"SLO" group:"pacing" help:"Find the highest rate that meets an objective such as 'p99<5ms': a search over many short loads, the answer confirmed by one of --duration. It begins at --rate, if given."`
	Spin     time.Duration `default:"0" placeholder:"TIME" group:"pacing" help:"Look for events without pause so long before a request is due and after it has left, where a sleep would end tens of microseconds late: for precise times on a machine with a CPU to spare."`

	Method  string   `short:"m" placeholder:"NAME" group:"request" help:"HTTP method (default GET, or POST with --body)."`
	Header  []string `short:"H" sep:"none" placeholder:"'K: V'" group:"request" help:"HTTP header to send; may be repeated."`
	Body    string   `short:"b" placeholder:"TEXT|@FILE" group:"request" help:"HTTP request body, of at most 64 MiB."`
	Payload int      `default:"0" placeholder:"BYTES" group:"request" help:"Size of an echo request (default 64)."`

	Slice            time.Duration `default:"0" placeholder:"TIME" group:"measure" help:"Slice of a rotation, its lead-in included (default 50ms). At least twenty times one request."`
	PID              []string      `name:"pid" sep:"none" placeholder:"[name=]PID" group:"measure" help:"Account the CPU time and memory of this process and its descendants over exactly the measured windows; may be repeated."`
	KernelTimestamps bool          `group:"measure" help:"Take the times at which a request left and its reply came from the kernel, so that what loadgen itself needs to write, wake up and read stays out of latency and service."`
	Seed             int64         `default:"0" placeholder:"N" group:"measure" help:"Of the order of visits in a rotation (default: one is drawn and recorded)."`

	SLO      string        `name:"slo" placeholder:"'p99<5ms,...'" group:"output" help:"An objective: bounds on p50 to p99.99, mean, max, errors, throughput or rate, as in 'p99<5ms,errors<0.1%'. Also of service.p99, lag.p99, connect.p99. Exit code 3 when one is missed."`
	JSON     string        `name:"json" placeholder:"FILE|-" group:"output" help:"Write the complete result as JSON, described in loadgen/report/FORMAT.md; with - to stdout, and the text to stderr."`
	HDR      string        `name:"hdr" placeholder:"FILE" group:"output" help:"Write latencies (and service times, at a rate) as an HdrHistogram log, interval by interval: nanoseconds, a tag for each target of a rotation."`
	Series   string        `name:"series" placeholder:"FILE" group:"output" help:"Write a CSV row for each interval and target, described in loadgen/series/FORMAT.md."`
	Interval time.Duration `default:"1s" placeholder:"TIME" group:"output" help:"Length of the intervals of --hdr and --series (default 1s)."`

	CSV      string    `name:"csv" placeholder:"FILE" group:"output" help:"Append one trial per target to this file, which is no pipe or device."`
	Label    []string  `sep:"none" placeholder:"K=V" group:"output" help:"Fill an identity or factor column of --csv, or add a label; may be repeated."`
	Progress live.Mode `enum:"auto,plain,none" default:"auto" placeholder:"KIND" group:"output" help:"What to show on standard error meanwhile: plain, a line per second; none; or auto: a panel on a terminal and nothing elsewhere (default)."`

	Elsewhere elsewhere `embed:""`

	Completion string           `placeholder:"SHELL" values:"bash,zsh,fish" group:"about" help:"Print a script that makes bash, zsh or fish complete these flags: source <(loadgen --completion bash), or loadgen --completion fish | source."`
	Version    kong.VersionFlag `group:"about" help:"Print the version and exit."`
}

// groups are the sections of the help, in its order.
func groups() kong.Option {
	return kong.ExplicitGroups([]kong.Group{
		{Key: "load", Title: "Load:"},
		{Key: "pacing", Title: "Pacing:"},
		{Key: "request", Title: "Requests:"},
		{Key: "measure", Title: "Measuring:"},
		{Key: "output", Title: "Output:"},
		{Key: "about", Title: "About:"},
	})
}

// exited carries the exit code out of kong, which wants to end the program itself.
type exited int

// newParser returns a parser that fills f.
func newParser(f *flags, stdout, stderr io.Writer) (*kong.Kong, error) {
	parser, err := kong.New(f, append(mappers(),
		kong.Name("loadgen"),
		kong.Description("Puts load on servers and says what they did with it, and whether the figures may be believed."),
		kong.Vars{"version": version()},
		kong.Writers(stdout, stderr),
		kong.Help(printHelp),
		groups(),
		kong.Exit(func(code int) { panic(exited(code)) }))...)
	if err != nil {
		return nil, fmt.Errorf("build the command line parser: %w", err)
	}
	helpLast(parser.Model)
	return parser, nil
}

// parse reads the command line. done means that all that was asked for has been printed.
func parse(args []string, stdout, stderr io.Writer) (f *flags, done bool, err error) {
	f = &flags{}
	parser, err := newParser(f, stdout, stderr)
	if err != nil {
		return nil, false, err
	}
	defer func() {
		if e := recover(); e != nil {
			if _, ok := e.(exited); !ok {
				panic(e)
			}
			done = true
		}
	}()
	ctx, err := parser.Parse(args)
	if err != nil {
		if strange := strangeFlag(parser.Model.Node, args); strange != nil {
			err = strange
		}
		return nil, false, usageError{fmt.Errorf("%w (loadgen --help lists the flags)", err)}
	}
	if f.Completion != "" {
		if !slices.Contains(completion.Shells, f.Completion) {
			return nil, false, usageError{fmt.Errorf("--completion: %q is none of %s", f.Completion, strings.Join(completion.Shells, ", "))}
		}
		return f, true, completion.Write(stdout, f.Completion, parser.Model)
	}
	if err := f.adopt(ctx); err != nil {
		return nil, false, err
	}
	return f, false, f.check()
}

// check refuses what no later check would name by its flag.
func (f *flags) check() error {
	if len(f.URLs) == 0 {
		return usageError{errors.New("no URL: try loadgen -c 64 -d 10s http://127.0.0.1:8080/, or loadgen --help")}
	}
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
	if f.FindMax != "" {
		if err := f.checkSearch(); err != nil {
			return err
		}
	}
	if err := f.checkOutputs(); err != nil {
		return err
	}
	if f.Slice != 0 && len(f.URLs) == 1 {
		return usageError{fmt.Errorf("--slice: only a rotation of several URLs has slices")}
	}
	return nil
}

// checkSearch refuses what a search has no use for.
func (f *flags) checkSearch() error {
	switch {
	case len(f.URLs) > 1:
		return usageError{errors.New("--find-max: searches for the rate of one target, not of a rotation")}
	case f.Ramp != (ramp{}) || len(f.Steps) > 0:
		return usageError{errors.New("--find-max: chooses the rate itself: leave --ramp and --steps out")}
	case f.Requests > 0:
		return usageError{errors.New("--find-max: chooses the number of requests itself: leave --requests out")}
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
