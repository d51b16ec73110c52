package choose

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/stats"
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
	if len(a.Preferred) > 0 {
		p.wrapped("", "By your preference, which is declared and not measured: "+list(a.Preferred)+".")
	}
	p.wrapped("", "Asked: "+a.Need.String()+".")
	var cells []string
	for _, cell := range a.Cells {
		cells = append(cells, cell.Title)
	}
	p.list("Measured as", cells)
	p.sentences("Because", a.Because)
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

// wrapped writes a paragraph; lines after the first are indented by two more than the first.
func (p *page) wrapped(indent, paragraph string) {
	column := 0
	for i, word := range strings.Fields(paragraph) {
		switch {
		case i == 0:
			p.WriteString(indent)
			column = len(indent)
		case column+1+len(word) > width:
			p.WriteString("\n" + indent + "  ")
			column = len(indent) + 2
		default:
			p.WriteByte(' ')
			column++
		}
		p.WriteString(word)
		column += len([]rune(word))
	}
	p.WriteByte('\n')
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
	for _, w := range a.Stability.Wins {
		wins = append(wins, w.Target+" "+analysis.Percent(w.Share))
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
	default:
		p.list(heading, []string{fmt.Sprintf("in none of the %s measured that differ in one thing only", analysis.Count(a.Looked, "other cell", "other cells"))})
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
			p.wrapped("  ", m.What+" (no command: neither a campaign's file nor a script can ask that of these targets)")
			continue
		}
		p.wrapped("  ", m.What+":")
		fmt.Fprintf(p, "\n%s\n\n", m.Command)
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

// String is the sentence with its evidence.
func (s Sentence) String() string {
	e := s.Evidence
	var parts []string
	if e.Lo != nil && e.Hi != nil {
		parts = append(parts, e.interval())
	}
	if e.Screening {
		parts = append(parts, "screening")
	}
	if e.N > 0 {
		parts = append(parts, "n="+fmt.Sprint(e.N))
	}
	if len(e.Trials) > 0 {
		parts = append(parts, "trials "+ranges(e.Trials))
	}
	for _, i := range e.Commands {
		parts = append(parts, fmt.Sprintf("[%d]", i+1))
	}
	if len(parts) == 0 {
		return s.Text
	}
	return s.Text + " (" + strings.Join(parts, ", ") + ")"
}

// interval is of a ratio, or of a value in its measure's unit.
func (e Evidence) interval() string {
	number := func(v float64) string { return fmt.Sprintf("%.3g", v) }
	if m, err := analysis.MeasureOf(e.Metric); err == nil && e.Versus == "" {
		number = m.Unit(*e.Estimate).Number
	} else if e.Versus != "" {
		number = ratio
	}
	text := fmt.Sprintf("%s [%s, %s]", analysis.Percent(stats.Level), number(*e.Lo), number(*e.Hi))
	if !(stats.Interval{Level: e.Level}).Reaches(stats.Level) {
		text = fmt.Sprintf("all between [%s, %s], too few for an interval of %s", number(*e.Lo), number(*e.Hi), analysis.Percent(stats.Level))
	}
	return text
}

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

// String is the need in words.
func (n Need) String() string {
	var parts, names []string
	for _, s := range n.Workloads {
		name := s.Workload
		if n.Weighted {
			name += fmt.Sprintf("=%g", s.Weight)
		}
		names = append(names, name)
	}
	parts = append(parts, list(names))
	if text := n.conditionsText(); text != "like that" {
		parts[0] += " " + text
	}
	p99, memory := measureOf("p99"), measureOf("memory")
	for _, f := range []struct {
		asked bool
		text  string
	}{
		{n.P99 > 0, "p99 at most " + p99.Unit(n.P99).Text(n.P99)},
		{n.Memory > 0, "memory at most " + memory.Unit(n.Memory).Text(n.Memory)},
		{n.Cores > 0, fmt.Sprintf("%d of CPU budget", n.Cores)},
		{n.Isolation, "a crash takes a process's share at most"},
		{n.SharedState, "shared state loses no update"},
		{n.Blocking, "handlers block"},
	} {
		if f.asked {
			parts = append(parts, f.text)
		}
	}
	var objectives []string
	for _, key := range n.Objectives {
		objectives = append(objectives, measureOf(key).Name)
	}
	return strings.Join(append(parts, "best "+strings.Join(objectives, ", then ")), "; ")
}

// mostRanges is how many ranges a text names; the JSON has all ids.
const mostRanges = 4

// ranges writes ids compactly: c/1/wait/a, c/2/wait/a and c/1/wait/b, c/2/wait/b are c/1-2/wait/{a,b}.
func ranges(ids []string) string {
	type form struct{ before, after string }
	numbers := map[form][]int{}
	var order []form
	for _, id := range ids {
		f, n := form{before: id}, -1
		parts := strings.Split(id, "/")
		for i, part := range parts {
			if v, err := atoi(part); err == nil {
				f, n = form{strings.Join(parts[:i], "/") + "/", "/" + strings.Join(parts[i+1:], "/")}, v
				break
			}
		}
		if _, has := numbers[f]; !has {
			order = append(order, f)
		}
		numbers[f] = append(numbers[f], n)
	}
	lasts := map[string][]string{} // all but the last part -> the last parts
	for _, f := range order {
		ns := numbers[f]
		slices.Sort(ns)
		whole := f.before + spans(ns) + f.after
		cut := strings.LastIndex(whole, "/") + 1
		lasts[whole[:cut]] = append(lasts[whole[:cut]], whole[cut:])
	}
	var texts []string
	for first, last := range lasts {
		slices.Sort(last)
		if more := len(last) - mostRanges; more > 0 {
			last = append(last[:mostRanges], fmt.Sprintf("and %d more", more))
		}
		text := first + strings.Join(last, ", ")
		if len(last) > 1 && first != "" {
			text = first + "{" + strings.Join(last, ",") + "}"
		}
		texts = append(texts, text)
	}
	slices.Sort(texts)
	if more := len(texts) - mostRanges; more > 0 {
		texts = append(texts[:mostRanges], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, ", ")
}

// spans writes 1, 2, 3, 5 as 1-3+5; -1 stands for no number.
func spans(ns []int) string {
	var parts []string
	for i := 0; i < len(ns); {
		j := i
		for j+1 < len(ns) && ns[j+1] <= ns[j]+1 {
			j++
		}
		switch {
		case ns[i] < 0:
		case ns[i] == ns[j]:
			parts = append(parts, fmt.Sprint(ns[i]))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", ns[i], ns[j]))
		}
		i = j + 1
	}
	return strings.Join(parts, "+")
}

// atoi reads a block's number: digits alone.
func atoi(s string) (int, error) {
	if strings.ContainsFunc(s, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(s)
}
