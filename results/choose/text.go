package choose

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"modelbench/results/analysis"
)

// Formats are the ways in which an answer is written.
var Formats = map[string]func(io.Writer, *Advice) error{"text": Text, "json": JSON}

// JSON writes what FORMAT.md describes.
func JSON(w io.Writer, a *Advice) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	if err := e.Encode(a); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

// Text writes the answer for a person: first the outcome, then what it rests on.
func Text(w io.Writer, a *Advice) error {
	p := &page{bufio.NewWriter(w)}
	p.wrapped("", capital(string(a.Outcome))+": "+a.Answer+".")
	if said := a.Preference(); said != "" {
		p.wrapped("", said)
	}
	p.wrapped("", "Asked: "+a.Need.String()+".")
	var cells []string
	for _, cell := range a.Cells {
		cells = append(cells, cell.Title)
	}
	p.list("Measured as", cells)
	p.sentences("Because", a.Because)
	if a.open {
		p.wrapped("  ", "Not told apart: to win here, the whole interval has to lie beyond what matters; for \"better\", results compare asks only that it leave out 1.")
	}
	for _, s := range []struct {
		heading string
		status  Status
	}{{"Meets the constraints", Feasible}, {"Rejected", Rejected}, {"Uncertain", Uncertain}, {"Not measured", NotMeasured}} {
		p.candidates(s.heading, s.status, a.Candidates)
	}
	p.stability(a)
	p.flips(a)
	var notes []string
	for _, l := range a.LeftOut {
		notes = append(notes, l.Workload+": "+l.LeftOut.String())
	}
	p.list("Left out", notes)
	p.list("Mind", a.Caveats)
	p.missing(a.Missing)
	p.measured(a.Measured)
	if err := p.Flush(); err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	return nil
}

type page struct{ *bufio.Writer }

// width is what lines are broken at.
const width = 110

func (p *page) wrapped(indent, paragraph string) { Wrap(p.Writer, indent, paragraph) }

// Wrap writes a paragraph; lines after the first are indented by two more than the first. w keeps the first error.
func Wrap(w *bufio.Writer, indent, paragraph string) {
	column := 0
	for i, word := range strings.Fields(paragraph) {
		switch {
		case i == 0:
			w.WriteString(indent)
			column = len(indent)
		case column+1+len(word) > width:
			w.WriteString("\n" + indent + "  ")
			column = len(indent) + 2
		default:
			w.WriteByte(' ')
			column++
		}
		w.WriteString(word)
		column += len([]rune(word))
	}
	w.WriteByte('\n')
}

func (p *page) list(heading string, items []string) {
	if len(items) == 0 {
		return
	}
	fmt.Fprintf(p, "\n%s\n", heading)
	for _, item := range items {
		p.wrapped("  ", item)
	}
}

func (p *page) sentences(heading string, sentences []Sentence) {
	var items []string
	for _, s := range sentences {
		items = append(items, s.String())
	}
	p.list(heading, items)
}

// candidates writes those of a status with the checks that made it. What is said of several in the same words is said once.
func (p *page) candidates(heading string, status Status, candidates []*Candidate) {
	var items []string
	of := map[string][]string{} // what is said, with nothing behind it -> targets
	for _, k := range candidates {
		if k.Status != status {
			continue
		}
		for _, check := range k.Checks {
			if status != check.Status && (status == Rejected || check.Status == Feasible) {
				continue
			}
			said := check.Sentence.String()
			if check.Blocks > 0 {
				said += fmt.Sprintf("; about %s would decide", blocksText(check.Blocks))
			}
			if len(check.Evidence.Trials) > 0 {
				items = append(items, k.Target+": "+said)
				continue
			}
			if of[said] = append(of[said], k.Target); len(of[said]) == 1 {
				items = append(items, said)
			}
		}
	}
	for i, item := range items {
		if targets := of[item]; len(targets) > 0 {
			items[i] = list(targets) + ": " + item
		}
	}
	p.list(heading, items)
}

func (p *page) stability(a *Advice) {
	if a.Stability == nil {
		return
	}
	var wins []string
	nobody := 1.0
	for _, w := range a.Stability.Wins {
		wins = append(wins, w.Target+" "+analysis.Percent(w.Share))
		nobody -= w.Share
	}
	if nobody > 1e-9 {
		wins = append(wins, "nobody in all workloads "+analysis.Percent(nobody))
	}
	m := measureOf(a.Stability.Metric)
	p.list("How stable", []string{fmt.Sprintf("on %s, the %s drawn anew %s times, best: %s. That is how firm the choice is in these blocks, not how probable it is",
		m.Name, blocksText(a.Stability.Blocks), thousands(a.Stability.Resamples), strings.Join(wins, ", "))})
}

func thousands(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%d,%03d", n/1000, n%1000)
}

func (p *page) flips(a *Advice) {
	if a.Outcome != Recommendation {
		return
	}
	heading := "Where it would be another"
	switch {
	case len(a.Flips) > 0:
		p.sentences(heading, a.Flips)
	case a.Looked == 0:
		p.list(heading, []string{"nothing else was measured that differs in one thing only"})
	case a.Looked == 1:
		p.list(heading, []string{"not in the one other cell measured that differs in one thing only"})
	default:
		p.list(heading, []string{fmt.Sprintf("in none of the %d other cells measured that differ in one thing only", a.Looked)})
	}
}

// missing writes the commands at the left margin, so that they can be copied.
func (p *page) missing(all []Missing) {
	if len(all) == 0 {
		return
	}
	p.WriteString("\nTo be measured\n")
	for _, m := range all {
		if m.Command == "" {
			p.wrapped("  ", m.What)
			continue
		}
		p.wrapped("  ", m.What+":")
		fmt.Fprintf(p, "\n%s\n\n", m.Command)
		then := "  then ask again"
		if strings.HasSuffix(m.Then, " NEW") {
			then += ", with the folder that it made as NEW"
		}
		fmt.Fprintf(p, "%s:\n\n%s\n\n", then, m.Then)
	}
}

func (p *page) measured(all []Measured) {
	var items []string
	for i, m := range all {
		command := m.Command
		if command == "" {
			command = "by a command that is not known (no manifest)"
		}
		items = append(items, fmt.Sprintf("[%d] %s (%s)", i+1, command, m.Path))
	}
	p.list("Measured by", items)
}
