package main

import (
	"fmt"
	"io"
	"math"
	"text/tabwriter"
)

// A finding is a line of the table: a figure, what it should be and what it was.
type finding struct {
	what     string
	expected string
	measured string
	holds    bool
}

// within is a figure that should be so much, give or take. unit follows the numbers.
func within(what string, expected, tolerance, measured float64, unit string) finding {
	return finding{
		what:     what,
		expected: fmt.Sprintf("%s +-%s %s", short(expected), short(tolerance), unit),
		measured: short(measured) + " " + unit,
		holds:    math.Abs(measured-expected) <= tolerance, // NaN does not hold
	}
}

// atMost is a figure that should not be more.
func atMost(what string, most, measured float64, unit string) finding {
	return finding{
		what:     what,
		expected: fmt.Sprintf("at most %s %s", short(most), unit),
		measured: short(measured) + " " + unit,
		holds:    measured <= most,
	}
}

// short leaves four significant digits and no exponent.
func short(v float64) string {
	digits := 0
	for limit := 1000.0; digits < 3 && math.Abs(v) < limit; limit /= 10 {
		digits++
	}
	if v == math.Trunc(v) {
		digits = 0
	}
	return fmt.Sprintf("%.*f", digits, v)
}

func write(out io.Writer, title string, findings []finding) error {
	tw := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(tw, "%s\n\n  \texpected\tmeasured\n", title)
	for _, f := range findings {
		verdict := "holds"
		if !f.holds {
			verdict = "DOES NOT HOLD"
		}
		fmt.Fprintf(tw, "  %s\t%s\t%s\t%s\n", f.what, f.expected, f.measured, verdict)
	}
	if err := tw.Flush(); err != nil {
		return fmt.Errorf("print the table: %w", err)
	}
	return nil
}
