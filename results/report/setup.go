package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// setup is how a campaign came about: where, with what, from which command.
type setup struct {
	Name            string
	Facts           []fact
	Targets         []targetFact
	LeftOut         []string // targets, of a workload
	Notes, Failures []string
}

// fact is a word and what stands for it. Code is what a person types, or a program wrote.
type fact struct {
	Name, Text string
	Code       bool
}

// targetFact is a target as it was started.
type targetFact struct {
	Name, Command, SHA256 string
}

// newSetup takes what the manifest says, and what the rows say where there is none.
func newSetup(s Source) setup {
	out := setup{Name: s.Name}
	add := func(name, text string, code bool) {
		if text != "" {
			out.Facts = append(out.Facts, fact{name, text, code})
		}
	}
	m := s.Manifest
	if m == nil {
		if len(s.Trials) > 0 {
			addRow(add, s.Trials[0])
		}
		out.Notes = []string{"There is no manifest beside these trials: what is said here stands in their first row."}
		return out
	}
	add("command", shell(m.Command), true)
	add("seed", strconv.FormatInt(m.Seed, 10), true)
	add("revision", revision(m.Git), true)
	add("measured", span(m.Started, m.Ended), false)
	add("status", fmt.Sprintf("%s, %s", m.Status, analysis.Count(m.WholeBlocks, "whole block", "whole blocks")), false)
	if m.BudgetS > 0 {
		add("budget", strconv.FormatFloat(m.BudgetS, 'f', -1, 64)+" s", false)
	}
	for _, r := range m.Resumed {
		add("resumed", fmt.Sprintf("%s UTC, from block %d on", r.At.UTC().Format(clockForm), r.Block), false)
	}
	add("rotations", rotations(m), false)
	add("CPUs of the servers", m.ServerCPUs, false)
	add("CPUs of the load generator", m.ClientCPUs, false)
	addMachine(add, m.Machine)
	for _, r := range m.Rates {
		add("rate of "+r.Workload, rateText(r), false)
	}
	for _, t := range m.Targets {
		out.Targets = append(out.Targets, targetFact{t.Name, started(t), short12(m.Binaries[t.Binary].SHA256)})
	}
	out.LeftOut, out.Notes, out.Failures = leftOut(m), m.Notes, m.Failures
	return out
}

func addRow(add func(string, string, bool), t trial.Trial) {
	add("campaign", t.CampaignID, true)
	add("seed", t.Seed.String(), true)
	add("revision", t.GitRev, true)
	add("machine", t.HostID, true)
	add("CPU", t.CPUModel, false)
	add("CPUs", t.CPUs.String(), false)
	add("kernel", t.Kernel, false)
	add("Go", t.GoVersion, false)
}

func addMachine(add func(string, string, bool), m folder.Machine) {
	add("machine", m.HostID, true)
	add("CPU", m.CPUModel, false)
	if m.CPUs > 0 {
		add("CPUs", strconv.FormatInt(m.CPUs, 10), false)
	}
	if m.MemoryB > 0 {
		add("memory", analysis.Memory(float64(m.MemoryB)).Text(float64(m.MemoryB)), false)
	}
	add("kernel", m.Kernel, false)
	add("clock", m.Clock, false)
	add("frequency governor", m.Governor, false)
	add("load before", strconv.FormatFloat(m.Load1, 'f', 2, 64)+" (1 min; a quiet machine is near 0)", false)
	add("Go", m.Go, false)
}

func revision(g folder.Git) string {
	switch {
	case g.Revision == "":
		return ""
	case g.Dirty:
		return g.Revision + ", with changes that are not in it"
	}
	return g.Revision
}

// started is how a target came up. Its environment is left out: that is where secrets are.
func started(t folder.Target) string {
	text := shell(append([]string{t.Binary}, t.Args...))
	switch {
	case len(t.Command) > 0:
		text = shell(t.Command)
	case t.URL != "":
		text = "was up at " + t.URL
	}
	if t.Rev != "" {
		text += " (built from " + t.Rev + ")"
	}
	return text
}

// rotations says in how many of them the machine did what it should not.
func rotations(m *folder.Manifest) string {
	if m.Rotations == 0 {
		return ""
	}
	text := fmt.Sprintf("%d measured", m.Rotations)
	for _, kind := range []struct {
		n    int
		what string
	}{{m.Drifted, "the machine changed its speed"}, {m.Stolen, "the hypervisor took CPU time"},
		{m.Retransmitted, "TCP segments were sent again"}, {m.Overflowed, "a listener's queue was full"}} {
		if kind.n > 0 {
			text += fmt.Sprintf("; in %d %s", kind.n, kind.what)
		}
	}
	return text
}

const clockForm = "2006-01-02 15:04:05"

func span(from, to time.Time) string {
	switch {
	case from.IsZero():
		return ""
	case to.IsZero():
		return "from " + from.UTC().Format(clockForm) + " UTC; no end is known"
	}
	return from.UTC().Format(clockForm) + " to " + to.UTC().Format(clockForm) + " UTC"
}

func rateText(r folder.Rate) string {
	text := analysis.PerSecond(r.RPS).Text(r.RPS) + " for every target"
	if r.Slowest != "" && r.Capacity[r.Slowest] > 0 {
		text += fmt.Sprintf("; %s, the slowest, reached %s", r.Slowest, analysis.PerSecond(r.Capacity[r.Slowest]).Text(r.Capacity[r.Slowest]))
	}
	return text
}

// shell writes a command so that a shell would take it apart again.
func shell(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = w
		if w == "" || strings.ContainsAny(w, " \t\n'\"\\$&|;<>()*?[]#~`!{}") {
			quoted[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

func short12(sum string) string { return sum[:min(len(sum), 12)] }
