package choose

import (
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/claims/complexity"
)

// round is one objective, asked of those targets that the objectives before left equal.
type round struct {
	measure *analysis.Measure
	targets []string
	dims    []dimension
	pairs   []*pair
	leaders []string // whom nobody beats
	outcome Outcome  // recommendation, tie or undecided
	split   bool     // a tie because each is better somewhere
	blocks  int
}

// ask compares the targets by a measure. The leaders of a recommendation are one.
func (c *chooser) ask(m *analysis.Measure, targets []string) round {
	r := round{measure: m, targets: targets, dims: c.dimensions(m, targets), outcome: Recommendation, leaders: targets}
	if len(targets) == 1 {
		return r
	}
	r.pairs = compare(m, r.dims, targets)
	r.leaders = slices.DeleteFunc(slices.Clone(targets), func(a string) bool {
		return slices.ContainsFunc(targets, func(b string) bool { return a != b && between(r.pairs, b, a) == beats })
	})
	if len(r.leaders) == 0 { // each is beaten by another, in blocks that not all share
		r.leaders = targets
	}
	undecided := false
	for _, a := range r.leaders {
		for _, b := range targets {
			leads := slices.Contains(r.leaders, b)
			if a == b || !leads && len(r.leaders) > 1 {
				continue
			}
			switch between(r.pairs, a, b) {
			case split:
				r.split = true
			case open, beaten:
				undecided = true
				r.blocks = max(r.blocks, blocksBetween(r.pairs, a, b))
			}
		}
	}
	switch {
	case undecided:
		r.outcome = Undecided
	case len(r.leaders) > 1 || r.split:
		r.outcome = Tie
	}
	if r.split && len(r.leaders) == 1 { // nobody beats it, and it does not beat all
		r.leaders = slices.DeleteFunc(slices.Clone(targets), func(b string) bool { return between(r.pairs, r.leaders[0], b) == beats })
	}
	return r
}

func blocksBetween(pairs []*pair, a, b string) int {
	blocks := 0
	for _, p := range pairs {
		if p.relation == open && (p.a == a && p.b == b || p.a == b && p.b == a) {
			blocks = max(blocks, p.blocks)
		}
	}
	return blocks
}

// decide asks objective after objective until one decides.
func (c *chooser) decide() {
	targets := c.survivors()
	for _, key := range c.need.Objectives {
		m := measureOf(key)
		if len(targets) == 0 || len(c.rounds) > 0 && !c.valued(m, targets) {
			break
		}
		r := c.ask(m, targets)
		c.rounds = append(c.rounds, r)
		targets = r.leaders
		if r.outcome != Tie || r.split {
			break
		}
	}
	c.advice = Advice{Outcome: c.outcome(), Targets: []string{}, Preferred: []string{}, Because: []Sentence{}}
	if len(c.rounds) > 0 {
		c.advice.Targets = c.last().leaders
	}
	if c.advice.Outcome == Undecided {
		c.advice.Blocks = c.blocksNeeded()
	}
	if c.advice.Outcome == Tie {
		c.prefer()
	}
	c.because()
	c.advice.Answer = c.answer()
}

// valued tells whether all targets have values of the measure in every workload.
func (c *chooser) valued(m *analysis.Measure, targets []string) bool {
	for _, s := range c.sources {
		for _, name := range targets {
			if len(s.values(name, m)) == 0 {
				return false
			}
		}
	}
	return true
}

// last is the round that decided. A later objective that tells nothing apart leaves the tie of the one before.
func (c *chooser) last() round {
	last := c.rounds[len(c.rounds)-1]
	if last.outcome == Undecided && len(c.rounds) > 1 {
		return c.rounds[len(c.rounds)-2]
	}
	return last
}

// outcome is the last round's, if those whom it leads to are known to be feasible, and all others were measured with the CPU budget.
func (c *chooser) outcome() Outcome {
	if len(c.rounds) == 0 {
		if len(c.candidates) > 0 && !slices.ContainsFunc(c.candidates, func(k *Candidate) bool { return k.Status != Rejected }) {
			return None
		}
		return Undecided
	}
	r := c.last()
	if r.outcome != Undecided && (!slices.ContainsFunc(r.leaders, c.feasible) || len(c.tooLarge()) > 0) {
		return Undecided
	}
	return r.outcome
}

func (c *chooser) feasible(target string) bool { return c.candidate(target).Status == Feasible }

// blocksNeeded is for what is open: comparisons, or the constraints of those who lead.
func (c *chooser) blocksNeeded() int {
	blocks := 0
	if len(c.rounds) == 0 {
		return 0
	}
	r := c.last()
	if r.outcome == Undecided {
		blocks = r.blocks
	}
	for _, name := range r.leaders {
		for _, k := range c.candidate(name).Checks {
			if k.Constraint != isolated { // which is no matter of this campaign's blocks
				blocks = max(blocks, k.Blocks)
			}
		}
	}
	return blocks
}

// prefer picks from a tie those that the user calls simple, or that have the least code, among the feasible.
func (c *chooser) prefer() {
	if c.need.Simplest && len(c.need.Simple) == 0 {
		c.simplest()
	}
	for _, name := range c.advice.Targets {
		if c.feasible(name) && (slices.Contains(c.need.Simple, name) || slices.Contains(c.need.Simple, c.candidate(name).model)) {
			c.advice.Preferred = append(c.advice.Preferred, name)
		}
	}
	if len(c.advice.Preferred) == len(c.advice.Targets) {
		c.advice.Preferred = []string{}
	}
}

// simplest picks those of the fewest lines.
func (c *chooser) simplest() {
	least := 0
	for _, name := range c.advice.Targets {
		if code, known := c.codeOf(name); known && c.feasible(name) {
			c.advice.Code = append(c.advice.Code, code)
			if least == 0 || code.Lines < least {
				least = code.Lines
			}
		}
	}
	for _, code := range c.advice.Code {
		if code.Lines == least {
			c.advice.Preferred = append(c.advice.Preferred, code.Target)
		}
	}
}

// codeOf is that of a target's model, and what its flags add: a row of the name "prefork --counter shm|rpc" is of those that are told so.
func (c *chooser) codeOf(target string) (of TargetCode, known bool) {
	t := c.trialOf(target)
	args := []string{}
	for _, f := range c.folders {
		if a, has := manifestArgs(f.Manifest, t); has {
			args = a
		}
	}
	var sum complexity.Row
	for _, row := range c.code {
		variant, of := strings.CutPrefix(row.Model, t.Model+" ")
		if row.Model == t.Model {
			known = true
		} else if flag, values, _ := strings.Cut(variant, " "); !of || !told(args, flag, values) {
			continue
		}
		sum = sum.Add(row)
	}
	return TargetCode{target, sum.Lines, sum.Branches, sum.States, sum.Primitives}, known
}

// told tells whether a flag is among the arguments, with one of the values if there are any, as in shm|rpc.
func told(args []string, flag, values string) bool {
	i := slices.Index(args, flag)
	return i >= 0 && (values == "" || i+1 < len(args) && slices.Contains(strings.Split(values, "|"), args[i+1]))
}

// because gathers the comparisons that the answer rests on: of each objective those among the leaders and, for every other target,
// those with a leader that beats it; or with all leaders, if none does by itself.
func (c *chooser) because() {
	for _, r := range c.rounds {
		for _, p := range r.pairs {
			a, b := slices.Contains(r.leaders, p.a), slices.Contains(r.leaders, p.b)
			leader, other := p.a, p.b
			if !a {
				leader, other = p.b, p.a
			}
			switch {
			case !a && !b:
				continue
			case a && b:
				if p.relation == beaten {
					leader = p.b
				}
			case r.beater(other) != "" && r.beater(other) != leader:
				continue
			}
			c.advice.Because = append(c.advice.Because, p.sentence(r.measure, leader))
			c.advice.open = c.advice.open || p.relation == open && p.of.Ratio.Pairs > 0
		}
	}
}

// beater is the first leader that beats a target; empty: none does.
func (r round) beater(target string) string {
	for _, leader := range r.leaders {
		if between(r.pairs, leader, target) == beats {
			return leader
		}
	}
	return ""
}
