package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"text/tabwriter"

	"modelbench/results/stats"
	"modelbench/scripts/campaign"
	"modelbench/scripts/rig"
)

// A match is one run of the command: what it builds, starts and has to take away again.
type match struct {
	*flags
	out  io.Writer // the tables
	diag io.Writer // what the compiler says

	dir     string // executables, logs
	remove  func()
	launch  *rig.Launcher
	clients []client
	url     string
	server  *rig.Running // nil: it is not ours
}

// open builds everything and starts the server. close is due even if it fails.
func (m *match) open(ctx context.Context) (err error) {
	for _, core := range []struct {
		flag string
		cpu  int
	}{{"--client-cpu", m.ClientCPU}, {"--server-cpu", m.ServerCPU}} {
		if err := rig.CheckCore(core.cpu); err != nil {
			return usage(core.flag, "%v", err)
		}
	}
	source, err := campaign.FindSource(ctx, "modelbench")
	if err != nil {
		return err
	}
	if m.dir, m.remove, err = campaign.WorkFolder(""); err != nil {
		return err
	}
	m.launch = rig.NewLauncher(m.dir)
	if m.clients, err = m.flags.clients(m.dir); err != nil {
		return err
	}
	if m.URL != "" {
		m.url = m.URL
		if err := pin(m.PID, m.ServerCPU); err != nil {
			return err
		}
		return source.Build(ctx, m.dir, nil, m.say)
	}
	return m.openServer(ctx, source)
}

func (m *match) openServer(ctx context.Context, source campaign.Source) error {
	var targets []campaign.Target
	s := rig.Server{
		Name: eventloop, HTTP: true,
		Args: []string{filepath.Join(m.dir, eventloop), "--loops", "1", "--procs", "1", "--http", "{http}", "--echo", "", "--admin", "", "--log-level", "error"},
	}
	if m.Server == eventloop {
		targets = []campaign.Target{{Name: eventloop, Binary: eventloop}}
	}
	err := source.Build(ctx, m.dir, targets, m.say)
	if err == nil && m.Server == rig.Bare {
		if s, err = rig.BuildBare(ctx, m.dir); errors.Is(err, rig.ErrMissing) {
			err = fmt.Errorf("%w; --server %s needs none", err, eventloop)
		}
	}
	if err == nil {
		m.server, err = m.launch.Up(ctx, s, m.ServerCPU)
	}
	if err != nil {
		return err
	}
	m.url = "http://" + m.server.Addr["http"].String() + "/plaintext"
	return nil
}

func (m *match) say(line string) { fmt.Fprintln(m.diag, line) }

func (m *match) close() error {
	var err error
	if m.launch != nil {
		err = m.launch.Close()
	}
	if m.remove != nil {
		m.remove()
	}
	return err
}

// play runs the rounds and prints each as it is done, then the table.
func (m *match) play(ctx context.Context) error {
	m.heading()
	rng := rand.New(rand.NewPCG(m.Seed, 0))
	scores := make([]score, len(m.clients))
	var failed error
	for round := 1; round <= m.Rounds && failed == nil; round++ {
		var got []outcome
		if got, failed = m.round(ctx, rng.Perm(len(m.clients))); failed != nil {
			break
		}
		fmt.Fprintf(m.out, "%5d", round)
		for i, o := range got {
			scores[i].rate, scores[i].cost = append(scores[i].rate, o.rate), append(scores[i].cost, o.cost)
			fmt.Fprintf(m.out, "  %*.0f %8.2f", columnWidth(m.clients[i])-9, o.rate, o.cost)
		}
		fmt.Fprintln(m.out)
	}
	if len(scores[0].rate) == 0 {
		return failed
	}
	var remark string
	if failed == nil {
		remark, failed = m.count(ctx, scores)
	}
	return errors.Join(failed, m.table(scores, remark))
}

// round runs each client once, in the order given. The result is in the order of the clients.
func (m *match) round(ctx context.Context, order []int) ([]outcome, error) {
	got := make([]outcome, len(m.clients))
	for _, i := range order {
		var err error
		if got[i], err = m.run(ctx, m.launch, m.clients[i], m.url); err != nil {
			return nil, err
		}
		if m.server != nil {
			if err := m.server.Alive(); err != nil {
				return nil, err
			}
		}
	}
	return got, nil
}

// count fills in the system calls, or returns a remark on why they are missing.
func (m *match) count(ctx context.Context, scores []score) (remark string, err error) {
	with, err := m.findCounter(ctx)
	if ctx.Err() != nil {
		return "", err
	}
	if err != nil {
		return fmt.Sprintf("system calls were not counted: %v", err), nil
	}
	for i, c := range m.clients {
		if scores[i].syscalls, err = m.syscalls(ctx, with, c); err != nil {
			return "", fmt.Errorf("count the system calls of %s: %w", c.name, err)
		}
	}
	return fmt.Sprintf("system calls: counted by %s in one run of %v each", with.name, countFor), nil
}

// A score is all that is known of one client.
type score struct {
	rate, cost []float64 // by round
	syscalls   float64   // per request; 0: not counted
}

func columnWidth(c client) int { return max(18, len(c.name)) }

func (m *match) heading() {
	what := m.Server
	if m.URL != "" {
		what = m.URL
	}
	fmt.Fprintf(m.out, "%s on core %d; clients on core %d, %d connections, %d outstanding on each, %v a run\n\n",
		what, m.ServerCPU, m.ClientCPU, m.Connections, m.Pipeline, m.Duration)
	fmt.Fprintf(m.out, "%5s", "")
	for _, c := range m.clients {
		fmt.Fprintf(m.out, "  %*s", columnWidth(c), c.name)
	}
	fmt.Fprintf(m.out, "\n%5s", "round")
	for _, c := range m.clients {
		fmt.Fprintf(m.out, "  %*s %8s", columnWidth(c)-9, "req/s", "us/req")
	}
	fmt.Fprintln(m.out)
}

// table prints medians, and ratios to wrk within the rounds.
func (m *match) table(scores []score, remark string) error {
	ref := 0
	for m.clients[ref].name != reference {
		ref++
	}
	var doubts []string
	tw := tabwriter.NewWriter(m.out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "\n  client\trequests/s\tto %s\tCPU us/request\tto %s\tsystem calls/request\n", reference, reference)
	for i, c := range m.clients {
		s := &scores[i]
		rate, _ := stats.Median(s.rate, stats.Level)
		cost, _ := stats.Median(s.cost, stats.Level)
		rateRatio, costRatio := "1", "1"
		if i != ref {
			var err error
			if rateRatio, doubts, err = ratio(s.rate, scores[ref].rate); err != nil {
				return fmt.Errorf("compare %s: %w", c.name, err)
			}
			if costRatio, _, err = ratio(s.cost, scores[ref].cost); err != nil {
				return fmt.Errorf("compare %s: %w", c.name, err)
			}
		}
		calls := "-"
		if s.syscalls > 0 {
			calls = strconv.FormatFloat(s.syscalls, 'f', 2, 64)
		}
		fmt.Fprintf(tw, "  %s\t%.0f\t%s\t%.2f\t%s\t%s\n", c.name, rate, rateRatio, cost, costRatio, calls)
	}
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	fmt.Fprintf(m.out, "\nmedians of %d rounds; ratios are Hodges-Lehmann estimates with %.3g%% intervals over the rounds\n", len(scores[0].rate), 100*stats.Level)
	for _, line := range append(doubts, remark) {
		if line != "" {
			fmt.Fprintln(m.out, line)
		}
	}
	return nil
}

// ratio is the cell of a/b, and what speaks against it, which is the same for all cells.
func ratio(a, b []float64) (cell string, doubts []string, err error) {
	r, err := stats.CompareRatio(a, b, stats.Level)
	if err != nil {
		return "", nil, err
	}
	return fmt.Sprintf("%.3fx [%.3f, %.3f]", r.Estimate, r.Interval.Lo, r.Interval.Hi), r.Doubts, nil
}
