package compare

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"modelbench/results/analysis"
)

// Formats are the forms in which a comparison can be written, by name. Each function writes all of it, and its error wraps
// analysis.ErrNothing when no trial may be believed, after what there is to say has been written.
var Formats = map[string]func(io.Writer, *analysis.Analysis) error{
	"text":     Text,
	"markdown": Markdown,
	"csv":      CSV,
	"json":     JSON,
}

// JSON writes the analysis as one indented object.
func JSON(w io.Writer, a *analysis.Analysis) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(a); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return believed(a)
}

// columns of CSV. An empty field means that there is nothing to say: the first row of a measure is compared with nothing.
var columns = []string{"workload", "conditions", "measure", "target", "median", "median_lo", "median_hi", "blocks",
	"versus", "ratio", "ratio_lo", "ratio_hi", "level", "pairs", "p", "p_holm", "p_equivalence", "screening", "verdict", "blocks_needed"}

// CSV writes a row for each workload, measure and target, in base units: per second, microseconds, bytes. The A/A arm's second
// name has a row of its own, without a median.
func CSV(w io.Writer, a *analysis.Analysis) error {
	out := csv.NewWriter(w)
	_ = out.Write(columns) // a csv.Writer keeps its error
	for _, wl := range a.Workloads {
		for _, s := range wl.Sections {
			begin := []string{wl.Name, wl.Title, s.Measure.Column}
			for _, r := range s.Rows {
				row := append(append([]string{}, begin...), r.Target, number(r.Median), number(r.Lo), number(r.Hi), strconv.Itoa(len(r.Values)))
				_ = out.Write(append(row, versus(r.Versus)...))
			}
			if s.AA != nil {
				row := append(append([]string{}, begin...), wl.Again, "", "", "", "")
				_ = out.Write(append(row, versus(s.AA)...))
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return believed(a)
}

func versus(c *analysis.Comparison) []string {
	if c == nil || c.Pairs == 0 {
		return make([]string, len(columns)-8)
	}
	needed := ""
	if c.BlocksNeeded > 0 {
		needed = strconv.Itoa(c.BlocksNeeded)
	}
	return []string{c.With, number(c.Estimate), number(c.Lo), number(c.Hi), number(c.Level), strconv.Itoa(c.Pairs),
		number(c.P), number(c.AdjustedP), number(c.EquivalenceP), strconv.FormatBool(c.Screening), string(c.Verdict), needed}
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// Markdown writes what Text does, with a heading, a sentence and a table for each workload.
func Markdown(w io.Writer, a *analysis.Analysis) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", a.Overview)
	for _, wl := range a.Workloads {
		fmt.Fprintf(&b, "\n### %s\n\n%s\n", escape(wl.Title), escape(wl.Sentence()))
		for _, note := range wl.Notes() {
			fmt.Fprintf(&b, "\n> %s\n", escape(note))
		}
		if len(wl.Shown()) > 0 {
			b.WriteString("\n| measure | target | median | interval | ratio | interval | blocks | verdict |\n|---|---|--:|---|--:|---|--:|---|\n")
			writeRows(wl, func(cells ...string) {
				for i, c := range cells {
					cells[i] = escape(c)
				}
				fmt.Fprintf(&b, "| %s |\n", strings.Join(cells, " | "))
			})
		}
	}
	var legend strings.Builder
	writeLegend(&legend, a)
	if legend.Len() > 0 {
		fmt.Fprintf(&b, "\n```text\n%s```\n", strings.TrimPrefix(legend.String(), "\n"))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the comparison: %w", err)
	}
	return believed(a)
}

var escaper = strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`")

func escape(text string) string { return escaper.Replace(text) }
