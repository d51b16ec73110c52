// Peers puts this project's servers beside the limits of the machine and beside popular
// stacks, so that anyone can check with one command what is said of them.
//
//	go run ./scripts/peers [plaintext|echo|pipeline|idle]...
//
// Every server is pinned to one and the same core and loadgen, with one thread, to another.
//
//	plaintext  CPU per request of 64 connections in a closed loop, all servers up at once
//	echo       the same with 64 bytes over TCP
//	pipeline   the same with 16 requests outstanding on a connection, against the unpipelined
//	idle       memory per idle keep-alive connection, one server at a time, and the p99 of
//	           64 active connections with and without the idle ones
//
// The first three are rotations: loadgen visits the servers in turn, 50 ms each, so that
// all share whatever the machine does meanwhile. A block is fresh servers and a rotation of
// a few seconds, and gives one trial for each server. Ratios are taken within blocks
// (results/stats); nothing else carries over from one machine, or minute, to the next.
//
// Beside ours stand popular libraries as they ship (servers/stock), nginx, and a server in
// C that does not even parse (epoll.c), as the floor of what a request costs here. Where it
// is faster than loadgen (client_bound) it is not kept busy and takes less at a time, so
// that ratios to it are rather too low than too high. What is not installed is left out,
// and said to be. --server adds any other command:
//
//	go build -o /tmp/old ./servers/eventloop    # and /tmp/new after a change
//	go run ./scripts/peers plaintext --servers= --to old \
//	    --server 'old=/tmp/old --procs 1 --http {http} --echo {echo}' \
//	    --server 'new=/tmp/new --procs 1 --http {http} --echo {echo}'
//
// The tables go to standard output; progress, doubts and errors to standard error. Exit
// codes: 0 measured, 1 failed, 2 usage, 130 stopped by a signal; what whole blocks gave
// until then is printed all the same. No process outlives it, see rig.Launcher.
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
		fmt.Fprintf(stderr, "peers: %v\nrun it with --help for the flags\n", err)
		return exitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(stderr, "peers: stopped by a signal")
		return exitInterrupted
	}
	fmt.Fprintf(stderr, "peers: %v\n", err)
	return exitFailed
}

func measure(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	f, err := parse(args, stdout, stderr)
	if err != nil {
		return err
	}
	if runtime.GOOS != "linux" {
		return errors.New("this needs Linux: loadgen's engine is epoll, and processes are pinned to cores and tied to this one by the kernel")
	}
	if err := f.checkMachine(); err != nil {
		return err
	}
	b := &bench{flags: f, out: stdout, diag: stderr}
	if err := b.open(ctx); err != nil {
		return errors.Join(err, b.close())
	}
	return errors.Join(b.run(ctx), b.close())
}
