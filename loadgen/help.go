package main

import (
	"fmt"
	"io"
	"slices"

	"github.com/alecthomas/kong"
)

// helpWidth is where the help wraps at most: longer lines are hard to read.
const helpWidth = 100

// printHelp prints the page of --help: examples first, since they are what most readers
// came for, then the flags in groups, then what no flag is about.
func printHelp(options kong.HelpOptions, ctx *kong.Context) error {
	if _, err := io.WriteString(ctx.Stdout, helpHead); err != nil {
		return fmt.Errorf("write the help: %w", err)
	}
	options.NoAppSummary = true
	options.WrapUpperBound = helpWidth
	if err := kong.DefaultHelpPrinter(options, ctx); err != nil {
		return fmt.Errorf("write the help: %w", err)
	}
	if _, err := io.WriteString(ctx.Stdout, helpTail); err != nil {
		return fmt.Errorf("write the help: %w", err)
	}
	return nil
}

const helpHead = `Usage: loadgen [flags] [name=]URL ...

Examples:
  how much can a server do? (as with wrk)
    loadgen -t2 -c100 -d30s http://127.0.0.1:8080/index.html
  how long does it take at 20,000 requests/s?
    loadgen -R 20k -d 30s 127.0.0.1:8080/
  what does a request cost the server?
    loadgen --pid $(pgrep -o nginx) :8080/
  which of two is better? (side by side, in turn)
    loadgen old=:8080/ new=:8081/
  a request with a body; an echo server
    loadgen -b @order.json -H 'Content-Type: application/json' :8080/orders
    loadgen tcp://127.0.0.1:7000
`

const helpTail = `
Units:
  TIME is a number of seconds or has a unit: 30, 500ms, 30s, 2m, 1h.
  N may end in k (thousand) or M (million): 20k, 1.5M.
  Latency counts from when a request was due: with --rate, a stall of the server
  shows as large as it was. Percentiles are always shown; --latency is accepted.

Exit codes:
  0  measured
  1  failed: no request succeeded, or a file could not be written
  2  the command line is wrong
  3  --slo: an objective was missed; --find-max: no rate meets it
  4  no measurement may be believed, the verdict says why; or, with --slo,
     one may not be, or too little was measured to tell

Environment:
  TERM=dumb  lines instead of a panel
  NO_COLOR   if set, no colours

Ctrl-C ends the run early with a report of what was measured until then.
`

// helpLast puts --help beside --version, at the end. Kong has it first.
func helpLast(app *kong.Application) {
	help := app.HelpFlag
	help.Help = "Print this page and exit."
	help.Group = app.Flags[len(app.Flags)-1].Group
	app.Flags = append(slices.DeleteFunc(app.Flags, func(f *kong.Flag) bool { return f == help }), help)
}
