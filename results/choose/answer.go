package choose

import (
	"fmt"
	"slices"
	"strings"
)

// answer is the outcome in a sentence.
func (c *chooser) answer() string {
	a := &c.advice
	names := list(a.Targets)
	switch {
	case a.Outcome == None:
		return "none of " + list(c.names()) + " meets the constraints: each is rejected by a row below"
	case len(c.rounds) == 0 && len(c.candidates) == 0:
		return "no target was measured like that"
	case len(c.rounds) == 0:
		return "what was asked for was not measured"
	}
	r := c.last()
	switch {
	case a.Outcome == Recommendation && len(r.targets) == 1 && len(c.rounds) == 1:
		return names + ": of the targets measured, the only one that meets the constraints"
	case a.Outcome == Recommendation:
		return fmt.Sprintf("%s: it beats %s on %s%s", names, list(without(r.targets, a.Targets)), r.measure.Name, c.after())
	case a.Outcome == Tie && r.split:
		return names + ": each is better than another in one of the workloads and worse in one; give the workloads weights to weigh that"
	case a.Outcome == Tie:
		return names + ": they make no difference on " + c.tiedOn()
	case (r.outcome == Recommendation || r.outcome == Tie) && slices.ContainsFunc(r.leaders, c.feasible):
		return fmt.Sprintf("%s would be it of those measured with a CPU budget of at most %d, but %s not measured with that: see below",
			names, c.need.Cores, were(c.tooLarge()))
	case r.outcome == Recommendation || r.outcome == Tie:
		return names + " would be it, but whether a constraint is met is not certain: see below"
	case len(r.leaders) == 1:
		return names + " leads on " + r.measure.Name + ", but does not surely beat all others"
	}
	return names + " are not told apart on " + r.measure.Name
}

// after says which objectives made no difference before the last one.
func (c *chooser) after() string {
	if len(c.rounds) == 1 {
		return ""
	}
	var before []string
	for _, r := range c.rounds[:len(c.rounds)-1] {
		before = append(before, r.measure.Name)
	}
	return ", where " + list(before) + " left a tie"
}

func (c *chooser) tiedOn() string {
	var on []string
	for _, r := range c.rounds {
		if r.outcome == Tie {
			on = append(on, r.measure.Name)
		}
	}
	return list(on)
}

func (c *chooser) names() []string {
	var names []string
	for _, k := range c.candidates {
		names = append(names, k.Target)
	}
	return names
}

func without(names, taken []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(taken, n) })
}

// were is "a was", "a and b were".
func were(names []string) string {
	if len(names) == 1 {
		return names[0] + " was"
	}
	return list(names) + " were"
}

// list is a, b and c.
func list(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}
