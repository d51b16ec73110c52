// Command claims puts an article's claims about threads, processes and asyncio to the test on this machine: it builds the
// servers, runs the experiments that the claims name, each of them a campaign, and prints claim by claim what came out.
//
//	go run ./scripts/claims [flags]
//
// What is claimed, and what would show it, is in results/claims/claims.yaml; how it is measured, in the campaigns under
// experiments. Nothing here knows what ought to come out.
//
//	build once ─> lock the folder ─┬─> experiment ─> campaign in OUT/NAME ─> run.json ─┬─> judge ─> the answer
//	                               └──────── the most telling first, as time allows ───┘
//
// The verdicts go to stdout; progress, doubts and errors go to stderr. Exit codes: 0 measured, 1 something failed (what did
// not fail is answered all the same), 2 usage, 130 stopped by a signal (what whole blocks gave is answered).
//
// SIGINT, SIGTERM and SIGHUP stop it in order: servers drain, no process stays. The second of them kills the processes at
// once, the third kills the command, and with it whatever it started.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"syscall"

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

// command is one run of the command.
type command struct {
	abort          <-chan struct{}
	args           []string
	stdout, stderr io.Writer
	cpus           int // that we may use
}

// run is the command. It returns the exit code. ctx stops it in order, abort, later, at once.
func run(ctx context.Context, abort <-chan struct{}, args []string, stdout, stderr io.Writer) int {
	c := command{abort: abort, args: args, stdout: stdout, stderr: stderr, cpus: runtime.NumCPU()}
	err := c.run(ctx)
	var usage *campaign.UsageError
	switch {
	case errors.Is(err, errHelped):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "claims: %v\nrun it with --help for the flags\n", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "claims: stopped by a signal")
		return exitInterrupted
	case err != nil:
		fmt.Fprintf(stderr, "claims: %v\n", err)
		return exitFailed
	}
	return 0
}

// errHelped says that --help has been printed, which was all that was asked for.
var errHelped = errors.New("helped")
