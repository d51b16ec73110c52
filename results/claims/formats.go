package claims

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Formats are the forms in which a report can be written, by name.
var Formats = map[string]func(io.Writer, Report) error{
	"text":     Terminal,
	"markdown": Markdown,
	"csv":      CSV,
	"json":     JSON,
}

// JSON writes the report as one indented object: see FORMAT.md.
func JSON(w io.Writer, r Report) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("write the claims: %w", err)
	}
	return nil
}

// columns of CSV: see FORMAT.md.
var columns = []string{"claim", "text", "place", "technique", "side", "kind", "verdict", "test", "decides", "experiment", "measure", "quantity", "predicted", "answer",
	"estimate", "lo", "hi", "level", "p", "p_holm", "screening", "blocks", "left_out", "why", "python_estimate", "python_lo", "python_hi", "python_blocks"}

// CSV writes a row for each test, in base units. An empty field means that there is nothing to say.
func CSV(w io.Writer, r Report) error {
	out := csv.NewWriter(w)
	_ = out.Write(columns) // a csv.Writer keeps its error
	for _, f := range r.Findings {
		for _, o := range f.Outcomes {
			c, t := f.Claim, o.Test
			row := []string{strconv.Itoa(c.ID), c.Claim, c.Place, string(c.Technique), string(c.Side), string(c.Kind), string(f.Verdict),
				t.Name, strconv.FormatBool(t.Decides()), t.Experiment, t.Measure, t.Quantity.String(), t.Threshold(), string(o.Answer)}
			row = append(row, o.figures()...)
			if q := t.Quantity.Count; q != nil {
				row[10] = q.Figure
			}
			row = append(row, o.Why)
			if o.Python == nil {
				row = append(row, "", "", "", "")
			} else {
				row = append(row, number(o.Python.Estimate), number(o.Python.Lo), number(o.Python.Hi), strconv.Itoa(o.Python.Blocks))
			}
			_ = out.Write(row)
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write the claims: %w", err)
	}
	return nil
}

// figures are the numbers of a row of CSV, from estimate to left_out.
func (o Outcome) figures() []string {
	list := make([]string, 9)
	if o.Answer != Unasked {
		copy(list, []string{number(o.Estimate), number(o.Lo), number(o.Hi), number(o.Level)})
	}
	if o.Chance() != "" {
		copy(list[4:], []string{number(o.P), number(o.Adjusted), strconv.FormatBool(o.Screening)})
	}
	list[7], list[8] = strconv.Itoa(o.Blocks), strconv.Itoa(o.LeftOut)
	return list
}

func number(v float64) string { return strconv.FormatFloat(v, 'g', 6, 64) }

// Markdown writes a table with a row for each claim, for a page.
func Markdown(w io.Writer, r Report) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s.\n\n| | claim | verdict | evidence |\n|--:|---|---|---|\n", escape(r.Summary()))
	for _, f := range r.Findings {
		var evidence []string
		for _, o := range f.Outcomes {
			if !o.Test.Decides() && f.Claim.Kind == Confirmatory {
				continue // what decides nothing would hide what does
			}
			text := escape(o.Test.Name + ": " + o.Sentence())
			if o.Test.Decides() && o.Answer != Unasked {
				text = "*" + string(o.Answer) + "*: " + text
			}
			for _, c := range o.Cells {
				text += "; " + escape(c.String())
			}
			if p := o.PythonText(); p != "" {
				text += "; CPython " + escape(p)
			}
			evidence = append(evidence, text)
		}
		fmt.Fprintf(&b, "| %d | %s | **%s** | %s |\n", f.Claim.ID, escape(f.Claim.Claim), f.Verdict, strings.Join(evidence, "<br>"))
	}
	b.WriteByte('\n')
	for _, note := range r.Notes() {
		fmt.Fprintf(&b, "- %s\n", escape(note))
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return fmt.Errorf("write the claims: %w", err)
	}
	return nil
}

var escaper = strings.NewReplacer("|", `\|`, "<", "&lt;", "*", `\*`, "_", `\_`, "`", "\\`")

func escape(text string) string { return escaper.Replace(text) }
