package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"modelbench/results/trial"
	"modelbench/scripts/campaign"
	"modelbench/scripts/rig"
)

// bench is one run of the command: what it builds, starts and has to take away again.
type bench struct {
	*flags

	dir    string // executables, logs, captures
	remove func()
	launch *rig.Launcher
}

// open builds loadgen and a server. close is due even if it fails.
func (b *bench) open(ctx context.Context) (err error) {
	for _, core := range []struct {
		flag string
		cpu  int
	}{{"--client-cpu", b.ClientCPU}, {"--server-cpu", b.ServerCPU}} {
		if err := rig.CheckCore(core.cpu); err != nil {
			return usage(core.flag, "%v", err)
		}
	}
	source, err := campaign.FindSource(ctx, "modelbench")
	if err != nil {
		return err
	}
	if b.dir, b.remove, err = campaign.WorkFolder(""); err != nil {
		return err
	}
	b.launch = rig.NewLauncher(b.dir)
	return source.Build(ctx, b.dir, []campaign.Target{{Name: "eventloop", Binary: "eventloop"}}, nil)
}

func (b *bench) close() error {
	var err error
	if b.launch != nil {
		err = b.launch.Close()
	}
	if b.remove != nil {
		b.remove()
	}
	return err
}

// serve starts the server.
func (b *bench) serve(ctx context.Context) (*rig.Running, error) {
	return b.launch.Up(ctx, rig.Server{Name: "eventloop", HTTP: true, Args: []string{
		filepath.Join(b.dir, "eventloop"), "--loops", "1", "--procs", "1", "--http", "{http}", "--echo", "", "--admin", "{admin}",
		"--idle-timeout", "1h", "--log-level", "warn",
	}}, b.ServerCPU)
}

// plaintext is the page that is loaded.
func plaintext(r *rig.Running) string { return "http://" + r.Addr["http"].String() + "/plaintext" }

// A load is a run of loadgen under way.
type load struct {
	*rig.Process
	csv string
}

// start starts loadgen with these flags and those of the command line, which go last.
func (b *bench) start(server *rig.Running, args ...string) (*load, error) {
	csv := filepath.Join(b.dir, "trials.csv")
	if err := os.RemoveAll(csv); err != nil {
		return nil, fmt.Errorf("take away the last trial: %w", err)
	}
	all := append([]string{filepath.Join(b.dir, "loadgen"), "-t", "1", "--csv", csv}, args...)
	p, err := b.launch.Start(rig.Command{Name: "loadgen", Args: append(append(all, b.loadgen...), plaintext(server)), CPU: b.ClientCPU})
	if err != nil {
		return nil, err
	}
	return &load{Process: p, csv: csv}, nil
}

// exitInvalid is loadgen's code for "measured, but not to be believed". It is for the
// findings to say what of it matters here.
const exitInvalid = 4

// finish waits for a load and returns its trial.
func (b *bench) finish(ctx context.Context, l *load) (trial.Trial, error) {
	if err := b.launch.Finish(ctx, l.Process); err != nil {
		return trial.Trial{}, err
	}
	var exit *exec.ExitError
	if l.Err() != nil && !(errors.As(l.Err(), &exit) && exit.ExitCode() == exitInvalid) {
		return trial.Trial{}, fmt.Errorf("run loadgen: %s", l.Diagnosis())
	}
	rows, torn, err := trial.ReadFile(l.csv)
	if err == nil && (torn || len(rows) != 1) {
		err = fmt.Errorf("%d trials in place of one", len(rows))
	}
	if err != nil {
		return trial.Trial{}, fmt.Errorf("read what loadgen measured: %w", err)
	}
	return rows[0], nil
}

// load runs loadgen from its start to its end.
func (b *bench) load(ctx context.Context, server *rig.Running, args ...string) (trial.Trial, error) {
	l, err := b.start(server, args...)
	if err != nil {
		return trial.Trial{}, err
	}
	row, err := b.finish(ctx, l)
	return row, errors.Join(err, server.Alive())
}

// balance is the finding that no request got lost.
func balance(r trial.Trial) finding {
	sum := r.Completed.Or(0) + r.Unfinished.Or(0)
	for _, n := range []trial.Int{r.ErrConnect, r.ErrReset, r.ErrEOF, r.ErrTimeout, r.ErrStatus, r.ErrMalformed, r.ErrMismatch} {
		sum += n.Or(0)
	}
	due := r.Due.Or(0)
	return finding{
		what: "completed + unfinished + errors", expected: fmt.Sprintf("%d requests due", due), measured: fmt.Sprintf("%d requests", sum),
		holds: sum == due && due > 0,
	}
}
