package choose

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// commands lists what was not measured and what measures it.
func (c *chooser) commands() {
	a := &c.advice
	a.Missing = []Missing{}
	lacks := func(constraint string) (names []string) {
		for _, k := range c.candidates {
			if slices.ContainsFunc(k.Checks, func(check Check) bool { return check.Constraint == constraint && check.Status == NotMeasured }) && k.Status != Rejected {
				names = append(names, k.Target)
			}
		}
		return names
	}
	cells, cores := lacks("cell"), lacks("cores")
	switch {
	case len(c.candidates) == 0 && c.need.Blocking:
		c.toMeasure("targets whose handlers block (with the word "+BlockingWord+" in their variant): none is in these trials", leastUseful)
	case len(c.gaps) > 0 && (len(cells) > 0 || len(c.candidates) == 0):
		var why []string
		for _, g := range c.gaps {
			why = append(why, g.why)
		}
		c.toMeasure(strings.Join(why, "; "), leastUseful)
	case len(cells) > 0:
		c.toMeasure(list(cells)+" in "+c.titles(), leastUseful)
	case len(cores) > 0:
		c.toMeasure(fmt.Sprintf("%s with a CPU budget of %d", list(cores), c.need.Cores), leastUseful)
	case a.Blocks > 0:
		have := c.blocksMeasured()
		if a.Blocks > mostBlocks {
			a.Caveats = append(a.Caveats, "more blocks would hardly decide: what is open lies about where it would begin to matter")
			a.Blocks = 0
			break
		}
		c.toMeasure(fmt.Sprintf("about %s more, on the %d there are", blocksText(max(1, a.Blocks-have)), have), max(1, a.Blocks-have))
	}
	for _, constraint := range []string{"p99", "memory"} {
		if names := lacks(constraint); len(names) > 0 {
			c.toMeasure(constraint+" of "+list(names)+": more requests or longer trials give p99 its samples, a pid gives memory", leastUseful)
		}
	}
	c.special("what a crash takes with it, of ", append(lacks(isolated), c.unsure(isolated)...), crashLoad)
	c.special("whether updates of shared state are lost, of ", lacks(shared), countLoad)
}

// unsure are the candidates that more blocks of a constraint's own trials would tell about.
func (c *chooser) unsure(constraint string) (names []string) {
	for _, k := range c.candidates {
		if k.Status == Uncertain && slices.ContainsFunc(k.Checks, func(check Check) bool { return check.Constraint == constraint && check.Status == Uncertain }) {
			names = append(names, k.Target)
		}
	}
	return names
}

const (
	// leastUseful is the blocks of a campaign that begins from nothing: twelve tell most differences, and survive a correction.
	leastUseful = 12
	// mostBlocks is where more blocks are no advice any more.
	mostBlocks = 1000
)

// noCommand is why there is none.
const noCommand = " (no command: neither a campaign's file nor a script can ask that of these targets)"

func (c *chooser) missing(what, command, then string) {
	c.advice.Missing = append(c.advice.Missing, Missing{what, command, then})
}

// toMeasure adds the campaign that measures the need in so many blocks.
func (c *chooser) toMeasure(what string, blocks int) {
	workloads, can := c.loads()
	command, note := "", ""
	if can {
		command, note = c.campaign(plan{blocks, workloads, func(trial.Trial) bool { return true }, 0.9, true})
	}
	if command == "" {
		c.missing(what+note+noCommand, "", "")
		return
	}
	c.missing(what+note, command, c.again("NEW"))
}

func (c *chooser) titles() string {
	var names []string
	for _, s := range c.sources {
		names = append(names, s.title())
	}
	return list(names)
}

// blocksMeasured is how many blocks the first objective has of whoever has the fewest.
func (c *chooser) blocksMeasured() int {
	fewest := -1
	m := measureOf(c.need.Objectives[0])
	for _, name := range c.survivors() {
		for _, s := range c.sources {
			if n := len(s.values(name, m)); fewest < 0 || n < fewest {
				fewest = n
			}
		}
	}
	return max(0, fewest)
}

// conditionsText is the conditions asked for, as in "at 5000 connections and 20k/s".
func (n Need) conditionsText() string {
	var parts []string
	if n.Connections > 0 {
		parts = append(parts, analysis.Count(int(n.Connections), "connection", "connections"))
	}
	if n.Rate > 0 {
		parts = append(parts, analysis.Short(n.Rate)+"/s")
	}
	if n.Payload > 0 {
		parts = append(parts, fmt.Sprintf("a payload of %d bytes", n.Payload))
	}
	for _, column := range sortedKeys(n.Where) {
		parts = append(parts, column+" "+n.Where[column])
	}
	var texts []string
	if len(parts) > 0 {
		texts = append(texts, "at "+list(parts))
	}
	if n.Closed {
		texts = append(texts, "in a closed loop")
	}
	return cmp.Or(strings.Join(texts, " "), "like that")
}

// bare is a word that a shell takes as it is.
var bare = regexp.MustCompile(`^[A-Za-z0-9_./:=,@%+-]+$`)

// quote makes a word of a text for a POSIX shell.
func quote(s string) string {
	if bare.MatchString(s) {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
