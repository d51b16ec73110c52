package main

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path"
	"slices"
	"strings"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

// The experiments: campaigns, by the names that the claims have for them, and CPython's twins of some.
//
//go:embed experiments/*.yaml
var experiments embed.FS

const (
	twinPrefix = "python-" // of the file of a twin
	twinFolder = "python"  // below which the twins' campaigns lie
)

// rank is what a task is worth. It is the order in which tasks are run, so a deadline drops those of the highest rank first.
type rank int

const (
	confirmatory rank = iota
	twin              // of CPython: figures beside ours
	descriptive
)

// task is an experiment to be run.
type task struct {
	name string // of its folder below OUT: cpu, python/cpu
	asks string
	rank rank
	sum  string // SHA-256 of its file, and of what was picked from it
	cfg  campaign.Config
	cost cost
	want int // blocks
	// least are the blocks below which it is dropped rather than run: what they gave would say nothing.
	least int
}

// pick says what is wanted of the experiments.
type pick struct {
	claims       []int       // the tests of these alone; nil: whole experiments
	experiments  []string    // of these names; nil: all
	python       bool        // their twins, too
	confirmatory bool        // no descriptive ones
	blocks       int         // of each; 0: what its file says
	feet         []wrongFoot // servers that take stand-ins' places beside them
	seed         int64
	bare         bool // of claims, no tests that are context
}

// tasksOf are the experiments that are picked from the set, in the order in which they are to be run.
func tasksOf(set claims.Set, p pick) ([]task, error) {
	var needs map[string]need
	if p.claims != nil {
		var err error
		if needs, err = needsOf(set, p.claims, p.bare); err != nil {
			return nil, err
		}
	}
	for _, name := range p.experiments {
		if !slices.ContainsFunc(set.Experiments, func(e claims.Experiment) bool { return e.Name == name }) {
			return nil, &campaign.UsageError{Flag: "--experiment", Problem: fmt.Sprintf("%q is not one of %s", name, experimentNames(set))}
		}
	}
	var tasks []task
	for _, e := range set.Experiments {
		n, needed := needs[e.Name]
		switch {
		case needs != nil && !needed, p.experiments != nil && !slices.Contains(p.experiments, e.Name), p.confirmatory && e.Descriptive:
			continue
		}
		own, err := newTask(e, false, p)
		if errors.Is(err, fs.ErrNotExist) {
			return nil, &campaign.UsageError{Flag: "--rules", Problem: fmt.Sprintf("there is no experiment %q", e.Name)}
		}
		if err == nil && needs != nil {
			err = own.narrow(n)
		}
		if err != nil {
			return nil, err
		}
		for _, w := range p.feet {
			w.add(&own)
		}
		tasks = append(tasks, own)
		if !p.python {
			continue
		}
		twin, err := newTask(e, true, p)
		if errors.Is(err, fs.ErrNotExist) {
			continue // not every experiment has one
		}
		if err == nil && needs != nil {
			if n = n.twin(set, twin.cfg); len(n) == 0 {
				continue
			}
			err = twin.narrow(n)
		}
		if err != nil {
			return nil, err
		}
		tasks = append(tasks, twin)
	}
	slices.SortStableFunc(tasks, func(a, b task) int { return int(a.rank - b.rank) })
	for i := range tasks {
		if err := tasks[i].plan(p); err != nil {
			return nil, err
		}
	}
	return tasks, nil
}

// newTask reads the campaign of an experiment, or that of its twin.
func newTask(e claims.Experiment, python bool, p pick) (task, error) {
	t := task{name: e.Name, asks: e.Asks}
	file := e.Name
	switch {
	case python:
		t.name, t.rank, file = path.Join(twinFolder, e.Name), twin, twinPrefix+e.Name
	case e.Descriptive:
		t.rank = descriptive
	}
	file = path.Join("experiments", file+".yaml")
	text, err := experiments.ReadFile(file)
	if err != nil {
		return task{}, err
	}
	if t.cfg, err = campaign.Parse(path.Join("scripts/claims", file), text); err != nil {
		return task{}, fmt.Errorf("experiment %s: %w", t.name, err)
	}
	t.cfg.Seed = seedOf(p.seed, t.name)
	return t, nil
}

// seedOf gives each experiment a seed of its own.
func seedOf(seed int64, name string) int64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s", seed, name)
	return max(1, int64(h.Sum64()>>33)) // 0 would be drawn anew; short ones are easier to repeat
}

// plan finds out what the task costs, how many blocks it wants, and of what campaign this is.
func (t *task) plan(p pick) (err error) {
	if t.cost, err = costOf(t.cfg); err != nil {
		return fmt.Errorf("experiment %s: %w", t.name, err)
	}
	t.want, t.least = t.cost.blocks, enoughBlocks
	if t.rank != confirmatory {
		t.least = 3 // a range of three values says something where nothing is decided
	}
	if p.blocks > 0 && (t.rank == confirmatory || p.blocks < t.want) {
		t.want = p.blocks
	}
	t.least = min(t.least, t.want)
	var text bytes.Buffer
	if err := t.cfg.Describe(&text); err != nil {
		return err
	}
	sum := sha256.Sum256(text.Bytes())
	t.sum = hex.EncodeToString(sum[:])
	return nil
}

func experimentNames(set claims.Set) string {
	var names []string
	for _, e := range set.Experiments {
		names = append(names, e.Name)
	}
	return strings.Join(names, ", ")
}
