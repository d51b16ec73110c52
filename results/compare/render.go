package compare

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"modelbench/results/analysis"
)

// render writes everything. Errors of w come out once, at the end.
func render(w io.Writer, a *analysis.Analysis) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, a.Overview)
	for _, wl := range a.Workloads {
		fmt.Fprintf(out, "\n%s\n%s\n%s\n", wl.Title, strings.Repeat("-", len(wl.Title)), wrap(wl.Sentence()))
		for _, note := range wl.Notes() {
			fmt.Fprintf(out, "! %s\n", note)
		}
		if len(wl.Sections) > 0 {
			fmt.Fprintln(out)
			out.Write(table(wl))
		}
	}
	writeLegend(out, a)
	return out.Flush()
}

// lineWidth is what a sentence is broken at; tables are about as wide.
const lineWidth = 110

// wrap breaks a sentence into lines of at most lineWidth, between words.
func wrap(sentence string) string {
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(sentence) {
		switch {
		case i == 0:
		case column+1+len(word) > lineWidth:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}

// table lines the rows of all measures up in the same columns.
func table(wl analysis.Workload) []byte {
	var buf bytes.Buffer
	tw := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  measure\ttarget\tmedian\tinterval\tratio\tinterval\tblocks\tverdict")
	writeRows(wl, func(cells ...string) { fmt.Fprintln(tw, "  "+strings.Join(cells, "\t")) })
	tw.Flush() // a buffer does not fail
	return buf.Bytes()
}

// writeRows gives the table's rows to write: measure, target, median, its interval, ratio, its interval, blocks and verdict.
func writeRows(wl analysis.Workload, write func(cells ...string)) {
	for _, s := range wl.Shown() {
		name := s.Measure.Name
		u := s.Measure.Unit(s.Rows[0].Median)
		for i, r := range s.Rows {
			cells := []string{name, r.Target, u.Text(r.Median), fmt.Sprintf("[%s, %s]", u.Number(r.Lo), u.Number(r.Hi))}
			write(append(cells, against(s, i)...)...)
			name = ""
		}
		for _, target := range s.Missing {
			write("", target, "-", "", "", "", "", "no value: too few requests, or no valid trial")
		}
		if s.AA != nil && s.AA.Pairs > 0 {
			ratio, interval := s.AA.RatioText()
			write("", "("+s.AA.With+", A/A)", "", "", ratio, interval, strconv.Itoa(s.AA.Pairs), s.Measure.VerdictText(s.AA))
		}
	}
}

// against is the right half of a row: ratio, its interval, blocks, verdict.
func against(s analysis.Section, i int) []string {
	r := s.Rows[i]
	switch v := r.Versus; {
	case len(s.Rows) == 1:
		return []string{"", "", strconv.Itoa(len(r.Values)), "no other"}
	case v == nil:
		return []string{"1", "", strconv.Itoa(len(r.Values)), first(s)}
	case v.Pairs == 0:
		return []string{"", "", "0", "undecided: shares no block with the " + first(s)}
	default:
		ratio, interval := v.RatioText()
		return []string{ratio, interval, strconv.Itoa(v.Pairs), s.Measure.VerdictText(v)}
	}
}

// first is what the first row is to the others.
func first(s analysis.Section) string {
	if s.Baseline {
		return "baseline"
	}
	return "best"
}
