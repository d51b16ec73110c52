package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/rig"
)

// loadConnections is how many load a server in a rotation.
const loadConnections = 64

// loadgenInvalid is loadgen's exit code for "measured, but not to be believed": the rows
// are there, and their verdicts say why.
const loadgenInvalid = 4

// A load is one run of loadgen.
type load struct {
	mode        string // that it is part of
	name        string // of the workload, in the trials
	block       int
	echo        bool
	pipeline    int
	connections int
	idle        int     // connections beside them, held by ourselves
	rate        float64 // requests per second; 0: closed loop
	duration    time.Duration
	warmup      time.Duration // for each server
	seed        int64
	unkept      bool // its trials are no measurement
}

func (ld load) args(csv, campaign string, targets []*rig.Running) []string {
	args := []string{
		"-t", "1", "-c", strconv.Itoa(ld.connections), "-p", strconv.Itoa(ld.pipeline),
		"-d", ld.duration.String(), "-w", (ld.warmup * time.Duration(len(targets))).String(),
		"--seed", strconv.FormatInt(ld.seed, 10), "--csv", csv,
		"--label", "campaign_id=" + campaign, "--label", "workload=" + ld.name, "--label", "block=" + strconv.Itoa(ld.block),
	}
	if ld.rate > 0 {
		args = append(args, "-R", strconv.FormatFloat(ld.rate, 'f', -1, 64),
			"--label", "idle_connections="+strconv.Itoa(ld.idle))
	}
	var urls []string
	for _, r := range targets {
		url := "http://" + r.Addr["http"].String() + "/plaintext"
		if ld.echo {
			url = "tcp://" + r.Addr["echo"].String()
		}
		args, urls = append(args, "--pid", r.Name+"="+strconv.Itoa(r.Proc.PID)), append(urls, r.Name+"="+url)
	}
	return append(args, urls...)
}

// load runs loadgen over the targets and returns its trials, one for each target.
func (b *bench) load(ctx context.Context, ld load, targets []*rig.Running) ([]trial.Trial, error) {
	csv := filepath.Join(b.dir, "rotation.csv")
	if err := os.RemoveAll(csv); err != nil {
		return nil, fmt.Errorf("take away the last trials: %w", err)
	}
	proc, err := b.launch.Start(rig.Command{
		Name: "loadgen", CPU: b.ClientCPU,
		Args: append([]string{filepath.Join(b.dir, "loadgen")}, ld.args(csv, b.id+"-"+ld.mode, targets)...),
	})
	if err != nil {
		return nil, err
	}
	if err := b.launch.Finish(ctx, proc); err != nil {
		return nil, err
	}
	for _, r := range targets {
		if err := r.Alive(); err != nil {
			return nil, err
		}
	}
	var exit *exec.ExitError
	if proc.Err() != nil && !(errors.As(proc.Err(), &exit) && exit.ExitCode() == loadgenInvalid) {
		return nil, fmt.Errorf("loadgen: %s", proc.Diagnosis())
	}
	rows, torn, err := trial.ReadFile(csv)
	if err == nil && (torn || len(rows) != len(targets)) {
		err = fmt.Errorf("%d trials for %d servers", len(rows), len(targets))
	}
	if err != nil {
		return nil, fmt.Errorf("read what loadgen measured: %w", err)
	}
	if ld.unkept {
		return rows, nil
	}
	return rows, b.keep(rows)
}
