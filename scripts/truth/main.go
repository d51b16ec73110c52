// Truth checks what loadgen claims of itself, one claim by one command, against
// something that is not loadgen: arithmetic, a capture, or the kernel's own count.
//
//	go run ./scripts/truth CLAIM [flags] [-- flags of loadgen]
//
//	stall   a server that stops for a second shows in the percentiles as arithmetic says
//	wire    service times are those that a capture of the loopback shows (tcpdump)
//	lag     at 50,000 requests/s from one core, requests leave when they are due
//	same    a server compared with itself: the interval of the ratio holds 1
//	memory  the client's memory does not grow with requests
//	idle    15,000 idle connections beside 64 active ones cost the client little
//	poisson Poisson arrivals are Poisson, by loadgen's own word and on the wire (tcpdump)
//	ports   with --source more connections to one port are open than an address has ports (root)
//
// loadgen runs on one core and the server, ours with one loop, on another. Each command prints
// a table of what is expected and what was measured. What it needs and cannot find
// is an error that says so, never a table with less in it. Whatever follows -- goes to loadgen:
// `truth lag -- --threads 2`.
//
// The table goes to standard output, errors to standard error. Exit codes: 0 the claim
// holds, 1 it does not or could not be measured, 2 usage, 130 stopped by a signal. No process
// outlives it, see rig.Launcher.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"modelbench/scripts/campaign"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130 // as a shell reports SIGINT
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends the program, and the kernel its children
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// errBroken says that a claim does not hold, which the table has said in full.
var errBroken = errors.New("the claim does not hold")

// run is the command. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := check(ctx, args, stdout, stderr)
	var usage *campaign.UsageError
	switch {
	case err == nil, errors.Is(err, errHelped):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "truth: %v\nrun it with --help for the flags\n", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "truth: stopped by a signal")
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "truth: %v\n", err)
	return exitFailed
}

func check(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, test, err := parse(args, stdout, stderr)
	if err != nil {
		return err
	}
	b := &bench{flags: f, diag: stderr}
	if err := b.open(ctx); err != nil {
		return errors.Join(err, b.close())
	}
	findings, err := test.measure(ctx, b)
	if err = errors.Join(err, b.close()); err != nil {
		return err
	}
	if err := write(stdout, test.title(), findings); err != nil {
		return err
	}
	for _, found := range findings {
		if !found.holds {
			return errBroken
		}
	}
	return nil
}
