package main

import (
	"bytes"
	"fmt"

	"modelbench/loadgen/outfile"
	"modelbench/results/analysis"
	"modelbench/results/folder"
	htmlpage "modelbench/results/report" // report is what main.go calls the function that ends the program
	"modelbench/results/report/article"
)

type reportCmd struct {
	Files []string `arg:"" name:"file" help:"Folders of campaigns, or CSV files of trials, reported together; or one folder of scripts/claims, whose page follows the article."`
	Out   string   `short:"o" placeholder:"FILE" default:"report.html" help:"Where to write the page (default ${default}); - is stdout."`
}

func (c *reportCmd) Run(io streams) error {
	write := c.campaigns
	for _, path := range c.Files {
		switch {
		case article.Is(path) && len(c.Files) > 1:
			return usageError{fmt.Errorf("%s: a folder of claims has a page of its own: report it alone, or name the folders of its experiments", path)}
		case article.Is(path):
			write = c.claims
		}
	}
	var page bytes.Buffer // so that an error leaves an earlier page alone
	if err := write(io, &page); err != nil {
		return err
	}
	return c.put(io, page.Bytes())
}

// campaigns writes the page of campaigns and files.
func (c *reportCmd) campaigns(io streams, page *bytes.Buffer) error {
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
	return htmlpage.Write(page, sources, analysis.Options{})
}

// claims writes the page of a folder of claims.
func (c *reportCmd) claims(io streams, page *bytes.Buffer) error {
	source, doubts, err := article.Load(c.Files[0])
	if err != nil {
		return err
	}
	io.doubt(doubts)
	return article.Write(page, source)
}

// put leaves the page where it is wanted.
func (c *reportCmd) put(io streams, page []byte) error {
	if c.Out == "-" {
		_, err := io.stdout.Write(page)
		return err
	}
	file, err := outfile.NewWhole(c.Out)
	if err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	if err := file.Replace(page); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	fmt.Fprintf(io.stdout, "%s: %d kB, open it in a browser\n", c.Out, (len(page)+500)/1000)
	return nil
}
