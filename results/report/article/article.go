// Package article writes the claims of an article with their verdicts as one HTML file that people pass on. It follows the article: the
// verdicts at a glance, then section by section its pros and cons, each with the figures that decide it, then what the article advises,
// answered from the same trials, then how it was measured and what that cannot tell.
//
//	claims.Report --> tally, table, a card for each claim, a line and a chart for each test
//	trials -----------> what experiments show beside the tests: interference, faults, memory, starting
//	complexity.csv ---> how much code each model is
//	choosing.Answered > the article's factors
//
// Verdicts and figures are those of the report: nothing is judged here. The file needs no network; without JavaScript all sentences and
// figures remain. Equal input gives equal bytes, since no clock is read. All names and texts come from files that a user may have
// written, so all of it goes through html/template.
package article

import (
	"bufio"
	"embed"
	"fmt"
	"html/template"
	"io"

	"modelbench/results/choosing"
	"modelbench/results/claims"
	"modelbench/results/claims/complexity"
	"modelbench/results/folder"
)

//go:embed assets
var assets embed.FS

var layout = template.Must(template.New("").Funcs(template.FuncMap{"icon": icon}).ParseFS(assets, "assets/*.html"))

// asset returns an embedded file. It is part of the program, so it is there.
func asset(name string) string {
	text, err := assets.ReadFile("assets/" + name)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// Source is a folder of claims, judged.
type Source struct {
	Report      claims.Report
	Run         claims.Run
	Experiments []Experiment
	// Complexity is what was counted in the source; empty where it was not.
	Complexity []complexity.Row
	// Choices are the factors of choosing, answered from the same trials; empty where there are none.
	Choices []choosing.Answered
	// Rules are the claims as they were judged, in the form of claims.yaml; nil: they are not to be handed out.
	Rules []byte
}

// Experiment is the campaign of one experiment.
type Experiment struct {
	folder.Folder
	Name   string
	Python bool   // it is of CPython's servers
	Raw    []byte // the CSV file as it is, to download
}

// Write writes the page.
func Write(w io.Writer, s Source) error {
	p, err := newPage(s)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	if err := layout.ExecuteTemplate(out, "article.html", p); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}
