// Versus compares loadgen with wrk, and with other load generators, as clients of one server.
//
//	go run ./scripts/versus [--engine epoll,uring] [--with h2load,hey,ab] [--pipeline 16]
//
// A round is one run of each client, in random order, one after the other: the client on
// one pinned core, with one thread, and the server on another; 64 connections in a closed
// loop for plaintext. Nobody warms up. Requests are those that the client reports; its CPU time is what the
// kernel says of the ended process (rusage), so it includes starting up. One run more of each
// client counts its system calls, with perf or strace where there is one.
//
// Only the ratio within a round means anything: neighbours in time share what else the
// machine does. Ratios are to wrk, with an interval (results/stats).
//
// The server is a bare C epoll server (scripts/rig/epoll.c) that gcc compiles, as what a
// client can do at most shows best against the least of servers; --server eventloop
// is ours, with one loop; --url and --pid name any other.
//
// The table goes to standard output, errors to standard error. Exit codes: 0 measured,
// 1 failed, 2 usage, 130 stopped by a signal; what whole rounds gave until then is printed
// all the same. No process outlives it, see rig.Launcher.
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

// run is the command. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	err := measure(ctx, args, stdout, stderr)
	var usage *campaign.UsageError
	switch {
	case err == nil, errors.Is(err, errHelped):
		return 0
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "versus: %v\nrun it with --help for the flags\n", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "versus: stopped by a signal")
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "versus: %v\n", err)
	return exitFailed
}

func measure(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parse(args, stdout, stderr)
	if err != nil {
		return err
	}
	m := &match{flags: f, out: stdout, diag: stderr}
	if err := m.open(ctx); err != nil {
		return errors.Join(err, m.close())
	}
	return errors.Join(m.play(ctx), m.close())
}
