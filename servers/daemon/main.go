// Package daemon is what the mains of all servers share: flags, logging,
// listening, limits, the ready line, signals and draining. A main adds its model
// and nothing else.
//
//	main:    Command.Main -> flags -> Run: Listen -> Host.Serve -> Model.Adopt, for each connection
//	prefork: the supervisor listens; its workers Inherit the listeners, and each
//	         serves with a Host of its own, in Turns with the others
//
// What a connection does is counted in a Tally, by the Conn that the model gets.
//
// Standard output carries the ready line and nothing more; logs go to standard
// error.
package daemon

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/rs/zerolog"
)

// Exit codes of every server.
const (
	ExitStopped = 0 // asked to stop, and everything in flight was finished
	ExitFailed  = 1
	ExitUsage   = 2
)

// A Command is one server's command line, for Main.
type Command struct {
	Model       string // its name: "goroutine"
	Description string // for --help
	Ports       string // the last two digits of its default ports: "81"
	Flags       *Flags // inside CLI
	CLI         any    // a pointer to the struct that kong fills, with Flags embedded

	// Processes says that several processes serve, so that /count can be kept for each
	// or for all of them.
	Processes bool
	// Hangup receives SIGHUP. Where it is nil, SIGHUP does what SIGTERM does.
	Hangup chan<- os.Signal
	// Supervised says that another process, which can kill this one, decides how long
	// it may take to stop: further signals change nothing. (A service manager may send
	// SIGTERM to all processes at once, and then the supervisor sends its own.)
	Supervised bool

	// Run serves until ctx ends. It calls ready once it accepts connections, and
	// fails if that does.
	Run func(ctx context.Context, log zerolog.Logger, ready func(Listeners) error) error
}

// Main parses args, runs the command until SIGINT, SIGTERM or SIGHUP (see Command)
// and returns the exit code. A second signal ends the process at once.
func (c *Command) Main(args []string, stdout, stderr io.Writer) int {
	if code, done := c.parse(args, stdout, stderr); done {
		return code
	}
	signal.Ignore(syscall.SIGPIPE) // who reads the log may go away: that is no reason to stop serving
	log := NewLog(c.Flags, c.Model, stderr)
	if c.Flags.AllowFaults && !c.Supervised {
		log.Warn().Msg("--allow-faults: any client can make this server go wrong")
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	c.awaitSignals(stop, func() {
		log.Error().Msg("second signal: stopping at once")
		os.Exit(ExitFailed)
	})

	err := c.Run(ctx, log, func(l Listeners) error {
		log.Info().Str("http", Addr(l.HTTP)).Str("echo", Addr(l.Echo)).Str("admin", Addr(l.Admin)).Int("pid", os.Getpid()).Int("procs", c.Flags.CPUs()).
			Int("max_conns", c.Flags.Places()).Int("descriptors", DescriptorLimit()).Msg("ready")
		return writeReady(stdout, c.Model, l)
	})
	if err != nil {
		log.Error().Err(err).Msg("failed")
		return ExitFailed
	}
	log.Info().Msg("stopped")
	return ExitStopped
}

// awaitSignals returns at once and calls stop at the first signal that says so and
// now at the second. It is not signal.NotifyContext, which can lose a second that
// comes early.
func (c *Command) awaitSignals(stop, now func()) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	switch {
	case c.Hangup != nil:
		signal.Notify(c.Hangup, syscall.SIGHUP)
	case !signal.Ignored(syscall.SIGHUP): // as it is under nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	go func() {
		<-signals
		stop()
		if !c.Supervised {
			<-signals
			now()
		}
	}()
}

// parse fills CLI from args. It is done when there is nothing to run: after
// --help, or with what is wrong said on stderr.
func (c *Command) parse(args []string, stdout, stderr io.Writer) (code int, done bool) {
	parser, err := kong.New(c.CLI,
		kong.Name(c.Model),
		kong.Description(c.Description+"\n\n"+c.signals()),
		kong.Writers(stdout, stderr),
		kong.Exit(func(n int) { code, done = n, true }),
		c.counters(),
		kong.Vars{
			"http":  "127.0.0.1:80" + c.Ports,
			"echo":  "127.0.0.1:70" + c.Ports,
			"admin": "127.0.0.1:90" + c.Ports,
			"cpus":  fmt.Sprint((&Flags{}).CPUs()),
		})
	if err != nil {
		fmt.Fprintf(stderr, "%s: %v\n", c.Model, err)
		return ExitFailed, true
	}
	_, err = parser.Parse(args)
	if done { // --help
		return code, true
	}
	var usage *kong.ParseError
	switch {
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "%s: %v\nsee %s --help\n", c.Model, err, c.Model)
		return ExitUsage, true
	case err != nil:
		fmt.Fprintf(stderr, "%s: %v\n", c.Model, err)
		return ExitFailed, true
	}
	return 0, false
}

// counters says how /count can be kept here.
func (c *Command) counters() kong.Vars {
	if !c.Processes {
		return kong.Vars{"counters": "racy,mutex,atomic", "counter": "atomic", "shared": ""}
	}
	return kong.Vars{"counters": "racy,mutex,atomic,shm,rpc", "counter": "shm",
		"shared": ": each process has a number of its own. For one number, shm: memory that the processes share; rpc: calls to the supervisor"}
}

// signals is for --help.
func (c *Command) signals() string {
	const stop = " and SIGTERM have the server finish what is in flight and stop; a second one ends it at once."
	if c.Hangup != nil {
		return "SIGINT" + stop
	}
	return "SIGINT, SIGHUP" + stop
}

// readyLine is what a server prints when it listens, for whoever started it.
type readyLine struct {
	Ready bool   `json:"ready"`
	Model string `json:"model"`
	PID   int    `json:"pid"`
	HTTP  string `json:"http"` // "" when off
	Echo  string `json:"echo"`
	Admin string `json:"admin"`
}

func writeReady(w io.Writer, model string, l Listeners) error {
	err := json.NewEncoder(w).Encode(readyLine{true, model, os.Getpid(), Addr(l.HTTP), Addr(l.Echo), Addr(l.Admin)})
	if err != nil {
		return fmt.Errorf("say on standard output that the server is ready: %w", err)
	}
	return nil
}
