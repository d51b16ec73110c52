package export

import (
	"reflect"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// kind is what a column of the trials holds.
type kind int

const (
	text kind = iota
	number
	truth
)

// kinds are the columns' kinds, by name.
var kinds = func() map[string]kind {
	all := map[string]kind{}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[trial.Trial]()) {
		switch name := f.Tag.Get("csv"); f.Type {
		case reflect.TypeFor[trial.Float](), reflect.TypeFor[trial.Int]():
			all[name] = number
		case reflect.TypeFor[trial.Bool]():
			all[name] = truth
		default:
			all[name] = text
		}
	}
	return all
}()

// measured tells whether a column is a figure that was measured, and so a row of its own in long form.
func measured(c trial.Column) bool {
	switch c.Group {
	case trial.Identity, trial.Factors, trial.Host:
		return false
	}
	return kinds[c.Name] == number
}

// unit is the unit of a column, which its name ends with. Counts, indices and fractions have the unit 1.
func unit(column string) string {
	if strings.HasSuffix(column, "_us_per_req") {
		return "us"
	}
	for _, u := range []struct{ suffix, unit string }{
		{"_us", "us"}, {"_ms", "ms"}, {"_ns", "ns"}, {"_s", "s"}, {"_bytes", "B"}, {"_rps", "1/s"}, {"_pct", "%"}, {"_mhz", "MHz"},
	} {
		if strings.HasSuffix(column, u.suffix) {
			return u.unit
		}
	}
	return "1"
}

// stands tells whether a column of a trial may be believed: all of one that is ok, else the measures that package analysis
// believes.
func stands(t trial.Trial, column string) bool {
	if t.Verdict == trial.VerdictOK {
		return true
	}
	m, err := analysis.MeasureOf(column)
	if err != nil {
		return false
	}
	_, ok := m.Believed(t)
	return ok
}
