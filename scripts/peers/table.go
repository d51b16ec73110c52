package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strings"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

// rotationTable is what a mode of rotations came to.
type rotationTable struct {
	mode    string
	setting string   // cores, duration
	servers []string // that took part
	to      []string // those that ratios are taken to, of servers
	blocks  int      // whole ones
	rows    []trial.Trial
}

// setting says under what the figures were taken.
func (b *bench) setting() string {
	return fmt.Sprintf("%v each, servers on core %d, loadgen on core %d", b.Duration, b.ServerCPU, b.ClientCPU)
}

// costs are the CPU microseconds per request of a server, of those trials in which the
// figure stands.
func (t *rotationTable) costs(server string, pipeline int) series {
	s := series{}
	for _, row := range t.rows {
		cost, measured := row.ServerCPUUsPerReq.Get()
		if row.Target == server && row.Pipeline == trial.I(pipeline) && measured && cost > 0 && costStands(row.Verdict) {
			s[row.Block.Or(0)] = cost
		}
	}
	return s
}

// costStands tells whether what the server spent on a request may be believed: a verdict
// against the generator's own figures does not touch it.
func costStands(verdict string) bool {
	return verdict == trial.VerdictOK || verdict == trial.VerdictClientBound || verdict == trial.VerdictLagging
}

// write prints the table.
func (t *rotationTable) write(w io.Writer) error {
	out := &tableText{}
	what := map[string]string{
		"plaintext": "GET /plaintext", "echo": "64 bytes of TCP echo", "pipeline": fmt.Sprintf("GET /plaintext, %d outstanding on a connection", pipelined),
	}[t.mode]
	out.line("%s: %s, %d connections to each server, closed loop", t.mode, what, loadConnections)
	out.line("%s of %s", count(t.blocks, "block"), t.setting)
	if t.mode == "pipeline" {
		out.line("requests per CPU s: pipelined to unpipelined")
	}
	out.line("")
	if t.mode == "pipeline" {
		t.pipelineRows(out)
	} else {
		t.plainRows(out)
	}
	for _, note := range append(complaints(t.rows, t.what, costFate), out.doubts...) {
		out.line("! %s", note)
	}
	_, err := io.WriteString(w, out.String())
	return err
}

func (t *rotationTable) plainRows(out *tableText) {
	costs := map[string]series{}
	for _, name := range t.servers {
		costs[name] = t.costs(name, 1)
	}
	head := []string{"server", "CPU us/request", "interval"}
	for _, to := range t.to {
		head = append(head, "to "+to)
	}
	out.row(append(head, "blocks")...)
	for _, name := range byMedian(t.servers, costs) {
		cells := append([]string{name}, out.median(costs[name])...)
		for _, to := range t.to {
			cells = append(cells, out.ratio(name == to, costs[name], costs[to]))
		}
		out.row(append(cells, fmt.Sprint(len(costs[name])))...)
	}
	out.flush()
}

// pipelineRows adds how many requests a CPU second serves, pipelined against unpipelined:
// the inverse of what they cost.
func (t *rotationTable) pipelineRows(out *tableText) {
	one, many := map[string]series{}, map[string]series{}
	for _, name := range t.servers {
		one[name], many[name] = t.costs(name, 1), t.costs(name, pipelined)
	}
	head := []string{"server", "CPU us/request", "interval", "unpipelined", "requests per CPU s"}
	for _, to := range t.to {
		head = append(head, "to "+to)
	}
	out.row(append(head, "blocks")...)
	for _, name := range byMedian(t.servers, many) {
		cells := append([]string{name}, out.median(many[name])...)
		cells = append(cells, out.median(one[name])[0], out.ratio(false, one[name], many[name]))
		for _, to := range t.to {
			cells = append(cells, out.ratio(name == to, many[name], many[to]))
		}
		out.row(append(cells, fmt.Sprint(len(many[name])))...)
	}
	out.flush()
}

// byMedian sorts the names by what they cost; those without a figure come last.
func byMedian(names []string, costs map[string]series) []string {
	sorted := slices.Clone(names)
	slices.SortStableFunc(sorted, func(a, b string) int {
		x, _ := stats.Median(costs[a].values(costs[a].blocks()), stats.Level)
		y, _ := stats.Median(costs[b].values(costs[b].blocks()), stats.Level)
		if missing := cmp.Compare(btoi(math.IsNaN(x)), btoi(math.IsNaN(y))); missing != 0 {
			return missing
		}
		return cmp.Compare(x, y)
	})
	return sorted
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// what names a row's server in a complaint.
func (t *rotationTable) what(row trial.Trial) string {
	if t.mode == "pipeline" && row.Pipeline == trial.I(1) {
		return row.Target + " unpipelined"
	}
	return row.Target
}

func costFate(verdict string) string {
	if costStands(verdict) {
		return "not valid, but what the server spent counts"
	}
	return "left out"
}

// complaints says which trials were not valid, why, and what becomes of them. The first
// reason of a kind stands for all: they differ in figures alone.
func complaints(rows []trial.Trial, what func(trial.Trial) string, fate func(verdict string) string) []string {
	type kind struct{ verdict, what string }
	all, counts, reasons := map[string]int{}, map[kind]int{}, map[kind]string{}
	for _, row := range rows {
		all[what(row)]++
		if row.Verdict == trial.VerdictOK {
			continue
		}
		k := kind{row.Verdict, what(row)}
		if counts[k]++; counts[k] == 1 {
			reasons[k] = row.VerdictReason
		}
	}
	var notes []string
	for _, k := range slices.SortedFunc(maps.Keys(counts), func(a, b kind) int {
		return cmp.Or(strings.Compare(a.verdict, b.verdict), strings.Compare(a.what, b.what))
	}) {
		notes = append(notes, fmt.Sprintf("%s: %d of %s %s: %s (%s)", k.what, counts[k], count(all[k.what], "trial"), fate(k.verdict), k.verdict, reasons[k]))
	}
	return notes
}

// count is "1 block" or "3 blocks".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
