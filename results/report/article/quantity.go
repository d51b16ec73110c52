package article

import (
	"math"
	"strconv"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/claims"
)

// unitOf is how a test's values are written near one: percent for a frequency, else as the measure has it.
func unitOf(t claims.Test) func(float64) analysis.Unit {
	if t.Quantity.Frequency != nil {
		return analysis.Shares
	}
	if m, err := claims.MeasureOf(t.Measure); err == nil {
		return m.Unit
	}
	return analysis.Plain
}

// number writes a tick of a test's chart.
func number(t claims.Test, v float64) string {
	if t.Quantity.Ratio != nil {
		return times(v)
	}
	return unitOf(t)(v).Text(v)
}

// times writes a ratio with three significant digits: 0.034x, 1.94x, 15.9x, 1590x.
func times(v float64) string {
	digits := 2
	switch size := math.Abs(v); {
	case size >= 99.95:
		digits = 0
	case size >= 9.995:
		digits = 1
	case size < 0.1:
		digits = 3
	}
	return strconv.FormatFloat(v, 'f', digits, 64) + "x"
}

// round takes the zeros after the point from a text such as 1.20 s.
func round(text string) string {
	digits := strings.IndexFunc(text, func(r rune) bool { return (r < '0' || r > '9') && r != '.' && r != '-' })
	if digits < 0 {
		digits = len(text)
	}
	n := text[:digits]
	if strings.Contains(n, ".") {
		n = strings.TrimSuffix(strings.TrimRight(n, "0"), ".")
	}
	return n + text[digits:]
}

// made says what a test's figure is made of: p99 of T1@h4 / A@h4, interference.
func made(t claims.Test) string {
	if t.Quantity.Winners != nil {
		return ""
	}
	what, where := t.Quantity.String(), t.Experiment
	switch m, err := claims.MeasureOf(t.Measure); {
	case t.Quantity.Count != nil:
		return t.Quantity.Count.Figure + " of " + what + ", in the source code"
	case t.Quantity.Frequency != nil && err == nil:
		what = "trials of " + t.Quantity.Frequency.String() + " with " + m.Name + " above 0"
	case err == nil:
		what = m.Name + " of " + what
	}
	return what + ", " + where
}
