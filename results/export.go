package main

import (
	"bytes"
	"errors"
	"fmt"

	"modelbench/loadgen/outfile"
	"modelbench/results/export"
	"modelbench/results/folder"
)

type exportCmd struct {
	Files     []string `arg:"" name:"file" help:"Folders of campaigns or of claims, or CSV files of trials."`
	Benchstat bool     `help:"The Go benchmark format: a line for each trial, for benchstat."`
	JSON      bool     `name:"json" help:"One JSON object: manifests and trials, numbers as numbers."`
	CSV       bool     `name:"csv" help:"Tidy CSV in long form: a row for each trial and figure, for pandas, R and DuckDB."`
	Out       string   `short:"o" placeholder:"FILE" help:"Write to this file, not to stdout."`
	All       bool     `help:"Keep trials that may not be believed, with their verdict."`
}

// format is the one that was asked for.
func (c *exportCmd) format() (string, error) {
	var chosen []string
	for _, f := range []struct {
		name string
		set  bool
	}{{"benchstat", c.Benchstat}, {"json", c.JSON}, {"csv", c.CSV}} {
		if f.set {
			chosen = append(chosen, f.name)
		}
	}
	switch len(chosen) {
	case 0:
		return "", errors.New("which format: --benchstat, --json or --csv?")
	case 1:
		return chosen[0], nil
	}
	return "", fmt.Errorf("--%s and --%s: one format at a time", chosen[0], chosen[1])
}

// Validate is called by the parser, so what it finds is a usage error.
func (c *exportCmd) Validate() error {
	_, err := c.format()
	return err
}

func (c *exportCmd) Run(io streams) error {
	format, err := c.format()
	if err != nil {
		return err
	}
	folders, _, doubts, err := folder.OpenAll(c.Files)
	if err != nil {
		return err
	}
	in := export.Input{Folders: folders, All: c.All}
	io.doubt(append(doubts, in.Doubts()...))
	if err := in.Check(); err != nil {
		return err
	}
	if c.Out == "" {
		return export.Formats[format](io.stdout, in)
	}
	var b bytes.Buffer
	if err := export.Formats[format](&b, in); err != nil {
		return err
	}
	file, err := outfile.NewWhole(c.Out)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return file.Replace(b.Bytes())
}
