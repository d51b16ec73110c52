package live

import (
	"strings"

	"github.com/NimbleMarkets/ntcharts/v2/canvas/runes"
)

// Of ntcharts only the block elements are used. Its sparkline renders every cell through
// a style of its own, and links a library that runs a program (tmux info) before main
// begins, to find out about colours: neither belongs beside a load.

// spark draws the last values that fit into width columns of one row, each as high as its
// share of the highest, from left to right. What is not 0 is
// never invisible.
func spark(values []float64, width int) string {
	if len(values) > width {
		values = values[len(values)-width:]
	}
	highest := 0.0
	for _, v := range values {
		highest = max(highest, v)
	}
	var b strings.Builder
	for _, v := range values {
		if v <= 0 {
			b.WriteByte(' ')
			continue
		}
		b.WriteRune(runes.LowerBlockElementFromFloat64(max(v/highest, 1.0/8)))
	}
	b.WriteString(strings.Repeat(" ", max(width-len(values), 0)))
	return b.String()
}

// bar draws the share done, 0 to 1, as a bar of width columns.
func bar(done float64, width int) string {
	if width <= 0 {
		return ""
	}
	full := int(done * float64(width))
	var b strings.Builder
	b.WriteString(strings.Repeat(string(runes.FullBlock), full))
	if full < width {
		if part := runes.LeftBlockElementFromFloat64(done*float64(width) - float64(full)); part != runes.Null {
			b.WriteRune(part)
			full++
		}
	}
	b.WriteString(strings.Repeat("░", width-full))
	return b.String()
}
