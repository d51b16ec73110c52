package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

// A probe is a program that measures something by itself and says what it found: one line of JSON whose keys are columns, such as
// {"start_to_ready_us": 812.5, "due": 64, "completed": 64}. It is run once for each trial of a workload that stands alone:
//
//	target with Probe     the probe is what is measured, and there is no server
//	workload with Probe   the probe is run beside each target's server, and told its address
//
// One that fails, or says something else, is a trial that is not valid, and says why.

const (
	probeName   = "probe"         // our own: a command of that name is the one that was built
	probeWithin = time.Minute     // a run: they take a second
	probeGrace  = 2 * time.Second // from SIGTERM to its end
	mostSaid    = 64 << 10        // bytes of what it prints that are looked at
)

// probes tells whether a trial of the two is a run of a probe.
func (w Workload) probes(t Target) bool { return t.Probe || w.Probe != nil }

// ownProbe tells whether the target runs our own.
func (t Target) ownProbe() bool { return t.Probe && t.Command[0] == probeName }

// ownProgram is where a probe's program is: our own lies in the folder of executables.
func ownProgram(bin, name string) string {
	if name == probeName {
		return filepath.Join(bin, probeName)
	}
	return name
}

// Built are the targets that executables are to be built for: all, and one for the probe that workloads run beside servers.
func (c *Config) Built() []Target {
	for _, w := range c.Workloads {
		if w.Probe != nil && w.Probe[0] == probeName {
			return append(slices.Clone(c.Targets), Target{Name: probeName, Command: w.Probe, Probe: true})
		}
	}
	return c.Targets
}

// probe is one trial that is a run of a probe. Only what must end the campaign is an error.
func (r *runner) probe(ctx context.Context, t Target, servers []*server, each Rotation, block int) ([]trial.Trial, error) {
	w := each.Workload
	where := fmt.Sprintf("block %d, %s, %s", block, w.Name, t.Name)
	s, run := &server{target: t}, probeRun{launcher: r.launcher, words: t.Command, dir: t.Dir, env: t.Env}
	if !t.Probe {
		var err error
		if s, err = r.serverOf(ctx, t, w, servers, where); s == nil || err != nil {
			return nil, err
		}
		if w.Fresh {
			defer r.stopAll([]*server{s})
		}
		run = probeRun{launcher: r.loaders, words: w.Probe, fill: s.placeholders()}
	}
	run.bin, run.fill = r.cfg.Bin, append(run.fill, spec.NumberMark, strconv.Itoa(w.Connections))
	row := trial.Trial{StartedAt: trial.T(time.Now()), Connections: trial.I(w.Connections), Verdict: trial.VerdictOK}
	env := environment{calib: [2]float64{kernelTime()}}
	why, err := run.measure(ctx, r.abort, &row)
	env.mhz = frequency()
	env.calib[1] = kernelTime()
	if err != nil {
		return nil, err
	}
	if why != "" {
		row.Verdict, row.VerdictReason = trial.VerdictErrors, why
	}
	if !t.Probe {
		r.stillUp([]*server{s}, "in "+where)
	}
	r.complete(&row, s, w, block, r.place, env)
	done := []trial.Trial{row}
	return done, r.record(block, w.Name, env, done, nil)
}

// probeRun is one run of a probe's command.
type probeRun struct {
	launcher *launcher
	bin      string
	words    []string
	dir      string
	env      map[string]string
	fill     []string // placeholders and what they stand for, in turn
}

// measure runs the command and puts what it says into the row. why says in words what was wrong with it; the error is for what
// ends the campaign.
func (p probeRun) measure(ctx, abort context.Context, row *trial.Trial) (why string, err error) {
	fill := strings.NewReplacer(p.fill...).Replace
	var said strings.Builder
	var mu sync.Mutex // the command's end does not wait for what a child of its own may still print
	c := child{name: probeName, dir: fill(p.dir), stdout: func(line string) {
		mu.Lock()
		defer mu.Unlock()
		if said.Len() < mostSaid {
			said.WriteString(line + "\n")
		}
	}}
	for i, word := range p.words {
		if i == 0 {
			word = ownProgram(p.bin, word)
		}
		c.args = append(c.args, fill(word))
	}
	for name, value := range p.env {
		c.env = append(c.env, name+"="+fill(value))
	}
	proc, _, err := p.launcher.startGuarded(c)
	if err != nil {
		return "the probe: " + err.Error(), nil
	}
	timer := time.NewTimer(probeWithin)
	defer timer.Stop()
	select {
	case <-proc.done:
	case <-timer.C:
		why = fmt.Sprintf("the probe took longer than %v and was stopped", probeWithin)
	case <-ctx.Done():
	}
	_, err = proc.stop(abort, syscall.SIGTERM, probeGrace)
	switch {
	case ctx.Err() != nil:
		return "", errors.Join(context.Cause(ctx), err)
	case why != "":
		return why, nil
	case proc.err != nil:
		return "the probe: " + proc.diagnosis(), nil
	case err != nil:
		return "the probe: " + err.Error(), nil
	}
	mu.Lock()
	defer mu.Unlock()
	return fillProbed(row, said.String()), nil
}

// probed are the groups of columns that a probe may fill.
var probed = []trial.Group{trial.Timing, trial.Counts, trial.Response, trial.Cost}

// fillProbed puts what a probe said into the row. It returns what is wrong with it; then the row has nothing of it.
func fillProbed(row *trial.Trial, said string) string {
	lines := slices.Collect(strings.Lines(strings.TrimSpace(said)))
	if len(lines) != 1 {
		return fmt.Sprintf("the probe printed %s, and should have printed one", plural(len(lines), "line"))
	}
	var found map[string]json.Number
	if err := json.Unmarshal([]byte(lines[0]), &found); err != nil {
		return fmt.Sprintf("the probe printed %.200q, which is no JSON object of numbers: %v", lines[0], err)
	}
	if len(found) == 0 {
		return "the probe printed no figure"
	}
	filled := *row
	for _, key := range slices.Sorted(maps.Keys(found)) {
		if err := setProbed(&filled, key, found[key].String()); err != nil {
			return "the probe: " + err.Error()
		}
	}
	*row = filled
	return ""
}

func setProbed(row *trial.Trial, key, value string) error {
	at := slices.IndexFunc(trial.Columns(), func(c trial.Column) bool { return c.Name == key })
	if at >= 0 && !slices.Contains(probed, trial.Columns()[at].Group) {
		return fmt.Errorf("%s is a column that the campaign fills in", key)
	}
	return trial.Set(row, key, value)
}
