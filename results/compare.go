package main

import (
	"errors"
	"fmt"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/change"
	"modelbench/results/compare"
	"modelbench/results/folder"
	"modelbench/results/gate"
)

type compareCmd struct {
	Files          []string `arg:"" name:"file" help:"Folders of campaigns or of claims, or CSV files of trials, compared together."`
	Before         []string `placeholder:"FILE" help:"Campaigns to compare them with, each target with itself: what did a change do? Targets that are the same in both are controls; your own only if --control names them."`
	Baseline       string   `placeholder:"TARGET" help:"Compare every target with this one, not with the best in each measure; @REV: each with its namesake, goroutine with goroutine@REV."`
	FailIf         []string `placeholder:"RULE" sep:"none" help:"Exit with 3 if a measure has changed against --before or --baseline by more than this, for certain: 'cpu_us_per_req>+3%', 'throughput<-5%'. Repeatable."`
	Control        []string `placeholder:"TARGET" help:"With --before: a target that is known to be the same in both. Repeatable."`
	AcrossMachines bool     `help:"With --before: compare campaigns of two machines all the same."`
	Format         string   `enum:"text,markdown,csv,json" default:"text" placeholder:"FORMAT" help:"text, markdown, csv (a row for each workload, measure and target) or json (described in results/analysis/FORMAT.md) (default ${default})."`
	ROPE           float64  `name:"rope" default:"5" placeholder:"PERCENT" help:"Ratios this close to 1 are no difference (default ${default})."`
	ROPEp99        float64  `name:"rope-p99" default:"10" placeholder:"PERCENT" help:"The same for latency p99 and p99.9 (default ${default})."`

	rules []gate.Rule
}

// Validate is called by the parser, so what it finds is a usage error.
func (c *compareCmd) Validate() error {
	for _, flag := range []struct {
		name    string
		percent float64
	}{{"--rope", c.ROPE}, {"--rope-p99", c.ROPEp99}} {
		if !(flag.percent > 0 && flag.percent < 100) {
			return fmt.Errorf("%s: %v is not a percentage above 0 and below 100", flag.name, flag.percent)
		}
	}
	for _, text := range c.FailIf {
		rule, err := gate.Parse(text)
		if err != nil {
			return fmt.Errorf("--fail-if: %w", err)
		}
		c.rules = append(c.rules, rule)
	}
	switch {
	case len(c.Before) > 0 && c.Baseline != "":
		return errors.New("--before and --baseline: what was before is either in a campaign of its own or in the same one")
	case len(c.FailIf) > 0 && len(c.Before) == 0 && c.Baseline == "":
		return errors.New("--fail-if: changed against what? Name --before FILE or --baseline TARGET")
	case len(c.Before) == 0 && (len(c.Control) > 0 || c.AcrossMachines):
		return errors.New("--control and --across-machines are about --before")
	}
	return nil
}

func (c *compareCmd) Run(io streams) error {
	opts := analysis.Options{ROPE: c.ROPE / 100, TailROPE: c.ROPEp99 / 100}
	folders, trials, doubts, err := folder.OpenAll(c.Files)
	io.doubt(doubts)
	if err != nil {
		return err
	}
	if len(c.Before) > 0 {
		return c.between(folders, opts, io)
	}
	if !strings.HasPrefix(c.Baseline, "@") {
		opts.Baseline = c.Baseline
	}
	a, err := analysis.Of(trials, opts)
	if err != nil {
		return err
	}
	if strings.HasPrefix(c.Baseline, "@") {
		what, err := change.Within(a, c.Baseline)
		if err != nil {
			return err
		}
		return c.changed(what, io)
	}
	if err := compare.Formats[c.Format](io.stdout, a); err != nil {
		return err
	}
	return c.gate(change.Findings(a), io)
}

// between compares with campaigns that were made before.
func (c *compareCmd) between(after []folder.Folder, opts analysis.Options, io streams) error {
	before, _, doubts, err := folder.OpenAll(c.Before)
	io.doubt(doubts)
	if err != nil {
		return fmt.Errorf("--before: %w", err)
	}
	what, err := change.Between(before, after, change.Options{Options: opts, Controls: c.Control, AcrossMachines: c.AcrossMachines})
	var machines *change.MachinesError
	if errors.As(err, &machines) {
		return fmt.Errorf("%w (--across-machines compares them all the same)", err)
	}
	var control *change.ControlError
	if errors.As(err, &control) {
		return usageError{fmt.Errorf("--control: %w", err)}
	}
	if err != nil {
		return err
	}
	if len(what.Controls) == 0 && len(c.rules) > 0 {
		return usageError{errors.New("--fail-if: no target is the same in both campaigns, so that a change of the machine would count as one of the target: " +
			"measure both versions in one campaign (--baseline), or name a --control")}
	}
	return c.changed(what, io)
}

func (c *compareCmd) changed(what *change.Change, io streams) error {
	if err := compare.ChangeFormats[c.Format](io.stdout, what); err != nil {
		return err
	}
	return c.gate(what.Findings(), io)
}

// gate applies the rules. What they say goes to stderr, so that stdout stays in its format.
func (c *compareCmd) gate(findings []gate.Finding, io streams) error {
	if len(c.rules) == 0 {
		return nil
	}
	result, err := gate.Apply(c.rules, findings)
	if err != nil {
		return fmt.Errorf("--fail-if: %w", err)
	}
	for _, line := range result.Lines {
		fmt.Fprintln(io.stderr, line)
	}
	if result.Failed > 0 {
		return gateError{result.Failed}
	}
	return nil
}

// gateError ends the command with exit code 3.
type gateError struct{ failed int }

func (e gateError) Error() string {
	return fmt.Sprintf("--fail-if: %s failed", analysis.Count(e.failed, "comparison", "comparisons"))
}
