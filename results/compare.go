package main

import (
	"fmt"

	"modelbench/results/compare"
	"modelbench/results/trial"
)

type compareCmd struct {
	Files   []string `arg:"" name:"file" help:"CSV files of trials, compared together."`
	ROPE    float64  `name:"rope" default:"5" placeholder:"PERCENT" help:"Ratios this close to 1 are no difference (default ${default})."`
	ROPEp99 float64  `name:"rope-p99" default:"10" placeholder:"PERCENT" help:"The same for latency p99 (default ${default})."`
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
	var trials []trial.Trial
	for _, path := range c.Files {
		part, torn, err := trial.ReadFile(path)
		if err != nil {
			return err
		}
		if torn {
			fmt.Fprintf(io.stderr, "results: %s: the last line has no end, after a crash or because it is being written "+
				"just now: it is left out\n", path)
		}
		trials = append(trials, part...)
	}
	return compare.Write(io.stdout, trials, compare.Options{ROPE: c.ROPE / 100, TailROPE: c.ROPEp99 / 100})
}
