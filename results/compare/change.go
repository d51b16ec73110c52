package compare

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"

	"modelbench/results/analysis"
	"modelbench/results/change"
	"modelbench/results/stats"
)

// ChangeFormats are the forms in which a change can be written, by the same names as Formats.
var ChangeFormats = map[string]func(io.Writer, *change.Change) error{
	"text":     changeText,
	"markdown": changeMarkdown,
	"csv":      changeCSV,
	"json":     changeJSON,
}

var changeHead = []string{"measure", "target", "before", "after", "after/before", "interval", "verdict"}

// changeRows gives the rows of one workload to write.
func changeRows(c *change.Change, title string, write func(cells ...string)) {
	last := ""
	for _, r := range c.Rows {
		if r.Title != title || r.Measure.Detail {
			continue
		}
		name := r.Measure.Name
		if name == last {
			name = ""
		}
		last = r.Measure.Name
		u := r.Measure.Unit(r.Before)
		target, verdict := r.Target, r.Measure.VerdictText(&r.Versus)
		if r.Control {
			target, verdict = "("+r.Target+")", "control"
		} else if r.Alone {
			verdict = "undecided: no control"
		}
		if r.Versus.WithinNoise && r.Versus.With == "before" {
			verdict = "undecided: the controls differ as much"
		}
		ratio, interval := "", ""
		if r.Versus.Pairs > 0 {
			ratio, interval = r.Versus.RatioText()
		}
		write(name, target, u.Text(r.Before), u.Text(r.After), ratio, interval, verdict)
	}
}

// titles are the workloads' conditions in their order.
func titles(c *change.Change) []string {
	var list []string
	for _, r := range c.Rows {
		if len(list) == 0 || list[len(list)-1] != r.Title {
			list = append(list, r.Title)
		}
	}
	return list
}

func changeText(w io.Writer, c *change.Change) error {
	var b bytes.Buffer
	fmt.Fprintln(&b, wrap(c.Sentence()))
	for _, d := range c.Doubts {
		fmt.Fprintln(&b, wrap("! "+d))
	}
	for _, title := range titles(c) {
		fmt.Fprintf(&b, "\n%s\n%s\n", title, strings.Repeat("-", len(title)))
		tw := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
		fmt.Fprintln(tw, "  "+strings.Join(changeHead, "\t"))
		changeRows(c, title, func(cells ...string) { fmt.Fprintln(tw, "  "+strings.Join(cells, "\t")) })
		tw.Flush() // a buffer does not fail
	}
	fmt.Fprint(&b, "\n", changeLegend(c))
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write the change: %w", err)
	}
	return nil
}

func changeLegend(c *change.Change) string {
	var b strings.Builder
	level := analysis.Percent(stats.Level)
	fmt.Fprintf(&b, "How to read this\n  before, after     medians over blocks, as they were measured\n")
	if len(c.Controls) > 0 {
		fmt.Fprintf(&b, "  after/before      each relative to what did not change (%s): %s\n", strings.Join(c.Controls, ", "), "difference in differences on logs,")
		fmt.Fprintf(&b, "                    Hodges-Lehmann estimate and Mann-Whitney interval (%s); so it is not after divided by before\n", level)
		fmt.Fprintf(&b, "                    What is no more than the controls differ by is undecided. Two times are two machines: versions side by side in one campaign\n"+
			"                    (compare --base, --baseline) are told apart more surely\n")
		fmt.Fprintf(&b, "  (target), control the same in both campaigns: what it shows is what the machine did to it beside the others\n")
	} else if len(c.Rows) > 0 && c.Rows[0].Versus.With != "before" {
		fmt.Fprintf(&b, "  after/before      paired block by block: Hodges-Lehmann estimate, Wilcoxon signed-rank interval (%s)\n", level)
	} else {
		fmt.Fprintf(&b, "  after/before      Hodges-Lehmann estimate, Mann-Whitney interval (%s): the machine's change included\n", level)
	}
	if c.Comparisons > 1 {
		fmt.Fprintf(&b, "  verdicts          corrected for up to %d comparisons of each measure (Holm) where the blocks allow\n", c.Comparisons)
	}
	return b.String()
}

func changeMarkdown(w io.Writer, c *change.Change) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", escape(c.Sentence()))
	for _, d := range c.Doubts {
		fmt.Fprintf(&b, "\n> %s\n", escape(d))
	}
	for _, title := range titles(c) {
		fmt.Fprintf(&b, "\n### %s\n\n| %s |\n|---|---|--:|--:|--:|---|---|\n", escape(title), strings.Join(changeHead, " | "))
		changeRows(c, title, func(cells ...string) {
			for i, cell := range cells {
				cells[i] = escape(cell)
			}
			fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
		})
	}
	fmt.Fprintf(&b, "\n```text\n%s```\n", changeLegend(c))
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the change: %w", err)
	}
	return nil
}

func changeCSV(w io.Writer, c *change.Change) error {
	out := csv.NewWriter(w)
	_ = out.Write([]string{"workload", "conditions", "measure", "target", "control", "before", "after", // a csv.Writer keeps its error
		"versus", "ratio", "ratio_lo", "ratio_hi", "level", "blocks", "p", "p_holm", "screening", "verdict", "blocks_needed"})
	for _, r := range c.Rows {
		row := []string{r.Workload, r.Title, r.Measure.Column, r.Target, strconv.FormatBool(r.Control), number(r.Before), number(r.After), r.Versus.With}
		v, needed := r.Versus, ""
		if v.BlocksNeeded > 0 {
			needed = strconv.Itoa(v.BlocksNeeded)
		}
		if v.Pairs > 0 {
			row = append(row, number(v.Estimate), number(v.Lo), number(v.Hi), number(v.Level), strconv.Itoa(v.Pairs), number(v.P), number(v.AdjustedP))
		} else {
			row = append(row, "", "", "", "", "0", "", "")
		}
		_ = out.Write(append(row, strconv.FormatBool(v.Screening), string(v.Verdict), needed))
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the change: %w", err)
	}
	return nil
}

func changeJSON(w io.Writer, c *change.Change) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(c); err != nil {
		return fmt.Errorf("write the change: %w", err)
	}
	return nil
}
