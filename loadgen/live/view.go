package live

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"

	"modelbench/loadgen/figure"
)

// Widths of the views in columns, and what has to give way where there is less room:
// first sparklines become shorter, then they go, then lines are cut.
const (
	labelWidth   = 11 // "warming up "
	figuresWidth = 31 // "1,234,567/s of 1,234,567/s due "
	minSpark     = 8
	maxSpark     = columns
	maxName      = 20 // of a target in a table
	minName      = 4
)

var (
	label = ansi.NewStyle().Faint()
	graph = ansi.NewStyle().ForegroundColor(ansi.Cyan)
	doubt = ansi.NewStyle().ForegroundColor(ansi.Yellow)
	wrong = ansi.NewStyle().ForegroundColor(ansi.Red)
)

// view draws the panel in so many columns, and as much of it as there are rows for. It
// ends in an empty line, where the cursor waits and the terminal echoes what is typed,
// such as ^C.
func (f *frame) view(width, height int) string {
	lines := []string{f.head(width)}
	if len(f.names) == 1 {
		lines = append(lines, f.single(width)...)
	} else {
		lines = append(lines, f.table(width)...)
	}
	lines = lines[:min(len(lines), max(height-1, 1))]
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], width, "")
	}
	return strings.Join(append(lines, ""), "\n")
}

// head says what the run is doing and how far it is.
func (f *frame) head(width int) string {
	now, left := f.clock(), figure.Clock(f.left())+" left"
	if !f.began {
		return fmt.Sprintf("%-*s%d connections", labelWidth, f.doing(), f.connections*len(f.names))
	}
	room := min(width, labelWidth+figuresWidth+maxSpark) - labelWidth - len(now) - len(left) - 2
	if room < minSpark {
		return f.doing() + ", " + left
	}
	return fmt.Sprintf("%-*s%s %s %s", labelWidth, f.doing(), now, graph.Styled(bar(f.progress(), room)), left)
}

// clock says how much has been measured of what there is to be, or warmed up. A number of
// requests may end a run at any time.
func (f *frame) clock() string {
	done, all := f.measured(), f.duration
	if done == 0 {
		done, all = min(f.now, f.warmup), f.warmup
	}
	if f.requests > 0 || all == 0 {
		return figure.Clock(done)
	}
	return figure.Clock(min(done, all)) + " of " + figure.Clock(all)
}

// single draws the one target of a run.
func (f *frame) single(width int) []string {
	r, g := &f.targets[0], &f.figures[0]
	room := min(width-labelWidth-figuresWidth, maxSpark)
	line := func(name, figures string, past []float64) string {
		text := label.Styled(fmt.Sprintf("%-*s", labelWidth, name)) + figures
		if past == nil || room < minSpark {
			return text
		}
		gap := max(labelWidth+figuresWidth-ansi.StringWidth(text), 1)
		return text + strings.Repeat(" ", gap) + graph.Styled(spark(past, room))
	}
	lines := []string{
		line("rate", f.rate(r), r.rates),
		line("latency", "p50 "+span(g.p50, g.has50)+soFar(g), r.p50s),
		line("", "p99 "+span(g.p99, g.has99)+", max "+span(g.max, g.max > 0)+soFar(g), r.p99s),
		line("connected", fmt.Sprintf("%d of %d%s", r.up, f.connections, attempts(r)), nil),
		line("errors", "none", nil),
	}
	if n := r.failed(); n > 0 {
		lines[4] = line("errors", wrong.Styled(figure.Count(float64(n))+" ("+kinds(&r.errors)+")"), nil)
	}
	return lines
}

// soFar says that figures are of the whole run, where the sparkline beside them is of its
// intervals.
func soFar(g *figures) string {
	if g.max == 0 {
		return ""
	}
	return " so far"
}

// rate writes the achieved rate and, in an open loop, what it should have been.
func (f *frame) rate(r *row) string {
	switch {
	case r.rates == nil:
		return "-"
	case !f.open:
		return figure.Count(r.rate) + "/s"
	}
	text := figure.Count(r.rate) + "/s of " + figure.Count(r.due) + "/s due"
	if r.missed() {
		return doubt.Styled(text)
	}
	return text
}

// missed reports whether the last interval's rate was more than 1% below what was due.
func (r *row) missed() bool { return r.rate < 0.99*r.due }

// attempts says how many attempts to connect failed, if any did.
func attempts(r *row) string {
	if r.connectFailed == 0 {
		return ""
	}
	return wrong.Styled(fmt.Sprintf(", %d attempts failed", r.connectFailed))
}

// table draws the targets of a rotation side by side, a row each:
//
//	target     rate/s             so far: p50    p99                up  errors
//	goroutine  28,113  ▁▂▃▅▇▇▇▇▇       84.2us  312us  ▁▁█▁▁▁▁▁▁  64/64       0
//
// Where it is too wide the sparklines go, and of what remains the end.
func (f *frame) table(width int) []string {
	cells := f.cells(width)
	widths := make([]int, len(cells[0]))
	total := 0
	for c := range widths {
		for _, row := range cells {
			widths[c] = max(widths[c], utf8.RuneCountInString(row[c]))
		}
		total += widths[c] + 2
	}
	room := min((width-total-2)/2, maxSpark/4)
	lines := make([]string, len(cells))
	for i, row := range cells {
		var b strings.Builder
		for c, text := range row {
			pad := strings.Repeat(" ", widths[c]-utf8.RuneCountInString(text))
			if c == 0 {
				b.WriteString(text + pad)
			} else {
				b.WriteString("  " + pad + f.paint(i, c, text))
			}
			if room >= minSpark && (c == rateColumn || c == p99Column) {
				b.WriteString("  " + graph.Styled(f.past(i, c, room)))
			}
		}
		lines[i] = b.String()
	}
	lines[0] = label.Styled(lines[0])
	for i := range f.targets {
		if r := &f.targets[i]; r.failed() > 0 {
			lines = append(lines, wrong.Styled(f.short(i, width)+": "+kinds(&r.errors)))
		}
	}
	return lines
}

// Columns of the table that something is drawn beside, or that may be painted.
const (
	rateColumn   = 1
	p99Column    = 3
	errorsColumn = 5
)

// cells are the texts of the table, its head first.
func (f *frame) cells(width int) [][]string {
	cells := [][]string{{"target", "rate/s", "so far: p50", "p99", "up", "errors"}}
	for i := range f.targets {
		r, g := &f.targets[i], &f.figures[i]
		rate := "-"
		if r.rates != nil {
			rate = figure.Count(r.rate)
		}
		if r.rates != nil && f.open {
			rate += "/" + figure.Count(r.due)
		}
		cells = append(cells, []string{f.short(i, width), rate, span(g.p50, g.has50), span(g.p99, g.has99),
			fmt.Sprintf("%d/%d", r.up, f.connections), figure.Count(float64(r.failed()))})
	}
	return cells
}

// paint gives a cell its colour.
func (f *frame) paint(line, column int, text string) string {
	if line == 0 {
		return text
	}
	r := &f.targets[line-1]
	switch {
	case column == rateColumn && f.open && r.missed():
		return doubt.Styled(text)
	case column == errorsColumn && r.failed() > 0:
		return wrong.Styled(text)
	}
	return text
}

// past draws what stands beside a cell.
func (f *frame) past(line, column, width int) string {
	switch {
	case line == 0:
		return strings.Repeat(" ", width)
	case column == rateColumn:
		return spark(f.targets[line-1].rates, width)
	}
	return spark(f.targets[line-1].p99s, width)
}

// short cuts the name of a target to what a terminal of so many columns has room for.
func (f *frame) short(target, width int) string {
	return ansi.Truncate(f.names[target], max(minName, min(maxName, width/3)), "…")
}
