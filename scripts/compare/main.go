// Command compare answers "which model does what better, on this machine?" in a
// minute and a half: it builds the servers and loadgen, runs a campaign of them side
// by side and prints the comparison.
//
//	go run ./scripts/compare [flags]
//
// The answer goes to stdout; progress, doubts and errors go to stderr. Exit codes: 0
// measured, 1 something failed (what did not fail is answered all the same), 2 usage,
// 3 a measure changed by more than --fail-if allows, 130 stopped by a signal (what whole blocks gave is answered).
//
// SIGINT, SIGTERM and SIGHUP stop it in order: servers drain, no process stays. The
// second of them kills the processes at once, the third kills the command, and with it
// whatever it started. That nobody reads what it says any more (SIGPIPE, as of
// compare | head) stops it in order too.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"modelbench/scripts/campaign"
)

// module is what we build the executables of.
const module = "modelbench"

const (
	exitFailed      = 1
	exitUsage       = 2
	exitGate        = 3
	exitInterrupted = 130 // as a shell reports SIGINT
)

func main() {
	campaign.MaybeGuard() // of a target's command
	ctx, stop := context.WithCancel(context.Background())
	abort := make(chan struct{})
	signals := make(chan os.Signal, 3)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	unread := make(chan os.Signal, 1) // of its own: each further write brings another
	signal.Notify(unread, syscall.SIGPIPE)
	go func() {
		select {
		case <-signals:
		case <-unread:
		}
		stop()
		<-signals
		close(abort)
		signal.Reset()
	}()
	os.Exit(run(ctx, abort, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the command. It returns the exit code. ctx stops it in order, abort, later,
// at once.
func run(ctx context.Context, abort <-chan struct{}, args []string, stdout, stderr io.Writer) int {
	c := command{abort: abort, args: args, stdout: stdout, stderr: stderr}
	err := c.run(ctx)
	var usage *campaign.UsageError
	switch {
	case errors.Is(err, errHelped):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "compare: %v\nrun it with --help for the flags\n", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "compare: stopped by a signal")
		return exitInterrupted
	case errors.Is(err, errGate):
		fmt.Fprintf(stderr, "compare: %v\n", err)
		return exitGate
	case err != nil:
		fmt.Fprintf(stderr, "compare: %v\n", err)
		return exitFailed
	}
	return 0
}

// command is one run of the command.
type command struct {
	abort          <-chan struct{}
	args           []string
	stdout, stderr io.Writer
}

// errHelped says that --help has been printed, which was all that was asked for.
var errHelped = errors.New("helped")

func (c command) run(ctx context.Context) error {
	cfg, f, err := c.parse()
	if err != nil {
		return err
	}
	if f.PrintCampaign && f.Base == "" {
		return cfg.Describe(c.stdout)
	}
	if runtime.GOOS != "linux" {
		return errors.New("comparing needs Linux: loadgen's engine is epoll, and processes are tied to the campaign by the kernel")
	}
	source, err := campaign.FindSource(ctx, module)
	if err != nil {
		return err
	}
	if f.Resume == "" { // else its executables have to be the same, and so is their source
		cfg.Git = source.Git
	}
	if err := f.addBase(ctx, source, &cfg); err != nil {
		return err
	}
	if f.PrintCampaign {
		return cfg.Describe(c.stdout)
	}
	if err := cfg.Validate(); err != nil {
		return err
	}
	if cfg.Out == "" {
		cfg.Out = filepath.Join(source.Root, "results", "runs", cfg.ID)
	}
	bin, remove, err := campaign.WorkFolder("")
	if err != nil {
		return err
	}
	defer remove()
	cfg.Bin = bin
	begin := time.Now()
	fmt.Fprintln(c.stderr, "building the servers and loadgen")
	if err := source.Build(ctx, bin, cfg.Built(), func(line string) { fmt.Fprintln(c.stderr, line) }); err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "built in %v\n", time.Since(begin).Round(100*time.Millisecond))

	show, done := campaign.Watch(c.stderr)
	cfg.Events = show
	report, err := campaign.Run(ctx, cfg)
	done()
	if report.Dir == "" {
		return err // refused before it began
	}
	return errors.Join(err, c.answer(report, source.Root, f))
}
