// Package live shows a person what a load does while it runs.
//
// A Display follows one run through the intervals that the engine tells (see
// loadgen/watch) and writes to standard error alone: standard output stays clean for the
// report. There are two ways to show it:
//
//	panel   on a terminal: a few lines that are drawn anew four times a second, with
//	        sparklines, and gone when the run is over
//	plain   a line per second, anywhere
//
// A display is a reader like any other. It never touches the load: what it draws, it
// draws on goroutines of its own, from copies, and if the terminal does not take it, a
// frame is left out.
//
// # The terminal
//
// The panel changes no mode of the terminal and reads nothing from it: no raw mode, no
// alternate screen, no hidden cursor, no query. So there is nothing to restore, however
// the program ends: Ctrl-C is an ordinary SIGINT and Ctrl-Z an ordinary stop, which is
// main's business and the shell's. In the background (after bg, or with &) nothing is
// drawn; back in the foreground the panel begins anew below whatever stands there.
//
// Size follows SIGWINCH; lines are cut to the width. Colours are the terminal's own basic
// ones, none if NO_COLOR is set.
package live

import (
	"io"
	"os"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/watch"
)

// A Mode is a way to show a run, as given on the command line.
type Mode string

const (
	// Auto is a panel on a terminal, plain lines on one that cannot move its cursor
	// (TERM=dumb), and nothing elsewhere: what collects standard error wants no progress.
	Auto  Mode = "auto"
	Plain Mode = "plain"
	None  Mode = "none"
)

// Lengths of the intervals that displays follow.
const (
	panelEvery = 250 * time.Millisecond
	plainEvery = time.Second
)

// A Display shows one run. Its zero value shows nothing.
type Display struct {
	state *state
	panel *panel
	plain io.Writer
}

// Open begins to show a run of the plan on w, which remains the caller's, as one that is
// connecting. Close must follow.
func Open(mode Mode, w io.Writer, plan engine.Plan) *Display {
	d := &Display{state: newState(factsOf(&plan))}
	term, onTerminal := terminal(w)
	switch {
	case mode == None:
	case mode == Plain, onTerminal && os.Getenv("TERM") == "dumb":
		d.plain = w
	case onTerminal:
		d.panel = openPanel(term, d.state.frame())
	}
	return d
}

// factsOf reads a plan, which may still lack its defaults.
func factsOf(p *engine.Plan) facts {
	f := facts{connections: p.Connections, warmup: p.Warmup, duration: p.Duration, requests: p.Requests, open: p.Open()}
	for _, t := range p.Targets {
		f.names = append(f.names, t.Name)
	}
	return f
}

// Readers returns what wants to be told about the run: none if nothing is shown.
func (d *Display) Readers() []watch.Reader {
	switch {
	case d.panel != nil:
		return []watch.Reader{{Every: panelEvery, Tell: func(iv *engine.Interval) {
			d.state.add(iv)
			d.panel.show(d.state.frame())
		}}}
	case d.plain != nil:
		return []watch.Reader{{Every: plainEvery, Tell: func(iv *engine.Interval) {
			d.state.add(iv)
			io.WriteString(d.plain, d.state.line(iv)) // nothing depends on progress being seen
		}}}
	}
	return nil
}

// Close removes the panel. What is written next stands where it stood. It may be called
// more than once.
func (d *Display) Close() {
	if d.panel != nil {
		d.panel.close()
		d.panel = nil
	}
}
