package campaign

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"modelbench/results/trial"
)

const (
	loadgenName = "loadgen" // the executable's

	// measuredName is the file in the campaign's folder that loadgen writes one rotation's
	// rows to. It is there only as long as that takes.
	measuredName = "rotation.csv"

	// loadgenInvalid is loadgen's exit code for "measured, but not to be believed": the
	// rows are there and their verdicts say why, so for a campaign it is a success.
	loadgenInvalid = 4

	// loadgenGrace is how long loadgen may take to end when told to.
	loadgenGrace = time.Second
)

// load is one run of loadgen over all targets that are up.
type load struct {
	Rotation
	rate     float64 // requests per second; 0: closed loop
	seed     int64
	servers  []*server
	measured string // file that loadgen writes its rows to; gone when run returns
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
	if n > 1 { // one target alone is no rotation and has no slices
		args = append(args, "--slice", w.Slice.String())
	}
	if ld.rate > 0 {
		args = append(args, "-R", strconv.FormatFloat(ld.rate, 'f', -1, 64))
	}
	if w.TCPEcho {
		args = append(args, "--payload", strconv.Itoa(w.PayloadBytes))
	}
	for _, s := range ld.servers {
		args = append(args, "--pid", s.target.Name+"="+strconv.Itoa(s.proc.pid))
	}
	for _, s := range ld.servers {
		args = append(args, s.target.Name+"="+w.url(s.http, s.echo))
	}
	return args
}

// run carries the load out and returns a row for each target that has one, by the
// target's name. loadgen is stopped, and waited for, when ctx ends or when it takes
// far longer than it should.
func (ld load) run(ctx, abort context.Context, l *launcher, bin string) (rows map[string]trial.Trial, err error) {
	defer func() {
		if gone := os.Remove(ld.measured); gone != nil && !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}()
	proc, err := l.start(child{name: loadgenName, path: filepath.Join(bin, loadgenName), args: ld.args()})
	if err != nil {
		return nil, err
	}
	limit := 2*ld.Expected + 5*time.Second
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
		return nil, stopped
	}
	var exit *exec.ExitError
	if proc.err != nil && !(errors.As(proc.err, &exit) && exit.ExitCode() == loadgenInvalid) {
		return nil, fmt.Errorf("loadgen: %s", proc.diagnosis())
	}
	return readRows(ld.measured)
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
