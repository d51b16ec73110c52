package compare

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

// render writes everything. Errors of w come out once, at the end.
func render(w io.Writer, trials []trial.Trial, all []workload, opts Options) error {
	out := bufio.NewWriter(w)
	fmt.Fprintln(out, overview(trials))
	for _, wl := range all {
		fmt.Fprintf(out, "\n%s\n%s\n%s\n", wl.title, strings.Repeat("-", len(wl.title)), wrap(sentence(wl)))
		for _, note := range wl.notes {
			fmt.Fprintf(out, "! %s\n", note)
		}
		if len(wl.sections) > 0 {
			fmt.Fprintln(out)
			out.Write(table(wl))
		}
	}
	writeLegend(out, all, opts)
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

// overview is what there is, in one line.
func overview(trials []trial.Trial) string {
	campaigns, blocks, hosts, alone := map[string]bool{}, map[blockKey]bool{}, map[string]bool{}, 0
	for i, t := range trials {
		if t.HostID != "" {
			hosts[t.HostID] = true
		}
		if k := blockOf(t, i); k.alone == 0 {
			blocks[k], campaigns[k.campaign] = true, true
		} else {
			alone++
		}
	}
	parts := []string{count(len(trials), "trial", "trials")}
	if len(blocks) > 0 {
		parts = append(parts, count(len(blocks), "block", "blocks"), count(len(campaigns), "campaign", "campaigns"))
	}
	if alone > 0 {
		parts = append(parts, fmt.Sprintf("%d outside any block and so never paired (loadgen --label block=N names one)", alone))
	}
	if len(hosts) > 1 {
		parts = append(parts, fmt.Sprintf("%d machines: medians mix them, ratios do not", len(hosts)))
	}
	return strings.Join(parts, ", ")
}

// table lines the rows of all measures up in the same columns.
func table(wl workload) []byte {
	var buf bytes.Buffer
	tw := tabwriter.NewWriter(&buf, 0, 0, 2, ' ', 0)
	fmt.Fprintln(tw, "  measure\ttarget\tmedian\tinterval\tratio\tinterval\tblocks\tverdict")
	for _, s := range wl.sections {
		name := s.m.name
		u := s.m.unit(s.rows[0].median)
		for i, r := range s.rows {
			fmt.Fprintf(tw, "  %s\t%s\t%s\t[%s, %s]\t%s\n", name, r.target,
				u.String(r.median), u.number(r.interval.Lo), u.number(r.interval.Hi), against(s, i))
			name = ""
		}
		for _, target := range s.missing {
			fmt.Fprintf(tw, "  \t%s\t-\t\t\t\t\tno value: too few requests, or no valid trial\n", target)
		}
	}
	tw.Flush() // a buffer does not fail
	return buf.Bytes()
}

// against is the right half of a row: ratio, its interval, blocks, verdict.
func against(s section, i int) string {
	r := s.rows[i]
	switch {
	case len(s.rows) == 1:
		return fmt.Sprintf("\t\t%d\tno other", r.blocks)
	case i == 0:
		return fmt.Sprintf("1\t\t%d\tbest", r.blocks)
	case r.ratio.Pairs == 0:
		return "\t\t0\tundecided: shares no block with the best"
	}
	decided := r.decision.Verdict == stats.Slower || r.decision.Verdict == stats.Faster
	ratio, interval := ratioText(r.ratio, decided)
	return fmt.Sprintf("%s\t%s\t%d\t%s", ratio, interval, r.ratio.Pairs, verdict(s.m, r))
}

func verdict(m *measure, r row) string {
	const many = 200 // beyond that the spread has to fall, not the number of blocks to grow
	switch {
	case r.decision.Verdict != stats.Undecided:
		return m.word(r.decision.Verdict)
	case !r.ratio.Interval.Reaches(r.ratio.Wanted):
		return fmt.Sprintf("undecided: needs %d blocks", r.decision.Blocks)
	case r.decision.Blocks > many:
		return fmt.Sprintf("undecided: more than %d blocks would help", many)
	}
	return fmt.Sprintf("undecided: about %d blocks would help", r.decision.Blocks)
}
