// Versus compares loadgen with wrk, as clients of the same server.
//
//	go run ./scripts/versus [--pairs 10] [--duration 2s] [--url URL --pid PID]
//
// Both run one after the other, in random order within a pair, with one thread pinned to
// one core and the server pinned to another: 64 connections in a closed loop for
// plaintext. Neither warms up. CPU time is what the kernel says about the ended client
// (rusage), so it includes starting up; requests are those that the client reports.
//
// Only the ratio within a pair means anything: neighbours in time share what else the
// machine does. Without --url it builds ./servers/eventloop and starts it with one loop.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"modelbench/results/stats"
)

type flags struct {
	Pairs       int           `default:"10" help:"Pairs of runs; six are the least that can reach 95%."`
	Duration    time.Duration `short:"d" default:"2s" help:"Of each run, in whole seconds (wrk knows no others)."`
	Connections int           `short:"c" default:"64" help:"Connections of either client."`
	ClientCPU   int           `name:"client-cpu" default:"1" help:"Core of the clients."`
	ServerCPU   int           `name:"server-cpu" default:"0" help:"Core of the server."`
	URL         string        `name:"url" help:"Load this server instead of a fresh ./servers/eventloop."`
	PID         int           `name:"pid" help:"Process of --url, which is pinned to --server-cpu."`
	Seed        uint64        `default:"1" help:"Of the order within the pairs."`
}

func (f *flags) check() error {
	switch {
	case f.Pairs < 1:
		return errors.New("--pairs: want at least 1")
	case f.Duration < time.Second || f.Duration%time.Second != 0:
		return errors.New("--duration: want whole seconds, at least 1s")
	case f.Connections < 1:
		return errors.New("--connections: want at least 1")
	case (f.URL == "") != (f.PID == 0):
		return errors.New("--url and --pid belong together")
	}
	return nil
}

func main() {
	var f flags
	parser := kong.Must(&f, kong.Name("versus"), kong.Description("Compares loadgen with wrk as clients of the same server."))
	_, err := parser.Parse(os.Args[1:])
	if err == nil {
		err = f.check()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "versus:", err)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err = run(ctx, &f, os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "versus:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, f *flags, out io.Writer) error {
	wrk, err := exec.LookPath("wrk")
	if err != nil {
		return fmt.Errorf("find wrk: %w: install it first (apt-get install wrk)", err)
	}
	dir, err := os.MkdirTemp("", "versus")
	if err != nil {
		return fmt.Errorf("make a directory for the binaries: %w", err)
	}
	defer os.RemoveAll(dir)
	if err := build(ctx, dir, "./loadgen"); err != nil {
		return err
	}
	url, stop, err := f.server(ctx, dir)
	if err != nil {
		return err
	}
	defer stop()
	secs := fmt.Sprintf("%ds", int(f.Duration.Seconds()))
	conns := fmt.Sprint(f.Connections)
	clients := [2]client{
		{"loadgen", []string{filepath.Join(dir, "loadgen"), "-t", "1", "-c", conns, "-d", secs, "-w", "0s", url}},
		{"wrk", []string{wrk, "-t", "1", "-c", conns, "-d", secs, url}},
	}
	return f.compare(ctx, out, clients)
}

// compare runs the pairs and prints each as it is done, then the ratios.
func (f *flags) compare(ctx context.Context, out io.Writer, clients [2]client) error {
	rng := rand.New(rand.NewPCG(f.Seed, 0))
	var rate, cost [2][]float64
	fmt.Fprintf(out, "%4s  %22s  %22s  %22s\n", "", "requests/s", "ratio", "client CPU us/request")
	fmt.Fprintf(out, "%4s  %10s  %10s  %22s  %10s  %10s\n", "pair", "loadgen", "wrk", "", "loadgen", "wrk")
	for pair := range f.Pairs {
		var got [2]outcome
		first := rng.IntN(2)
		for _, i := range [2]int{first, 1 - first} {
			var err error
			if got[i], err = clients[i].run(ctx, f.ClientCPU); err != nil {
				return err
			}
		}
		fmt.Fprintf(out, "%4d  %10.0f  %10.0f  %22.3f  %10.2f  %10.2f\n", pair+1, got[0].rate, got[1].rate, got[0].rate/got[1].rate, got[0].cost, got[1].cost)
		for i := range got {
			rate[i], cost[i] = append(rate[i], got[i].rate), append(cost[i], got[i].cost)
		}
	}
	fmt.Fprintln(out)
	if err := printRatio(out, "requests/s, loadgen to wrk", rate); err != nil {
		return err
	}
	return printRatio(out, "client CPU per request, loadgen to wrk", cost)
}

func printRatio(out io.Writer, what string, x [2][]float64) error {
	ratios := make([]float64, len(x[0]))
	for i := range ratios {
		ratios[i] = x[0][i] / x[1][i]
	}
	median, _ := stats.Median(ratios, stats.Level)
	r, err := stats.CompareRatio(x[0], x[1], stats.Level)
	if err != nil {
		return fmt.Errorf("compare %s: %w", what, err)
	}
	fmt.Fprintf(out, "%s: median of the pairs %.3f, Hodges-Lehmann %.3f (%.3f to %.3f, %.1f%%)\n",
		what, median, r.Estimate, r.Interval.Lo, r.Interval.Hi, 100*r.Interval.Level)
	for _, doubt := range r.Doubts {
		fmt.Fprintf(out, "  %s\n", doubt)
	}
	return nil
}

// build puts the binary of a package of this module into dir.
func build(ctx context.Context, dir, pkg string) error {
	mod, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return fmt.Errorf("find the module: %w", err)
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-o", dir+string(os.PathSeparator), pkg)
	cmd.Dir = filepath.Dir(strings.TrimSpace(string(mod)))
	cmd.Env = append(cmd.Environ(), "GOTMPDIR="+dir) // it leaves its temporary files behind when it is stopped
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", pkg, err, text)
	}
	return nil
}
