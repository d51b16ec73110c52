package main

import (
	"fmt"

	"modelbench/results/analysis"
	"modelbench/results/compare"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

type compareCmd struct {
	Files    []string `arg:"" name:"file" help:"Folders of campaigns, or CSV files of trials, compared together."`
	Format   string   `enum:"text,markdown,csv,json" default:"text" placeholder:"FORMAT" help:"text, markdown, csv (a row for each workload, measure and target) or json (described in results/analysis/FORMAT.md) (default ${default})."`
	Baseline string   `placeholder:"TARGET" help:"Compare every target with this one, not with the best in each measure."`
	ROPE     float64  `name:"rope" default:"5" placeholder:"PERCENT" help:"Ratios this close to 1 are no difference (default ${default})."`
	ROPEp99  float64  `name:"rope-p99" default:"10" placeholder:"PERCENT" help:"The same for latency p99 and p99.9 (default ${default})."`
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
	return nil
}

func (c *compareCmd) Run(io streams) error {
	trials, err := readTrials(c.Files, io)
	if err != nil {
		return err
	}
	a, err := analysis.Of(trials, analysis.Options{ROPE: c.ROPE / 100, TailROPE: c.ROPEp99 / 100, Baseline: c.Baseline})
	if err != nil {
		return err
	}
	return compare.Formats[c.Format](io.stdout, a)
}

// readTrials reads files and folders of trials. Doubts about them go to stderr.
func readTrials(paths []string, io streams) ([]trial.Trial, error) {
	_, trials, doubts, err := folder.OpenAll(paths)
	for _, d := range doubts {
		fmt.Fprintf(io.stderr, "results: %s\n", d)
	}
	return trials, err
}
