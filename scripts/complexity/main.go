// Command complexity counts how complex the code of each concurrency model's driver is: lines, functions, branches, cognitive
// complexity, states and concurrency primitives, from the Go source.
//
//	go run ./scripts/complexity [--csv FILE|-] [--root DIR]
//
// What counts as a model's driver, and why, stands in count/models.yaml, and what each figure is in the comment of package count.
// The figures are a proxy: how hard a model is to write has been measured by nobody.
//
// The table goes to stdout. Exit codes: 0 counted, 1 failed, 2 usage.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"text/tabwriter"

	"github.com/alecthomas/kong"

	"modelbench/results/claims/complexity"
	"modelbench/scripts/complexity/count"
)

const (
	exitFailed = 1
	exitUsage  = 2
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

type flags struct {
	CSV  string `name:"csv" placeholder:"FILE" help:"Write the rows, one for each model and folder, as CSV to this file, or to standard output with -, instead of the table."`
	Root string `placeholder:"DIR" default:"." help:"The repository (${default})."`
}

// run is the command. It returns the exit code.
func run(args []string, stdout, stderr io.Writer) int {
	var cli flags
	code, done := 0, false
	parser, err := kong.New(&cli, kong.Name("complexity"),
		kong.Description("Count how complex the code of each concurrency model's driver is, as a proxy of how hard it is to write. What counts, and why, stands in scripts/complexity/count/models.yaml."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(n int) { code, done = n, true }))
	if err == nil {
		_, err = parser.Parse(args)
	}
	var usage *kong.ParseError
	switch {
	case done: // --help
		return code
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "complexity: %v\nrun it with --help for the flags\n", err)
		return exitUsage
	case err == nil:
		err = cli.count(stdout)
	}
	if err != nil {
		fmt.Fprintf(stderr, "complexity: %v\n", err)
		return exitFailed
	}
	return 0
}

func (f *flags) count(stdout io.Writer) error {
	table, err := count.Default()
	if err != nil {
		return err
	}
	rows, err := table.Count(count.Source{Root: f.Root})
	if err != nil {
		return err
	}
	switch f.CSV {
	case "":
		return print(stdout, rows)
	case "-":
		return complexity.Write(stdout, rows)
	}
	file, err := os.Create(f.CSV)
	if err != nil {
		return fmt.Errorf("--csv: %w", err)
	}
	return errors.Join(complexity.Write(file, rows), file.Close())
}

// print writes a table for people: the sums of the models.
func print(w io.Writer, rows []complexity.Row) error {
	fmt.Fprintln(w, "Complexity of each model's driver, counted from its source: a proxy of how hard it is to write. A name with a")
	fmt.Fprintln(w, "flag is a variant: what it adds to its model.")
	fmt.Fprintln(w)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, name := range complexity.Figures {
		fmt.Fprintf(table, "%s\t", name)
	}
	fmt.Fprintln(table, "  model")
	for _, m := range complexity.Models(rows) {
		for _, name := range complexity.Figures {
			n, _ := m.Figure(name)
			fmt.Fprintf(table, "%d\t", n)
		}
		fmt.Fprintf(table, "  %s\n", m.Model)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintln(w, "\nscripts/complexity/count says what counts, and why.")
	return err
}
