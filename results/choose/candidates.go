package choose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// BlockingWord is the word in a target's variant that says: its handlers block, as they do in code that was not written for it.
const BlockingWord = "blocking"

// findCandidates lists the targets: those that the need names, or all but controls and the A/A arm. Where handlers block, those are
// candidates that were measured so, as their variant says, and else the others. An experiment of the claims is made for its own
// question and its own targets: those of others that know none of the workloads are not considered, and that is said.
func (c *chooser) findCandidates() error {
	seen := map[string]bool{}
	elsewhere := c.elsewhere()
	for _, w := range c.measured(func(*analysis.Workload) bool { return true }) {
		for _, name := range w.Targets {
			t := c.trialOf(name)
			if _, again := t.Again(); seen[name] || again {
				continue
			}
			seen[name] = true
			switch {
			case len(c.need.Targets) > 0:
				if !slices.Contains(c.need.Targets, name) {
					continue
				}
			case c.control(t) || c.blocks(t) != c.need.Blocking:
				continue
			case elsewhere[name]:
				c.passed = append(c.passed, name)
				continue
			}
			c.candidates = append(c.candidates, &Candidate{Target: name, model: t.Model, Checks: []Check{}})
		}
	}
	for _, name := range c.need.Targets {
		if !seen[name] {
			return &NeedError{"--target", fmt.Sprintf("%q is not in these trials, which have %s", name, list(slices.Sorted(maps.Keys(seen))))}
		}
	}
	slices.SortFunc(c.candidates, func(a, b *Candidate) int { return strings.Compare(a.Target, b.Target) })
	slices.Sort(c.passed)
	return nil
}

// elsewhere are the targets that only experiments of the claims have in which none of the workloads was measured, while another has one.
func (c *chooser) elsewhere() map[string]bool {
	of := map[string]bool{}
	known := false
	for _, here := range []bool{false, true} {
		for _, f := range c.folders {
			asked := f.Claims == "" || slices.ContainsFunc(f.Trials, func(t trial.Trial) bool {
				return !faulty(t) && slices.ContainsFunc(c.need.Workloads, func(s Share) bool { return s.Workload == t.Workload })
			})
			if asked != here {
				continue
			}
			known = known || here
			for _, name := range analysis.TargetNames(f.Trials) {
				of[name] = !here
			}
		}
	}
	if !known {
		return nil
	}
	return of
}

// What a target is told that makes it a control: it is measured to compare with, and nobody would take it. A variant says so by its words.
var (
	controlFlags = map[string][]string{"--serial": nil, "--counter": {racyWord}} // flag -> values; nil: it takes none
	controlWords = []string{"control", "one-at-a-time", "wrong-footed", racyWord}
)

// racyWord is of a target whose counter nobody guards.
const racyWord = "racy"

// control tells whether a target is one. A counter that nobody guards is a candidate where that is what is asked: its own trials
// tell what it loses.
func (c *chooser) control(t trial.Trial) bool {
	return slices.ContainsFunc(c.words(t), func(word string) bool {
		return slices.Contains(controlWords, word) && !(word == racyWord && c.need.SharedState)
	})
}

func (c *chooser) racy(k *Candidate) bool {
	return slices.Contains(c.words(c.trialOf(k.Target)), racyWord)
}

// words are those of a target's variant, and those that its flags stand for.
func (c *chooser) words(t trial.Trial) []string {
	words := strings.Fields(t.Variant)
	for _, f := range c.folders {
		args, has := manifestArgs(f.Manifest, t)
		if !has {
			continue
		}
		for i, arg := range args {
			values, is := controlFlags[arg]
			if is && (values == nil || i+1 < len(args) && slices.Contains(values, args[i+1])) {
				words = append(words, map[bool]string{true: controlWords[0], false: racyWord}[values == nil])
			}
		}
	}
	return words
}

// blocks tells whether a target's handlers block, in a model in which they should not.
func (c *chooser) blocks(t trial.Trial) bool {
	if slices.Contains(strings.Fields(t.Variant), BlockingWord) {
		return true
	}
	return slices.ContainsFunc(c.folders, func(f folder.Folder) bool {
		args, _ := manifestArgs(f.Manifest, t)
		return slices.Contains(args, "--block-loop")
	})
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
