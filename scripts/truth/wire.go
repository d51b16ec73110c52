package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"modelbench/scripts/truth/capture"
)

// wire captures the loopback under a gentle load and compares loadgen's service times with
// the time from each request's segment to its reply's. What lies between the two is
// loadgen's own: from its decision to send to the segment, and from the reply's to its waking up.
// The latter is that of a core which has gone to sleep, unless loadgen spins meanwhile.
type wire struct {
	Duration    time.Duration `short:"d" default:"10s" help:"Of the load."`
	Rate        int           `short:"R" default:"1000" help:"Requests per second."`
	Connections int           `short:"c" default:"64" help:"Connections."`
	Spin        time.Duration `default:"200us" help:"loadgen's --spin; 0s for none. Not used with --kernel-timestamps."`
	Stamps      bool          `name:"kernel-timestamps" help:"Have loadgen take the kernel's stamps, and expect half the difference."`
}

const (
	wireApart    = 20 * time.Microsecond
	stampsApart  = 10 * time.Microsecond
	capturedMost = 0.01 // share of the exchanges that loadgen and the capture may differ by: some are in flight at the end
)

func (w *wire) check() error {
	if float64(w.Rate)*w.Duration.Seconds() < 1000 {
		return usage("--rate", "%d requests/s for %v are too few for a p99", w.Rate, w.Duration)
	}
	if w.Connections < 1 {
		return usage("--connections", "%d is less than 1", w.Connections)
	}
	return nil
}

func (w *wire) title() string {
	how := fmt.Sprintf("--spin %v", w.Spin)
	if w.Stamps {
		how = "--kernel-timestamps"
	}
	return fmt.Sprintf("%d requests/s for %v, %s: service time as loadgen says it and as captured", w.Rate, w.Duration, how)
}

func (w *wire) measure(ctx context.Context, b *bench) ([]finding, error) {
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	args := []string{"-R", fmt.Sprint(w.Rate), "-d", w.Duration.String(), "-c", fmt.Sprint(w.Connections), "-w", "0s"}
	if w.Stamps {
		args = append(args, "--kernel-timestamps")
	} else {
		args = append(args, "--spin", w.Spin.String())
	}
	o, m, err := b.loadCaptured(ctx, server, args...)
	if err != nil {
		return nil, err
	}
	apart := wireApart
	if w.Stamps {
		apart = stampsApart
	}
	return wireFindings(o, m, apart), nil
}

func wireFindings(o *outcome, m *capture.Matcher, apart time.Duration) []finding {
	service := make([]float64, 0, len(m.Exchanges))
	for _, e := range m.Exchanges {
		service = append(service, float64(e.Done-e.Sent)/1e3)
	}
	slices.Sort(service)
	all := []finding{
		within("exchanges captured", float64(o.Completed), capturedMost*float64(o.Completed), float64(len(service)), ""),
		atMost("segments out of turn", 0, float64(m.Odd), ""),
	}
	for _, q := range []struct {
		name string
		q    float64
		of   func(*distribution) *float64
	}{{"p50", 0.5, p50}, {"p99", 0.99, p99}} {
		all = append(all, within(q.name, quantile(service, q.q), float64(apart)/1e3, us(o.Service, q.of), "us"))
	}
	return append(all, o.balance())
}

// quantile of sorted values, by nearest rank; NaN of none.
func quantile(sorted []float64, q float64) float64 {
	if len(sorted) == 0 {
		return math.NaN()
	}
	return sorted[max(0, int(math.Ceil(q*float64(len(sorted))))-1)]
}
