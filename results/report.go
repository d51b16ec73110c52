package main

import (
	"bytes"
	"fmt"

	"modelbench/loadgen/outfile"
	"modelbench/results/analysis"
	"modelbench/results/folder"
	htmlpage "modelbench/results/report" // report is what main.go calls the function that ends the program
)

type reportCmd struct {
	Files []string `arg:"" name:"file" help:"Folders of campaigns, or CSV files of trials, reported together."`
	Out   string   `short:"o" placeholder:"FILE" default:"report.html" help:"Where to write the page (default ${default}); - is stdout."`
}

func (c *reportCmd) Run(io streams) error {
	folders, _, doubts, err := folder.OpenAll(c.Files)
	if err != nil {
		return err
	}
	var sources []htmlpage.Source
	for _, f := range folders {
		s, more, err := htmlpage.Load(f)
		if err != nil {
			return err
		}
		sources, doubts = append(sources, s), append(doubts, more...)
	}
	io.doubt(doubts)
	var page bytes.Buffer // so that an error leaves an earlier page alone
	if err := htmlpage.Write(&page, sources, analysis.Options{}); err != nil {
		return err
	}
	if c.Out == "-" {
		_, err := io.stdout.Write(page.Bytes())
		return err
	}
	file, err := outfile.NewWhole(c.Out)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := file.Replace(page.Bytes()); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	fmt.Fprintf(io.stdout, "%s: %d kB, open it in a browser\n", c.Out, (page.Len()+500)/1000)
	return nil
}
