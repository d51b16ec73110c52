package campaign

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"modelbench/results/histlog"
	"modelbench/results/trial"
)

const (
	loadgenName = "loadgen" // the executable's

	// measuredName is the file in the campaign's folder that loadgen writes one rotation's
	// rows to. It is there only as long as that takes.
	measuredName = "rotation.csv"

	// latenciesName is the same for its histograms.
	latenciesName = "rotation.hlog"

	// reportName is the same for the report of a studied trial: see judgeStudied.
	reportName = "rotation.json"

	// oneInterval is longer than any rotation: loadgen then writes one histogram of a target.
	oneInterval = "1h"

	// loadgenInvalid is loadgen's exit code for "measured, but not to be believed": the
	// rows are there and their verdicts say why, so for a campaign it is a success.
	loadgenInvalid = 4

	// loadgenFailed is the one for failures, and for loads of which no request succeeded.
	loadgenFailed = 1

	usualTimeout = 5 * time.Second // loadgen's own, of a request

	// loadgenGrace is how long loadgen may take to end when told to.
	loadgenGrace = time.Second
)

// load is one run of loadgen over all targets that are up.
type load struct {
	Rotation
	rate      float64 // requests per second; 0: closed loop
	seed      int64
	servers   []*server
	measured  string // file that loadgen writes its rows to; gone when run returns
	latencies string // the same for histograms; empty: none are wanted
	report    string // the same for the report of one target; empty: none is wanted

	timeout time.Duration // of a request; 0: loadgen's own
	series  *os.File      // that loadgen writes a row for each watchEvery to; nil: none is wanted
}

// outcome is what a load has measured, by the targets' names.
type outcome struct {
	rows      map[string]trial.Trial
	latencies map[string]histlog.Entry // without their trials' ids
	doubt     error                    // why there are no latencies although they are wanted
	own       ownPart                  // of a report that is wanted
}

// args is loadgen's command line.
func (ld load) args() []string {
	w, n := ld.Workload, len(ld.servers)
	args := []string{
		"-c", strconv.Itoa(w.Connections),
		"-d", ld.measure(n).String(),
		"-w", ld.warmup(n).String(),
		"--seed", strconv.FormatInt(ld.seed, 10),
		"--csv", ld.measured,
	}
	every := oneInterval
	if ld.series != nil {
		every = watchEvery.String()
		args = append(args, "--series", "/dev/fd/3") // see child.extra
	}
	if ld.latencies != "" {
		args = append(args, "--hdr", ld.latencies)
	}
	if ld.latencies != "" || ld.series != nil {
		args = append(args, "--interval", every)
	}
	if ld.timeout != 0 {
		args = append(args, "--timeout", ld.timeout.String())
	}
	if ld.report != "" {
		args = append(args, "--json", ld.report)
	}
	if n > 1 { // one target alone is no rotation and has no slices
		args = append(args, "--slice", w.Slice.String())
	}
	if ld.rate > 0 {
		args = append(args, "-R", strconv.FormatFloat(ld.rate, 'f', -1, 64))
		if w.Arrivals != "" { // a calibration is a closed loop
			args = append(args, "--arrivals", w.Arrivals)
		}
	}
	args = append(args, w.args()...)
	if w.TCPEcho {
		args = append(args, "--payload", strconv.Itoa(w.PayloadBytes))
	}
	if w.Method != "" {
		args = append(args, "-m", w.Method)
	}
	for _, name := range slices.Sorted(maps.Keys(w.Headers)) {
		args = append(args, "-H", name+": "+w.Headers[name])
	}
	if w.Body != "" {
		args = append(args, "-b", w.Body)
	}
	for _, s := range ld.servers {
		if s.pid != 0 {
			args = append(args, "--pid", s.target.Name+"="+strconv.Itoa(s.pid))
		}
	}
	for _, s := range ld.servers {
		args = append(args, s.target.Name+"="+w.url(s.http, s.echo))
	}
	return args
}

// args are loadgen's flags for what a workload seldom has.
func (w Workload) args() []string {
	var args []string
	if w.Pipeline > 0 {
		args = append(args, "-p", strconv.Itoa(w.Pipeline))
	}
	if w.NoKeepalive {
		args = append(args, "--no-keepalive")
	}
	if w.Idle > 0 {
		args = append(args, "--idle", strconv.Itoa(w.Idle))
	}
	if w.Requests > 0 { // the last of them may wait for all others, one by one
		args = append(args, "-n", strconv.Itoa(w.Requests), "--timeout", max(usualTimeout, w.Measure+time.Second).String())
	}
	return args
}

// run carries the load out and returns what was measured of each target. loadgen is stopped, and waited for, when ctx ends or when it takes
// far longer than it should.
func (ld load) run(ctx, abort context.Context, l *launcher, bin string) (out outcome, err error) {
	// What a campaign that was killed left of a rotation is none of this one: loadgen appends.
	if err := ld.clear(); err != nil {
		return outcome{}, err
	}
	defer func() { err = errors.Join(err, ld.clear()) }()
	c := child{name: loadgenName, path: filepath.Join(bin, loadgenName), args: ld.args()}
	if ld.series != nil {
		c.extra = []*os.File{ld.series}
	}
	proc, err := l.start(c)
	if err != nil {
		return outcome{}, err
	}
	limit := ld.limit()
	timer := time.NewTimer(limit)
	defer timer.Stop()
	var stopped error
	select {
	case <-proc.done:
	case <-timer.C:
		stopped = fmt.Errorf("loadgen took longer than %v and was stopped", limit)
	case <-ctx.Done():
		stopped = context.Cause(ctx)
	}
	if _, err := proc.stop(abort, syscall.SIGINT, loadgenGrace); err != nil {
		stopped = errors.Join(stopped, err)
	}
	if stopped != nil {
		return outcome{}, stopped
	}
	if !ld.measuredBy(proc) {
		return outcome{}, fmt.Errorf("loadgen: %s", proc.diagnosis())
	}
	if out.rows, err = readRows(ld.measured); err == nil && ld.latencies != "" {
		only := ""
		if len(ld.servers) == 1 {
			only = ld.servers[0].target.Name
		}
		out.latencies, out.doubt = readLatencies(ld.latencies, only)
	}
	if err == nil && ld.report != "" {
		out.own, err = readOwnPart(ld.report)
	}
	return out, err
}

// measuredBy tells from how loadgen ended whether there is something to read.
func (ld load) measuredBy(proc *process) bool {
	var exit *exec.ExitError
	switch {
	case proc.err == nil:
		return true
	case !errors.As(proc.err, &exit):
		return false
	case exit.ExitCode() == loadgenFailed && ld.Workload.Alone: // one server that answers nothing is the server's failure
		rows, err := readRows(ld.measured)
		return err == nil && len(rows) == 1 && rows[ld.servers[0].target.Name].Verdict != trial.VerdictOK
	}
	return exit.ExitCode() == loadgenInvalid
}

// clear removes the files that loadgen writes to, if they are there.
func (ld load) clear() error {
	var errs []error
	for _, name := range []string{ld.measured, ld.latencies, ld.report} {
		if err := os.Remove(name); name != "" && err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// readRows reads what one run of loadgen measured.
func readRows(path string) (map[string]trial.Trial, error) {
	rows, torn, err := trial.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("loadgen's trials: %w", err)
	}
	if torn {
		return nil, errors.New("loadgen's trials: the last line is torn")
	}
	byTarget := make(map[string]trial.Trial, len(rows))
	for _, t := range rows {
		byTarget[t.Target] = t
	}
	return byTarget, nil
}
