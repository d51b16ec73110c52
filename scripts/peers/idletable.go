package main

import (
	"fmt"
	"io"
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
			cells = append(cells, micros(out.median(r.off)[0]), micros(out.median(r.on)[0]), out.ratio(false, r.on, r.off), fmt.Sprint(r.pairs()))
		}
		out.row(cells...)
	}
	out.flush()
	for _, r := range t.rows {
		for _, note := range r.notes {
			out.line("! %s", note)
		}
	}
	for _, doubt := range out.doubts {
		out.line("! %s", doubt)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

// pairs is how many went into the ratio.
func (r *idleRow) pairs() (n int) {
	for pair := range r.on {
		if _, both := r.off[pair]; both {
			n++
		}
	}
	return n
}

func mebibytes(b uint64) string { return fmt.Sprintf("%.2f MiB", float64(b)/(1<<20)) }

func micros(figure string) string {
	if figure == "-" {
		return figure
	}
	return figure + " us"
}
