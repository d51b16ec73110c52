// Command results turns trials, the CSV rows that loadgen and the campaigns write, into answers. It measures nothing.
//
//	results compare FILE...    which target does what better, workload by workload; what a change did; a gate on that
//	results report FILE...     which target does what better, as an HTML page with charts that people pass on; of claims, their page
//	results choose FILE...     which target to take for a workload, under constraints and by an objective
//	results claims FOLDER      what an article claims of threads, processes and asyncio, judged by trials: holds, refuted, depends
//	results plot FILE...       the main charts as pictures for a README
//	results export FILE...     the trials in the formats of other tools: benchstat, JSON, tidy CSV
//
// Answers go to stdout, doubts about the input and errors to stderr. Exit codes: 0 answered, 1 failed (no such file,
// another schema, no trial that may be believed), 2 usage, 3 a gate (--fail-if) failed, or no
// target meets the constraints (choose), 4 undecided (choose): more has to be measured.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/alecthomas/kong"
)

// commands is the command line: one field per verb. A verb is a struct of its flags with a method Run, in a file of its
// name; the work is done in a package of that name.
type commands struct {
	Compare compareCmd `cmd:"" help:"Compare targets: medians, ratios to the best with intervals, verdicts."`
	Report  reportCmd  `cmd:"" help:"Write one HTML page: the answers, charts, doubts, the machine and every trial. Of a folder of claims: each with its verdict and figures."`
	Choose  chooseCmd  `cmd:"" help:"Choose a target for a workload, under constraints and by an objective; says what is not known and how to measure it."`
	Claims  claimsCmd  `cmd:"" help:"Judge the article's claims by the trials that scripts/claims has made: holds, refuted, depends, undecided."`
	Plot    plotCmd    `cmd:"" help:"Draw the main charts for a README: SVG and PNG."`
	Export  exportCmd  `cmd:"" help:"Write the trials for other tools: benchstat, JSON, tidy CSV."`
}

// streams are where a verb writes.
type streams struct {
	stdout, stderr io.Writer
}

// doubt says what a user must know of the input.
func (s streams) doubt(texts []string) {
	for _, text := range texts {
		fmt.Fprintf(s.stderr, "results: %s\n", text)
	}
}

func main() {
	os.Exit(report(run(os.Args[1:], os.Stdout, os.Stderr), os.Stderr))
}

// usageError is an error in the command line, which ends with exit code 2.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// answered is an answer that has been printed and is none to go on with: nothing but an exit code for scripts.
type answered struct{ code int }

// The exit codes of such answers, as loadgen has them for an objective that was missed and a measurement that is not valid.
const (
	exitNone      = 3
	exitUndecided = 4
)

func (e answered) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// report prints the error, if any, and returns the exit code.
func report(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	var answer answered
	if errors.As(err, &answer) {
		return answer.code
	}
	fmt.Fprintf(stderr, "results: %v\n", err)
	var usage usageError
	if errors.As(err, &usage) {
		fmt.Fprintln(stderr, "run 'results --help' for the commands and flags")
		return 2
	}
	var failed gateError
	if errors.As(err, &failed) {
		return 3
	}
	return 1
}

// run carries out one command line.
func run(args []string, stdout, stderr io.Writer) error {
	var cli commands
	helped := false
	parser, err := kong.New(&cli,
		kong.Name("results"),
		kong.Description("Answers from trials: the CSV files that loadgen and the campaigns write."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { helped = true }), // --help has been printed; whatever else parsing says is void
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		return fmt.Errorf("set up the command line: %w", err)
	}
	selected, err := parser.Parse(args)
	switch {
	case helped:
		return nil
	case err != nil:
		return usageError{err}
	}
	return selected.Run(streams{stdout, stderr})
}
