package main

import (
	"context"
	"fmt"
	"time"
)

// lag sends at a high constant rate and looks at how late the requests left. Loadgen says it
// of itself, so the rate that results stands beside it: a clock that runs wrong would show there.
//
// Lag counts the wait for a free connection, which is the server's doing. So there are
// enough connections for 10 ms without a reply, which a core that has gone to sleep in a
// virtual machine may take.
type lag struct {
	Duration    time.Duration `short:"d" default:"10s" help:"Of the load."`
	Rate        int           `short:"R" default:"50000" help:"Requests per second."`
	Connections int           `short:"c" default:"512" help:"Connections, enough that no request waits for one."`
	Spin        time.Duration `default:"50us" help:"loadgen's --spin; 0s for none."`
	Most        time.Duration `default:"100us" help:"How late 99.9% of the requests may leave."`
}

// rateTolerance is how far off the achieved rate may be.
const rateTolerance = 0.001

func (l *lag) check() error {
	if float64(l.Rate)*l.Duration.Seconds() < 10000 {
		return usage("--rate", "%d requests/s for %v are too few for the tail", l.Rate, l.Duration)
	}
	return nil
}

func (l *lag) title() string {
	return fmt.Sprintf("%d requests/s for %v from one core, --spin %v: when they leave", l.Rate, l.Duration, l.Spin)
}

func (l *lag) measure(ctx context.Context, b *bench) ([]finding, error) {
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	o, err := b.load(ctx, server, "-R", fmt.Sprint(l.Rate), "-d", l.Duration.String(), "-w", "1s",
		"-c", fmt.Sprint(l.Connections), "--spin", l.Spin.String())
	if err != nil {
		return nil, err
	}
	return []finding{
		atMost("lag p99.9", float64(l.Most)/1e3, us(o.Lag, p999), "us"),
		within("achieved rate", float64(l.Rate), rateTolerance*float64(l.Rate), known(o.SentRPS), "requests/s"),
		o.balance(),
	}, nil
}
