package spec

import (
	"fmt"
	"strings"
)

// Fault is what is wrong at one place of a file.
type Fault struct {
	File         string
	Line, Column int    // from 1; 0: not known
	Source       string // the line
	Problem      string
}

// Error is the place, the problem and, below, the line with a mark under the place.
func (f Fault) Error() string {
	if f.Line == 0 {
		return f.File + ": " + f.Problem
	}
	number := fmt.Sprintf("%5d", f.Line)
	return fmt.Sprintf("%s:%d:%d: %s\n%s | %s\n%s | %s^", f.File, f.Line, f.Column, f.Problem,
		number, f.Source, strings.Repeat(" ", len(number)), indentLike(f.Source, f.Column-1))
}

// indentLike is as wide as the first n runes of the line: tabs stay tabs.
func indentLike(line string, n int) string {
	var b strings.Builder
	for _, r := range line {
		if n--; n < 0 {
			break
		}
		if r == '\t' {
			b.WriteByte('\t')
		} else {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

// mostFaults are shown of one file: further ones are often echoes of the first.
const mostFaults = 8

// Faults is everything that is wrong with a file, in the order of its lines.
type Faults []Fault

func (fs Faults) Error() string {
	var b strings.Builder
	for i, f := range fs {
		if i == mostFaults {
			fmt.Fprintf(&b, "\nand %d more", len(fs)-i)
			break
		}
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(f.Error())
	}
	return b.String()
}
