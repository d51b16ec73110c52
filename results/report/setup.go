package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
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
	addMachine(add, m.Machine)
	for _, r := range m.Rates {
		add("rate of "+r.Workload, rateText(r), false)
	}
	for _, t := range m.Targets {
		out.Targets = append(out.Targets, targetFact{t.Name, shell(append([]string{t.Binary}, t.Args...)), short12(m.Binaries[t.Binary].SHA256)})
	}
	out.Notes, out.Failures = m.Notes, m.Failures
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

func span(from, to time.Time) string {
	const form = "2006-01-02 15:04:05"
	switch {
	case from.IsZero():
		return ""
	case to.IsZero():
		return "from " + from.UTC().Format(form) + " UTC; no end is known"
	}
	return from.UTC().Format(form) + " to " + to.UTC().Format(form) + " UTC"
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

// warnings are what a reader must know before believing anything.
func warnings(a *analysis.Analysis, members [][]analysis.Member, sources []Source) []string {
	var list []string
	if o := a.Overview; o.Valid < o.Trials {
		var kinds []string
		for _, v := range verdictCounts(members) {
			if v.Verdict != trial.VerdictOK {
				kinds = append(kinds, fmt.Sprintf("%d %s", v.Trials, v.Verdict))
			}
		}
		list = append(list, fmt.Sprintf("%d of %s may not be believed, or not in full: %s. Each workload says what was left out, and why.",
			o.Trials-o.Valid, analysis.Count(o.Trials, "trial", "trials"), strings.Join(kinds, ", ")))
	}
	least, screened := 0, 0
	for _, f := range a.Families {
		least, screened = max(least, f.LeastBlocks), screened+f.Screened
	}
	if screened > 0 {
		list = append(list, fmt.Sprintf("Screening: %s too few blocks to be corrected for how many there are (that takes %d blocks). "+
			"Of equal targets about 1 in 20 is called different.", analysis.Count(screened, "comparison has", "comparisons have"), least))
	}
	for _, s := range sources {
		if s.Torn {
			list = append(list, s.Name+": the last line of the trials has no end, and was left out.")
		}
		if m := s.Manifest; m != nil {
			if m.Status != "complete" {
				list = append(list, fmt.Sprintf("%s: the campaign is not complete: %s.", s.Name, cmp.Or(m.Status, "no status is known")))
			}
			if n := len(m.Failures); n > 0 {
				list = append(list, fmt.Sprintf("%s: %s during the campaign: see its setup.", s.Name, analysis.Count(n, "failure", "failures")))
			}
		}
	}
	if unlike := machines(members); len(unlike) > 1 {
		list = append(list, "The trials come from "+strconv.Itoa(len(unlike))+" machines: medians mix them, ratios do not.")
	}
	return list
}

func machines(members [][]analysis.Member) []string {
	hosts := map[string]bool{}
	for _, list := range members {
		for _, m := range list {
			if m.Trial.HostID != "" {
				hosts[m.Trial.HostID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(hosts))
}
