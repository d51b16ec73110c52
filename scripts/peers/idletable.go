package main

import (
	"fmt"
	"io"

	"modelbench/results/trial"
)

// idleTable is what the mode idle came to.
type idleTable struct {
	*flags
	n    int
	rows []idleRow
}

// write prints the table.
func (t *idleTable) write(w io.Writer) error {
	out := &tableText{}
	out.line("idle: %d keep-alive connections, each after one GET /plaintext; server on core %d, loadgen on core %d", t.n, t.ServerCPU, t.ClientCPU)
	out.line("memory: PSS of the process tree, before is after a load; settled: not moved by more than %g%% for %v", 100*quietWithin, quietFor)
	if t.Active > 0 {
		out.line("p99: of %d active connections at %g requests/s, %s of %v", t.Active, t.ActiveRate, count(t.Blocks, "pair"), t.ActiveFor)
	}
	out.line("")
	head := []string{"server", "before", "with idle", "per connection", "settled after"}
	if t.Active > 0 {
		head = append(head, "p99 without", "p99 with", "with to without", "pairs")
	}
	out.row(head...)
	for _, r := range t.rows {
		cells := []string{r.server, mebibytes(r.before.bytes), mebibytes(r.with.bytes),
			fmt.Sprintf("%.2f KiB", perConnection(r.before, r.with, r.n)/1024), r.before.String() + ", " + r.with.String()}
		if t.Active > 0 {
			off, on := r.p99(false), r.p99(true)
			cells = append(cells, micros(out.median(off)[0]), micros(out.median(on)[0]), out.ratio(false, on, off), fmt.Sprint(len(shared(on, off))))
		}
		out.row(cells...)
	}
	out.flush()
	for _, r := range t.rows {
		for _, note := range complaints(r.trials, activeState, latencyFate) {
			out.line("! %s", note)
		}
	}
	for _, doubt := range out.doubts {
		out.line("! %s", doubt)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// p99 is that of the active connections in microseconds by pair, with the idle ones or
// without, of the trials that may be believed.
func (r *idleRow) p99(idle bool) series {
	s := series{}
	for _, row := range r.trials {
		v, measured := row.LatP99Us.Get()
		if row.Verdict == trial.VerdictOK && measured && v > 0 && (row.IdleConnections.Or(0) > 0) == idle {
			s[row.Block.Or(0)] = v
		}
	}
	return s
}

func activeState(row trial.Trial) string {
	if row.IdleConnections.Or(0) > 0 {
		return row.Target + " with"
	}
	return row.Target + " without"
}

func latencyFate(verdict string) string {
	if verdict == trial.VerdictLagging {
		return fmt.Sprintf("left out, and measured again up to %d times", lagRetries)
	}
	return "left out"
}

func mebibytes(b uint64) string { return fmt.Sprintf("%.2f MiB", float64(b)/(1<<20)) }

func micros(figure string) string {
	if figure == "-" {
		return figure
	}
	return figure + " us"
}
