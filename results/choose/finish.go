package choose

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// finish adds what goes with every answer: where it comes from and what to mind.
func (c *chooser) finish() *Advice {
	a := &c.advice
	a.Need, a.Candidates = c.need, c.candidates
	if a.Candidates == nil {
		a.Candidates = []*Candidate{}
	}
	a.Cells, a.LeftOut, a.Caveats = []Cell{}, []LeftOut{}, append([]string{}, a.Caveats...)
	for _, s := range c.sources {
		cell := Cell{Workload: s.share.Workload, Weight: s.share.Weight, Title: s.title(), Interpolated: s.column}
		for _, w := range s.cells {
			cell.Factors = append(cell.Factors, w.Factors)
			for _, l := range w.LeftOut {
				a.LeftOut = append(a.LeftOut, LeftOut{w.Name, l})
			}
		}
		a.Cells = append(a.Cells, cell)
	}
	c.caveats()
	c.sign()
	return a
}

// sign names the campaigns, and under each sentence those that it rests on.
func (c *chooser) sign() {
	a := &c.advice
	a.Measured = []Measured{}
	of := map[string][]int{} // trial -> indices
	for _, f := range c.folders {
		for _, campaign := range campaigns(f.Trials) {
			i := len(a.Measured)
			a.Measured = append(a.Measured, Measured{f.Path, campaign, command(f, campaign)})
			for j, t := range f.Trials {
				if id := identity(f, j); t.CampaignID == campaign {
					of[id] = append(of[id], i)
				}
			}
		}
	}
	signed := func(s *Sentence) {
		s.Evidence.Commands = []int{}
		if s.Evidence.Trials == nil {
			s.Evidence.Trials = []string{}
		}
		for _, id := range s.Evidence.Trials {
			s.Evidence.Commands = append(s.Evidence.Commands, of[id]...)
		}
		slices.Sort(s.Evidence.Commands)
		s.Evidence.Commands = slices.Compact(s.Evidence.Commands)
	}
	for i := range a.Because {
		signed(&a.Because[i])
	}
	for i := range a.Flips {
		signed(&a.Flips[i])
	}
	for _, k := range a.Candidates {
		for i := range k.Checks {
			signed(&k.Checks[i].Sentence)
		}
	}
}

// campaigns of trials, in order.
func campaigns(trials []trial.Trial) []string {
	var ids []string
	for _, t := range trials {
		ids = append(ids, t.CampaignID)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// command is what the campaign was started by, as the manifest has it. A file that came from standard input lies in the folder.
func command(f folder.Folder, campaign string) string {
	m := f.Manifest
	if m == nil || m.CampaignID != campaign || len(m.Command) == 0 {
		return ""
	}
	words := []string{"go run ./scripts/" + m.Command[0]}
	for _, w := range m.Command[1:] {
		if len(f.Campaign) > 0 {
			w = strings.Replace(w, "/dev/stdin", filepath.Join(filepath.Dir(f.CSV), folder.CampaignName), 1)
		}
		words = append(words, quote(w))
	}
	return strings.Join(words, " ")
}

// caveats are what the trials cannot know, as far as it applies to them.
func (c *chooser) caveats() {
	a := &c.advice
	say := func(format string, args ...any) { a.Caveats = append(a.Caveats, fmt.Sprintf(format, args...)) }
	used := func(keep func(trial.Trial) bool) bool {
		return slices.ContainsFunc(c.trials, func(t trial.Trial) bool {
			return slices.ContainsFunc(c.sources, func(s source) bool { return s.holds(t) }) && keep(t)
		})
	}
	if used(func(t trial.Trial) bool {
		return strings.Contains(t.URL, "//127.") || strings.Contains(t.URL, "//localhost") || strings.Contains(t.URL, "//[::1]")
	}) {
		say("over loopback: no network card, no distance, no loss; server and load generator share the machine's caches and CPUs")
	}
	if used(func(t trial.Trial) bool {
		return slices.Contains([]string{"goroutine", "prefork", "eventloop", "stock"}, t.Model)
	}) {
		say("the models are Go programs: what is true of them need not be true of CPython's threads, processes and asyncio")
	}
	if used(func(t trial.Trial) bool { return !t.OpenLoop() }) {
		say("in a closed loop, capacity is shared with the load generator, and latency is that of a full load: requests that would have been due wait unseen")
	}
	if slices.ContainsFunc(c.sources, func(s source) bool { return s.column != "" }) {
		say("interpolated values take for granted that the logarithm changes evenly between the two measured cells")
	}
	for _, r := range c.rounds {
		if slices.ContainsFunc(r.pairs, func(p *pair) bool { return p.screening }) {
			say("screening: too few blocks to correct for the %s of %s, so that each verdict errs in up to 5%% of the cases by itself",
				analysis.Count(len(r.pairs), "comparison", "comparisons"), r.measure.Name)
		}
	}
	if len(c.rounds) > 0 && len(c.advice.Targets) > 1 && a.Outcome == Tie && len(c.rounds) < len(c.need.Objectives) && !c.last().split && c.rounds[len(c.rounds)-1].outcome == Tie {
		say("%s was not asked: not all of the tied targets have values of it", measureOf(c.need.Objectives[len(c.rounds)]).Name)
	}
	if len(c.passed) > 0 {
		say("not considered, as other experiments alone have them: %s (--target considers those that it names)", list(c.passed))
	}
	say("an answer for this machine and these builds; another kernel, CPU or number of cores has to be measured")
}
