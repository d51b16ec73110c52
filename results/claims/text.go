package claims

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"modelbench/results/analysis"
)

// lineWidth is what text is broken at, as in results compare.
const lineWidth = 110

// Terminal writes the report for a person: claim by claim, with its tests, and what one has to know of them. Programs read CSV or JSON.
func Terminal(w io.Writer, r Report) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, r.Summary())
	for _, note := range r.Notes() {
		block(out, "! ", note)
	}
	for _, f := range r.Findings {
		fmt.Fprintln(out)
		block(out, fmt.Sprintf("%2d  ", f.Claim.ID), fmt.Sprintf("%s: %s", f.Claim.Claim, strings.ToUpper(string(f.Verdict))))
		block(out, "    ", f.about())
		for _, o := range f.Outcomes {
			block(out, fmt.Sprintf("    %-13s ", o.mark()), o.Test.Name)
			block(out, strings.Repeat(" ", 18), o.Sentence())
			for _, c := range o.Cells {
				block(out, strings.Repeat(" ", 18), c.String())
			}
			if p := o.PythonText(); p != "" {
				block(out, strings.Repeat(" ", 18), "CPython "+p)
			}
		}
	}
	legend(out, r)
	if err := out.Flush(); err != nil {
		return fmt.Errorf("write the claims: %w", err)
	}
	return nil
}

// about is the line below a claim.
func (f Finding) about() string {
	text := f.Claim.Place
	if f.Trials > 0 {
		text += "; " + analysis.Count(f.Trials, "trial", "trials")
	}
	if f.Invalid > 0 {
		text += fmt.Sprintf("; %d not believed", f.Invalid)
	}
	return text
}

// mark is the answer as the table has it: in parentheses where it decides nothing.
func (o Outcome) mark() string {
	if o.Test.Decides() {
		return string(o.Answer)
	}
	return "(" + string(o.Answer) + ")"
}

// String says who is ahead and who is beaten.
func (c CellWinner) String() string {
	if len(c.Beaten) == 0 {
		return c.Cell.String() + ": nobody is beaten"
	}
	return fmt.Sprintf("%s: %s beaten by %s", c.Cell, strings.Join(c.Beaten, ", "), strings.Join(c.Leaders, ", "))
}

// block writes a text behind a lead, broken between words, its further lines indented like the first.
func block(w io.Writer, lead, text string) {
	if text == "" {
		return
	}
	column := len(lead)
	io.WriteString(w, lead)
	for i, word := range strings.Fields(text) {
		switch {
		case i == 0:
		case column+1+len(word) > lineWidth:
			fmt.Fprintf(w, "\n%s", strings.Repeat(" ", len(lead)))
			column = len(lead)
		default:
			io.WriteString(w, " ")
			column++
		}
		io.WriteString(w, word)
		column += len(word)
	}
	io.WriteString(w, "\n")
}

// legend explains the words above.
func legend(w io.Writer, r Report) {
	fmt.Fprint(w, "\nHow to read this\n")
	for _, line := range [][2]string{
		{"yes, no", "what the claim predicts was seen, or its opposite: the whole interval lies on that side of the threshold, and p is at most 0.05"},
		{"unknown", "neither: more blocks would help, or it is at the threshold"},
		{"(...)", "shown, and decides nothing; its p is not corrected"},
		{"holds", "every test that decides says yes; refuted: every one says no; depends: some say yes and some no; undecided: else"},
		{"proxy", "what can be counted only stands for what the claim speaks of, so there is no verdict"},
		{"1.93x [1.88, 1.97]", "ratio, paired block by block: Hodges-Lehmann estimate with its interval (Wilcoxon signed rank, 95%); values likewise, shares of trials by Clopper and Pearson"},
		{"beaten", "worse than another in that cell by more than makes no difference (5%, 10% in the tails, or what the machine does by itself)"},
	} {
		block(w, fmt.Sprintf("  %-19s ", line[0]), line[1])
	}
	if len(r.StandIns) > 0 {
		fmt.Fprint(w, "  Stand-ins\n")
	}
	for _, s := range r.StandIns {
		if r.uses(s.Name) {
			block(w, fmt.Sprintf("  %-19s ", s.Name), s.Is+" (stands for "+s.StandsFor+")")
		}
	}
}

// uses tells whether a test of the report names a stand-in.
func (r Report) uses(name string) bool {
	for _, f := range r.Findings {
		for _, o := range f.Outcomes {
			for _, op := range o.Test.Quantity.operands() {
				if op.Target == name {
					return true
				}
			}
			if w := o.Test.Quantity.Winners; w != nil && slices.Contains(w.Targets, name) {
				return true
			}
		}
	}
	return false
}
