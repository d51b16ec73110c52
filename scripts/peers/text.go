package main

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"modelbench/results/stats"
)

// series is a figure by block.
type series map[int64]float64

func (s series) values(blocks []int64) []float64 {
	values := make([]float64, len(blocks))
	for i, block := range blocks {
		values[i] = s[block]
	}
	return values
}

func (s series) blocks() []int64 {
	var blocks []int64
	for block := range s {
		blocks = append(blocks, block)
	}
	slices.Sort(blocks)
	return blocks
}

// shared are the blocks that both have.
func shared(a, b series) []int64 {
	return slices.DeleteFunc(a.blocks(), func(block int64) bool { _, has := b[block]; return !has })
}

// tableText is a table under way: lines, and rows whose columns are aligned by flush.
type tableText struct {
	strings.Builder
	rows   [][]string
	doubts []string // about the intervals, each once
}

func (t *tableText) line(format string, args ...any) { fmt.Fprintf(&t.Builder, format+"\n", args...) }

func (t *tableText) row(cells ...string) { t.rows = append(t.rows, cells) }

func (t *tableText) flush() {
	tw := tabwriter.NewWriter(&t.Builder, 0, 0, 2, ' ', 0)
	for _, cells := range t.rows {
		fmt.Fprintln(tw, "  "+strings.Join(cells, "\t"))
	}
	tw.Flush() // a Builder does not fail
	t.rows = nil
}

// median is the cell of a median and that of its interval.
func (t *tableText) median(s series) []string {
	if len(s) == 0 {
		return []string{"-", "-"}
	}
	m, i := stats.Median(s.values(s.blocks()), stats.Level)
	digits := digitsFor(m)
	return []string{fmt.Sprintf("%.*f", digits, m), fmt.Sprintf("[%.*f, %.*f]", digits, i.Lo, digits, i.Hi)}
}

// digitsFor leaves about three significant digits.
func digitsFor(v float64) int {
	switch {
	case v >= 99.95:
		return 0
	case v >= 9.995:
		return 1
	case v >= 0.9995:
		return 2
	}
	return 3
}

// ratio is the cell of a/b over the blocks that both have.
func (t *tableText) ratio(same bool, a, b series) string {
	if same {
		return "1"
	}
	blocks := shared(a, b)
	if len(blocks) == 0 {
		return "-"
	}
	r, err := stats.CompareRatio(a.values(blocks), b.values(blocks), stats.Level)
	if err != nil {
		panic(err) // series hold positive finite numbers
	}
	for _, doubt := range r.Doubts {
		if !slices.Contains(t.doubts, doubt) {
			t.doubts = append(t.doubts, doubt)
		}
	}
	digits := 2
	switch {
	case r.Estimate >= 9.995:
		digits = 1
	case r.Estimate < 0.2:
		digits = 3
	}
	return fmt.Sprintf("%.*fx [%.*f, %.*f]", digits, r.Estimate, digits, r.Interval.Lo, digits, r.Interval.Hi)
}
