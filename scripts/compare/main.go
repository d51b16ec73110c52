// Command compare answers "which model does what better, on this machine?" in a
// minute and a half: it builds the servers and loadgen, runs a campaign of them side
// by side and prints the comparison.
//
//	go run ./scripts/compare [flags]
//
// The answer goes to stdout; progress, doubts and errors go to stderr. Exit codes: 0
// measured, 1 something failed (what did not fail is answered all the same), 2 usage,
// 130 stopped by a signal (what whole blocks gave is answered).
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

	"modelbench/results/analysis"
	"modelbench/results/compare"
	"modelbench/scripts/campaign"
)

// module is what we build the executables of.
const module = "modelbench"

const (
	exitFailed      = 1
	exitUsage       = 2
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
	if err := addBase(ctx, source, &cfg, f.Base); err != nil {
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
	if err := source.Build(ctx, bin, cfg.Targets, func(line string) { fmt.Fprintln(c.stderr, line) }); err != nil {
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
	return errors.Join(err, c.answer(report, source.Root))
}

// answer prints the table of what whole blocks gave and where everything is. The
// error says that something failed, or that there is nothing to compare.
func (c command) answer(report campaign.Report, root string) error {
	var err error
	if len(report.Trials) > 0 {
		err = compare.Write(c.stdout, report.Trials, analysis.Options{})
		csv := relative(report.CSV)
		fmt.Fprintf(c.stdout, "\n%d of %d trials in %s are valid, seed %d\ntrials and manifest: %s\nthis table again:    go run %s compare %s\n",
			report.Valid, len(report.Trials), plural(report.Blocks, "block"), report.Seed, relative(report.Dir), packagePath(root), csv)
	} else {
		fmt.Fprintln(c.stderr, "no block was finished: there is nothing to compare")
	}
	for _, cell := range report.LeftOut {
		fmt.Fprintln(c.stdout, cell)
	}
	if struck := report.Trouble.String(); struck != "" {
		fmt.Fprintln(c.stderr, struck)
	}
	if report.Restless() { // wide intervals have a cause that the user can do something about
		fmt.Fprintln(c.stderr, "was something else running? A quiet machine gives narrower intervals")
	}
	if report.Loose > 0 {
		fmt.Fprintf(c.stderr, "%d trials of the unfinished block are in the file too, and left out of this table\n", report.Loose)
	}
	if n := len(report.Failures); n > 0 {
		err = errors.Join(err, fmt.Errorf("%s failed: see above, and failures in %s", plural(n, "thing"), filepath.Join(relative(report.Dir), "manifest.json")))
	}
	return err
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// relative is the path from where we are, when that is the shorter one.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && len(short) < len(path) {
		return short
	}
	return path
}

// packagePath names the results command so that `go run` finds it from where we are.
func packagePath(root string) string {
	here, err := os.Getwd()
	if err != nil || here != root {
		return module + "/results"
	}
	return "./results"
}
