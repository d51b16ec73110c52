package campaign

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

const (
	// watchEvery is the interval of the series that a fault's load is watched by, and so how finely recovery_ms is known. At
	// 2,000 requests/s it holds 40, of which one more or less matters little.
	watchEvery = 20 * time.Millisecond
	// newcomersName is the file in the campaign's folder that the row of the new connections is written to, meanwhile.
	newcomersName = "newcomers.csv"
)

// fault has a server go wrong while it is loaded, by a request on a connection of its own, and sees who notices:
//
//	| warmup |------- before -------X--------------- watched ---------------|
//	 load     ======================|=======================================   connections that stay, at the workload's rate
//	 newcomers   - - - - - - - - - -|=======================================   a connection for each request, counted from X on
//
// conns_lost are the load's connections that did not last: closed or reset, or given up as a request on them had no answer within half of the
// watched time (patience). A stopped process ends no connection; its clients have lost theirs all the same.
//
// new_conns were attempted from X on (some 10 ms later, which is what a loadgen takes to start), new_conns_failed are those on which
// no good reply came within the same patience: whether nobody listened, nobody accepted or nobody answered.
//
// recovery_ms is how long the load's rate was away: see recovery.
//
// What is wrong with a server is the result. The trial is not valid where the generator was late before X, or the fault did not strike.
// Afterwards the server is killed, with whatever it has stopped, spinning or swollen.
type fault struct {
	runner   *runner
	workload Workload
	server   *server

	series  *os.File      // the load's end; ours is follow's
	over    chan struct{} // closed when the load has ended
	done    sync.WaitGroup
	origin  time.Time // when the load began, as near as its rows tell
	rows    []interval
	unread  error // why there are no more rows
	struck  time.Time
	missed  error // why the fault did not strike
	entered trial.Trial
	barred  error // why there is no row of newcomers
}

// patience is how long to wait for a reply where a fault is watched: half of that time, so that what is due in its first half
// and is not answered is seen to fail in its second.
func (w Workload) patience() time.Duration { return (w.Measure - w.Fault.After) / 2 }

// fallible is the target as it is started for a fault: our own servers have to be told that they may go wrong.
func (t Target) fallible() Target {
	if t.Binary != "" {
		t.Args = append(slices.Clone(t.Args), "--allow-faults")
	}
	return t
}

func (f *fault) begin(ctx context.Context, ld *load) error {
	ours, theirs, err := os.Pipe()
	if err != nil {
		return err
	}
	f.series, ld.series, ld.timeout = theirs, theirs, f.workload.patience()
	f.over = make(chan struct{})
	f.missed = errors.New("the load ended before it was due")
	seed := ld.seed
	f.done.Go(func() { f.follow(ctx, ours, seed) })
	return nil
}

// end waits for what was begun, and kills the server.
func (f *fault) end(context.Context) error {
	_ = f.series.Close() // loadgen's own copies are gone with it: now the rows end
	close(f.over)
	f.done.Wait() // for the newcomers most of all, which end with the context or soon
	return f.server.kill(f.runner.abort)
}

// follow reads the load's rows as they come. The first tells when the load has begun, and so when the rest has to.
func (f *fault) follow(ctx context.Context, from *os.File, seed int64) {
	defer from.Close()
	rows, now := newRows(from), time.Now
	for {
		row, err := rows.next()
		if err != nil {
			if err != io.EOF {
				f.unread = err
			}
			return
		}
		began := now().Add(-row.end)
		if len(f.rows) == 0 {
			f.origin = began
			strike := began.Add(f.workload.Warmup + f.workload.Fault.After)
			f.done.Go(func() { f.strike(ctx, strike) })
			if f.workload.Fault.New > 0 {
				f.done.Go(func() { f.newcomers(ctx, time.Until(strike), seed) })
			}
		}
		if began.Before(f.origin) { // this row was on its way for less time
			f.origin = began
		}
		f.rows = append(f.rows, row)
	}
}

// strike asks for the fault at its time, and listens until the end.
func (f *fault) strike(ctx context.Context, at time.Time) {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-f.over:
		return
	}
	asks := "POST /fault/" + f.workload.Fault.Kind
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", f.server.http)
	if err != nil {
		f.missed = err
		return
	}
	defer conn.Close()
	f.struck = time.Now()
	if _, err := fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: %s\r\nContent-Length: 0\r\n\r\n", asks, f.server.http); err != nil {
		f.missed = err
		return
	}
	// Whether it answers depends on what has struck: what has ended, stopped or spins says nothing.
	_ = conn.SetReadDeadline(f.struck.Add(f.workload.patience()))
	var head [512]byte
	n, _ := conn.Read(head[:])
	line, _, _ := bytes.Cut(head[:n], []byte("\r\n"))
	f.missed = nil
	if n > 0 && !bytes.Contains(line, []byte(" 200 ")) {
		f.missed = fmt.Errorf("%s was answered with %q: has the server been told to allow faults?", asks, line)
		return
	}
	<-f.over // the connection stays: its end could be that of a spin
}

// newcomers makes new connections until the load ends; what is due before the strike is their warm-up.
func (f *fault) newcomers(ctx context.Context, until time.Duration, seed int64) {
	w := f.workload
	w.Connections = 8 + 2*int(math.Ceil(float64(w.Fault.New)*w.patience().Seconds())) // none has to wait for another's patience
	w.Warmup, w.Measure = max(0, until), w.Measure-w.Fault.After
	w.NoKeepalive, w.Pipeline, w.Idle, w.Arrivals = true, 0, 0, ""
	rate := w.Fault.New
	w.Fault = spec.Injection{}
	s := *f.server
	s.pid = 0 // what it costs is not asked
	ld := load{Rotation: rotation(w, 1, 1), rate: float64(rate), seed: seed, servers: []*server{&s}, timeout: f.workload.patience(),
		measured: filepath.Join(f.runner.cfg.Out, newcomersName)}
	out, err := ld.run(ctx, f.runner.abort, f.runner.loaders, f.runner.cfg.Bin)
	f.entered, f.barred = out.rows[s.target.Name], err
}

// fill has loadgen's verdict stand where it is about the generator or the machine.
func (f *fault) fill(t *trial.Trial, own ownPart) {
	struck := f.struck.Sub(f.origin)
	if f.missed == nil {
		t.ConnsLost = trial.I(own.Connections.Lost)
		if f.unread == nil {
			t.RecoveryMs = recovery(f.rows, struck)
		}
	}
	if f.workload.Fault.New > 0 && f.barred == nil {
		t.NewConns = f.entered.Due
		t.NewConnsFailed = trial.I(f.entered.Due.Or(0) - f.entered.Completed.Or(0))
	}
	about := t.Verdict == trial.VerdictClientBound || t.Verdict == trial.VerdictSteal // the generator or the machine
	if !about {
		t.Verdict, t.VerdictReason = trial.VerdictOK, ""
	}
	for _, doubt := range []struct {
		verdict string
		wrong   error
	}{
		{trial.VerdictErrors, describe("the fault did not strike", f.missed)},
		{trial.VerdictErrors, describe("the load's intervals", f.unread)},
		{trial.VerdictErrors, describe("new connections", f.barred)},
		{trial.VerdictLagging, late(f.rows, struck)},
		{trial.VerdictErrors, f.early()}, // some of them met a server in order
	} {
		if doubt.wrong != nil {
			t.Verdict, t.VerdictReason = doubt.verdict, doubt.wrong.Error()
			return
		}
	}
	if !about && own.StealPct > mostSteal {
		t.Verdict, t.VerdictReason = trial.VerdictSteal, fmt.Sprintf("the hypervisor took %.3g%% of the machine's CPU time (limit %d%%)", own.StealPct, mostSteal)
	}
}

// early says that new connections were counted from before the fault, which then struck late: nil if not.
func (f *fault) early() error {
	began, known := f.entered.StartedAt.Get()
	if !known {
		return nil
	}
	began = began.Add(time.Duration(f.entered.WarmupS.Or(0) * float64(time.Second)))
	if by := f.struck.Sub(began).Truncate(time.Millisecond); by > time.Millisecond { // which is what began is known to
		return fmt.Errorf("the fault struck %v late: new connections were counted from before it", by)
	}
	return nil
}

// describe says what an error is about; there may be none.
func describe(what string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", what, err)
}
