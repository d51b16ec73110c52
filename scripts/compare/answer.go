package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/change"
	"modelbench/results/compare"
	"modelbench/results/gate"
	"modelbench/scripts/campaign"
)

// answer prints the table of what whole blocks gave and where everything is. The error says that something failed, that there is
// nothing to compare, or that the gate did not open.
func (c command) answer(report campaign.Report, root string, f flags) error {
	var err, shut error
	if len(report.Trials) > 0 {
		shut, err = c.table(report, f)
		fmt.Fprintf(c.stdout, "\n%d of %d trials in %s are valid, seed %d\ntrials and manifest: %s\nthis table again:    go run %s compare %s%s\n",
			report.Valid, len(report.Trials), plural(report.Blocks, "block"), report.Seed, relative(report.Dir), packagePath(root, "results"), f.again(), relative(report.Dir))
	} else {
		fmt.Fprintln(c.stderr, "no block was finished: there is nothing to compare")
		if len(f.rules) > 0 {
			err = errors.New("--fail-if: nothing was compared")
		}
	}
	for _, rate := range report.Rates {
		if text := capacities(rate); text != "" {
			fmt.Fprintln(c.stdout, text)
		}
	}
	for _, target := range report.Fallen {
		fmt.Fprintln(c.stdout, target)
	}
	for _, cell := range report.LeftOut {
		fmt.Fprintln(c.stdout, cell)
	}
	if struck := report.Trouble.String(); struck != "" {
		fmt.Fprintln(c.stderr, struck)
	}
	if report.Restless() { // wide intervals have a cause that the user can do something about
		fmt.Fprintln(c.stderr, "was something else running? A quiet machine gives narrower intervals")
	}
	if report.Loose > 0 {
		fmt.Fprintf(c.stderr, "%d trials of the unfinished block are in the file too, and left out of this table\n", report.Loose)
	}
	if report.Status != campaign.Complete {
		fmt.Fprintf(c.stderr, "go on with it:       go run %s --resume %s\n", packagePath(root, "scripts/compare"), relative(report.Dir))
	}
	if n := len(report.Failures); n > 0 {
		err = errors.Join(err, fmt.Errorf("%s failed: see above, and failures in %s", plural(n, "thing"), filepath.Join(relative(report.Dir), "manifest.json")))
	}
	return errors.Join(err, shut)
}

// capacities says what each target reached where a rate was sought, the fastest first; empty: it was given.
func capacities(r campaign.Rate) string {
	targets := slices.SortedFunc(maps.Keys(r.Capacity), func(a, b string) int {
		return cmp.Or(cmp.Compare(r.Capacity[b], r.Capacity[a]), cmp.Compare(a, b))
	})
	for i, name := range targets {
		three, _ := strconv.ParseFloat(strconv.FormatFloat(r.Capacity[name], 'g', 3, 64), 64)
		targets[i] = fmt.Sprintf("%s %s/s", name, analysis.Short(three))
	}
	if len(targets) == 0 {
		return ""
	}
	return fmt.Sprintf("%s: capacity in a short closed loop: %s", r.Workload, strings.Join(targets, ", "))
}

// again are the flags of results compare that make this table.
func (f flags) again() string {
	switch {
	case f.Base != "":
		return "--baseline @" + f.Base + " "
	case f.Baseline != "":
		return "--baseline " + f.Baseline + " "
	}
	return ""
}

// errGate says that a rule of --fail-if failed: exit code 3.
var errGate = errors.New("--fail-if")

// table prints the comparison, or the change since --base, and lets the gate judge it.
func (c command) table(report campaign.Report, f flags) (shut, err error) {
	a, err := analysis.Of(report.Trials, analysis.Options{Baseline: f.Baseline})
	if err != nil {
		return nil, err
	}
	findings := change.Findings(a)
	if f.Base == "" {
		err = compare.Text(c.stdout, a)
	} else {
		since, missing := change.Within(a, "@"+f.Base)
		if missing != nil {
			return nil, missing
		}
		findings = since.Findings()
		err = compare.ChangeFormats["text"](c.stdout, since)
	}
	if err != nil || len(f.rules) == 0 {
		return nil, err
	}
	result, err := gate.Apply(f.rules, findings)
	if err != nil {
		return nil, fmt.Errorf("--fail-if: %w", err)
	}
	for _, line := range result.Lines {
		fmt.Fprintln(c.stderr, line)
	}
	if result.Failed > 0 {
		shut = fmt.Errorf("%w: %s failed", errGate, plural(result.Failed, "comparison"))
	}
	return shut, nil
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// relative is the path from where we are, when that is the shorter one.
func relative(path string) string {
	here, err := os.Getwd()
	if err != nil {
		return path
	}
	if short, err := filepath.Rel(here, path); err == nil && len(short) < len(path) {
		return short
	}
	return path
}

// packagePath names the command in a folder of the module so that `go run` finds it from where we are.
func packagePath(root, folder string) string {
	here, err := os.Getwd()
	if err != nil || here != root {
		return module + "/" + folder
	}
	return "./" + folder
}
