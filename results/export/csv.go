package export

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"modelbench/results/trial"
)

// CSV writes tidy data in long form: a row for each trial and figure that was measured. (The wide form is the file of trials
// itself.) Columns hold text, numbers or TRUE and FALSE, never a
// mixture; an empty field is no value; times are ISO 8601 in UTC.
func CSV(w io.Writer, in Input) error {
	out := csv.NewWriter(w)
	_ = out.Write(csvHeader()) // a csv.Writer keeps its error
	for _, t := range in.trials() {
		if !in.keeps(t) {
			continue
		}
		var row []string
		for _, c := range trial.Columns() {
			if csvColumn(c) {
				row = append(row, csvText(t, c))
			}
		}
		for _, c := range trial.Columns() {
			value := c.Text(t)
			if measured(c) && value != "" && (in.All || stands(t, c.Name)) {
				_ = out.Write(append(row[:len(row):len(row)], c.Name, unit(c.Name), value))
			}
		}
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return fmt.Errorf("write CSV: %w", err)
	}
	return nil
}

// csvColumn tells whether a column stands in every row: what a trial is, and whether it may be believed. The seed is left out because it is
// no figure and has more digits than the numbers of R and of JavaScript.
func csvColumn(c trial.Column) bool {
	switch c.Name {
	case "schema_version", "seed":
		return false
	case "verdict", "host_id", "git_rev":
		return true
	}
	return c.Group == trial.Identity || c.Group == trial.Factors
}

// csvText is the field. R takes TRUE for a truth value, and no other spelling; all others take it as well.
func csvText(t trial.Trial, c trial.Column) string {
	if kinds[c.Name] == truth {
		return strings.ToUpper(c.Text(t))
	}
	return c.Text(t)
}

func csvHeader() []string {
	var names []string
	for _, c := range trial.Columns() {
		if csvColumn(c) {
			names = append(names, c.Name)
		}
	}
	return append(names, "measure", "unit", "value")
}
