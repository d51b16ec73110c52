package main

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/slo"
	"modelbench/loadgen/watch"
	"modelbench/results/trial"
)

// A job is a command line that has been understood and may be carried out.
type job struct {
	flags   *flags
	targets []target
	plan    engine.Plan
	servers *servers
	chosen  trial.Trial   // what the labels fill in
	wanted  slo.Objective // of --find-max; zero if it was not given
	goal    slo.Objective // of --slo; zero if it was not given
	out     *outputs
	readers []watch.Reader // of the run, besides whoever is shown it
}

// newJob checks everything that can be wrong before load begins.
func newJob(ctx context.Context, f *flags) (*job, error) {
	j := &job{flags: f}
	var err error
	if j.targets, err = newTargets(ctx, f); err != nil {
		return nil, err
	}
	j.plan = engine.Plan{
		Connections: f.Connections, Threads: f.Threads, Pipeline: f.Pipeline,
		Duration: f.Duration, Requests: f.Requests, Warmup: f.Warmup,
		Rate: float64(f.Rate), Ramp: f.Ramp, Steps: f.Steps, Poisson: f.Arrivals == trial.ArrivalsPoisson, Timeout: f.Timeout, Slice: f.Slice, Seed: uint64(f.Seed),
		Engine: engine.Engine(f.Engine), KernelTimestamps: f.KernelTimestamps, Spin: f.Spin, Idle: f.Idle, NoKeepalive: f.NoKeepalive,
		Interval: f.Interval,
	}
	if f.Source != "" {
		if j.plan.Sources, err = parseSources(f.Source); err != nil {
			return nil, usageError{fmt.Errorf("--source: %w", err)}
		}
	}
	if f.Seed == 0 {
		j.plan.Seed = drawSeed()
	}
	for _, t := range j.targets {
		j.plan.Targets = append(j.plan.Targets, t.engine)
	}
	if f.FindMax != "" {
		if j.wanted, err = slo.Parse(f.FindMax); err != nil {
			return nil, usageError{fmt.Errorf("--find-max: %w", err)}
		}
	}
	if err := j.validate(); err != nil {
		return nil, usageError{fmt.Errorf("--%w", err)}
	}
	for _, label := range f.Label {
		key, value, found := strings.Cut(label, "=")
		if !found {
			return nil, usageError{fmt.Errorf("--label: %q is not key=value", label)}
		}
		if err := trial.SetLabel(&j.chosen, key, value); err != nil {
			return nil, usageError{fmt.Errorf("--label: %w", err)}
		}
	}
	if f.SLO != "" {
		if j.goal, err = slo.Parse(f.SLO); err != nil {
			return nil, usageError{fmt.Errorf("--slo: %w", err)}
		}
	}
	if err := checkCSV(f.CSV); err != nil {
		return nil, err
	}
	if j.servers, err = newServers(f.PID, j.targets); err != nil {
		return nil, err
	}
	j.plan.Probe = j.servers
	if j.out, err = openOutputs(f, &j.plan); err != nil {
		return nil, err
	}
	j.readers = j.out.readers(f.Interval)
	return j, nil
}

// validate checks the plan; a search's is checked with a rate, which the search chooses.
func (j *job) validate() error {
	p := j.plan
	if !j.wanted.IsZero() {
		p.Rate = max(p.Rate, 1)
	}
	return p.Validate()
}

// checkCSV refuses a file that cannot take trials before the load rather than after it.
// One that is not there yet is tried under another name: another run may be about to
// create it, and a run that fails leaves nothing behind.
func checkCSV(path string) error {
	if path == "" {
		return nil
	}
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() && !info.IsDir() {
		return fmt.Errorf("--csv: %s is not a regular file, to which trials could be appended", path)
	}
	_, _, err := trial.ReadFile(path)
	var f *os.File
	switch {
	case err == nil:
		f, err = os.OpenFile(path, os.O_WRONLY, 0)
	case errors.Is(err, fs.ErrNotExist):
		if f, err = os.CreateTemp(filepath.Dir(path), ".loadgen-*"); err == nil {
			err = os.Remove(f.Name())
		} else if why := (*fs.PathError)(nil); errors.As(err, &why) {
			err = fmt.Errorf("create %s: %w", path, why.Err)
		}
	}
	if err != nil {
		return fmt.Errorf("--csv: %w", err)
	}
	return f.Close()
}

// drawSeed returns a seed that fits the CSV column and reads well: 1 to 2^31.
func drawSeed() uint64 {
	var b [4]byte
	rand.Read(b[:]) // never fails
	return uint64(binary.LittleEndian.Uint32(b[:])>>1) + 1
}
