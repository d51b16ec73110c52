package choose

import (
	"cmp"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// BlockingWord is the word in a target's variant that says: its handlers block, as they do in code that was not written for it.
const BlockingWord = "blocking"

// findCandidates lists the targets of all trials, the A/A arm left out. Where handlers block, those are candidates that
// were measured so, as their variant says, and else the others.
func (c *chooser) findCandidates() {
	seen := map[string]bool{}
	for _, w := range c.measured(func(*analysis.Workload) bool { return true }) {
		for _, name := range w.Targets {
			t := c.trialOf(name)
			if _, again := t.Again(); seen[name] || again || slices.Contains(strings.Fields(t.Variant), BlockingWord) != c.need.Blocking {
				continue
			}
			seen[name] = true
			c.candidates = append(c.candidates, &Candidate{Target: name, model: t.Model, Checks: []Check{}})
		}
	}
	slices.SortFunc(c.candidates, func(a, b *Candidate) int { return strings.Compare(a.Target, b.Target) })
}

// trialOf is any trial of the target without a fault, for what makes the target what it is: trials of crashes are made by hand.
func (c *chooser) trialOf(name string) trial.Trial {
	i := slices.IndexFunc(c.trials, func(t trial.Trial) bool { return !faulty(t) && isOf(t, name) })
	if i < 0 {
		return trial.Trial{}
	}
	return c.trials[i]
}

func faulty(t trial.Trial) bool { return t.Fault != "" && t.Fault != "none" }

// isOf tells whether a trial is of the target of that name, which package analysis makes of the target column, or the url, and, where
// namesakes differ, of columns as in " procs=2".
func isOf(t trial.Trial, name string) bool {
	base := cmp.Or(t.Target, t.URL)
	rest, is := strings.CutPrefix(name, base)
	if !is || rest == "" {
		return is
	}
	if rest[0] != ' ' {
		return false
	}
	for _, c := range trial.Columns() {
		if _, value, found := strings.Cut(rest, " "+c.Name+"="); found && slices.Contains(targetColumns, c.Name) {
			want := c.Text(t)
			if value != want && !strings.HasPrefix(value, want+" ") && !(want == "" && strings.HasPrefix(value, "?")) {
				return false
			}
		}
	}
	return true
}

// survivors are the candidates that are compared: not rejected, and with values.
func (c *chooser) survivors() []string {
	var names []string
	for _, k := range c.candidates {
		if k.Status != Rejected && k.compared {
			names = append(names, k.Target)
		}
	}
	return names
}

func (c *chooser) candidate(name string) *Candidate {
	i := slices.IndexFunc(c.candidates, func(k *Candidate) bool { return k.Target == name })
	return c.candidates[i]
}
