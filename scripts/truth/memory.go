package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"modelbench/scripts/rig"
)

// memory loads as fast as it can for a short and for a long time, and compares the most
// memory that loadgen had. Whatever it kept for each request would show: a hundred
// thousand requests a second are 40 MiB in 50 s at 8 bytes each.
type memory struct {
	Short time.Duration `default:"10s" help:"The short run."`
	Long  time.Duration `default:"60s" help:"The long run."`
}

const (
	memoryApart = 5 << 20                // bytes by which the peaks may differ
	sampleEvery = 100 * time.Millisecond // how often a load under way is looked at
)

func (m *memory) check() error {
	if err := atLeast("--short", m.Short, time.Second); err != nil {
		return err
	}
	return atLeast("--long", m.Long, m.Short)
}

func (m *memory) title() string {
	return fmt.Sprintf("full load for %v and for %v: the client's memory at its peak", m.Short, m.Long)
}

func (m *memory) measure(ctx context.Context, b *bench) ([]finding, error) {
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	var peaks [2]peak
	for i, d := range []time.Duration{m.Short, m.Long} {
		l, err := b.start([]string{plaintext(server)}, "-d", d.String(), "-w", "0s")
		if err != nil {
			return nil, err
		}
		if peaks[i], err = watch(ctx, l); err != nil {
			return nil, err
		}
		r, err := b.finish(ctx, l)
		if err != nil {
			return nil, err
		}
		peaks[i].requests = r.Targets[0].Completed
	}
	return []finding{
		growth("PSS", peaks[0].pss, peaks[1].pss, peaks),
		growth("RSS", peaks[0].rss, peaks[1].rss, peaks),
	}, nil
}

// growth is the finding that two peaks are close together.
func growth(what string, short, long uint64, peaks [2]peak) finding {
	apart := max(short, long) - min(short, long)
	return finding{
		what:     fmt.Sprintf("%s after %s and %s requests", what, count(peaks[0].requests), count(peaks[1].requests)),
		expected: fmt.Sprintf("within %s", mib(memoryApart)),
		measured: fmt.Sprintf("%s and %s", mib(short), mib(long)),
		holds:    apart <= memoryApart && min(short, long) > 0 && peaks[1].requests > peaks[0].requests,
	}
}

// A peak is the most memory that a process had, in bytes.
type peak struct {
	pss, rss uint64
	requests uint64 // that it made meanwhile
}

// watch looks at the memory of a load until it ends.
func watch(ctx context.Context, l *load) (p peak, err error) {
	tick := time.NewTicker(sampleEvery)
	defer tick.Stop()
	for {
		select {
		case <-l.Done():
			return p, nil
		case <-ctx.Done():
			return p, context.Cause(ctx)
		case <-tick.C:
		}
		pss, err := rig.PSS(l.PID)
		rss, err2 := rig.PeakRSS(l.PID)
		if err = errors.Join(err, err2); err != nil {
			return p, endedOr(l, err)
		}
		p.pss, p.rss = max(p.pss, pss), max(p.rss, rss)
	}
}

// endedOr is nil if a load that cannot be looked at has ended, which may take a moment to
// come round.
func endedOr(l *load, err error) error {
	select {
	case <-l.Done():
		return nil
	case <-time.After(time.Second):
		return err
	}
}

func mib(bytes uint64) string { return fmt.Sprintf("%.2f MiB", float64(bytes)/(1<<20)) }

// count shows a large number in thousands or millions.
func count(n uint64) string {
	switch {
	case n >= 10_000_000:
		return fmt.Sprintf("%.0fM", float64(n)/1e6)
	case n >= 10_000:
		return fmt.Sprintf("%.0fk", float64(n)/1e3)
	}
	return fmt.Sprint(n)
}
