package main

import (
	"context"
	"fmt"
	"math"
	"syscall"
	"time"
)

// stall stops the server's process in the middle of a constant load. A request that
// is due while it is stopped has to wait for the rest of the stop, whatever
// the generator does meanwhile:
//
//	latency   S |.
//	            |  .            S - x for a request due x after the stop,
//	            |    .          about nothing for any other
//	          0 |......______
//	            0     S        D
//
// Sorted, the latencies are 0 up to the share 1-S/D of the requests and then grow evenly to S.
// So the quantile q is S-(1-q)D, or 0 where that is negative.
type stall struct {
	Duration  time.Duration `short:"d" default:"10s" help:"Of the load."`
	Stop      time.Duration `default:"1s" help:"How long the server is stopped, in the middle."`
	Rate      int           `short:"R" default:"1000" help:"Requests per second."`
	Tolerance float64       `default:"0.02" help:"How far off a percentile may be, as a share of it; where it should be 0, of the stop."`
}

func (s *stall) check() error {
	if err := atLeast("--stop", s.Stop, 10*time.Millisecond); err != nil {
		return err
	}
	// The p99 needs ten samples beyond it, and the p95 must be one that the stop shows in.
	if err := atLeast("--duration", s.Duration, 2*s.Stop); err != nil {
		return err
	}
	if s.Duration > 15*s.Stop {
		return usage("--stop", "%v in %v is too short to show in a p95", s.Stop, s.Duration)
	}
	if float64(s.Rate)*s.Duration.Seconds() < 1000 {
		return usage("--rate", "%d requests/s for %v are too few for a p99", s.Rate, s.Duration)
	}
	return nil
}

func (s *stall) title() string {
	return fmt.Sprintf("%d requests/s for %v, the server stopped for %v in the middle: latency", s.Rate, s.Duration, s.Stop)
}

func (s *stall) measure(ctx context.Context, b *bench) ([]finding, error) {
	server, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	l, err := b.start([]string{plaintext(server)}, "-R", fmt.Sprint(s.Rate), "-d", s.Duration.String(), "-w", "0s")
	if err != nil {
		return nil, err
	}
	if err := pause(ctx, l, (s.Duration-s.Stop)/2); err != nil {
		return nil, err
	}
	begin := time.Now()
	server.Proc.Signal(syscall.SIGSTOP)
	err = pause(ctx, l, s.Stop)
	server.Proc.Signal(syscall.SIGCONT)
	stopped := time.Since(begin) // as it was: the machine may have had us wait
	if err != nil {
		return nil, err
	}
	r, err := b.finish(ctx, l)
	if err != nil {
		return nil, err
	}
	return s.findings(stopped, &r.Targets[0]), nil
}

// pause lets a load run on for d.
func pause(ctx context.Context, l *load, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-l.Done():
		return fmt.Errorf("run loadgen: it ended early: %s", l.Diagnosis())
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (s *stall) findings(stopped time.Duration, o *outcome) []finding {
	var all []finding
	for _, q := range []struct {
		name string
		q    float64
		of   func(*distribution) *float64
	}{{"p90", 0.90, p90}, {"p95", 0.95, p95}, {"p99", 0.99, p99}, {"max", 1, most}} {
		want := expectedQuantile(q.q, s.Duration, stopped)
		tolerance := s.Tolerance * ms(want)
		if ms(want) < s.Tolerance*ms(stopped) { // it should be about nothing, of which there is no share
			tolerance = s.Tolerance * ms(stopped)
		}
		all = append(all, within(q.name, ms(want), tolerance, us(o.Latency, q.of)/1e3, "ms"))
	}
	return append(all, o.balance())
}

// expectedQuantile is what the arithmetic above says.
func expectedQuantile(q float64, d, stopped time.Duration) time.Duration {
	return max(0, stopped-time.Duration(math.Round((1-q)*float64(d))))
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
