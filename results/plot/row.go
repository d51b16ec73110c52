package plot

import (
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// row is a target in a panel: a dot with its interval, and words.
type row struct {
	name          string
	at, lo, hi    float64 // ratio to the first row; at is 0 where there is none
	median, ratio string
	verdict       string
	mark          mark
}

// mark is how a verdict looks: colour, shape, and word in the legend.
type mark struct {
	colour color.Color
	glyph  draw.GlyphDrawer
	words  string
}

var (
	asGood    = mark{blue, draw.CircleGlyph{}, "best, or no difference"}
	worse     = mark{vermillion, diamond{}, "worse"}
	better    = mark{green, draw.PyramidGlyph{}, "better than the baseline"}
	undecided = mark{muted, draw.RingGlyph{}, "undecided"}
	itself    = mark{muted, draw.CrossGlyph{}, "a target against itself (A/A): noise"}
)

// diamond is a filled square on its tip.
type diamond struct{}

// DrawGlyph implements draw.GlyphDrawer.
func (diamond) DrawGlyph(c *draw.Canvas, sty draw.GlyphStyle, at vg.Point) {
	r := sty.Radius * 1.2
	c.FillPolygon(sty.Color, []vg.Point{{X: at.X - r, Y: at.Y}, {X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r}})
}

// compare puts a comparison into the row.
func (r *row) compare(m *analysis.Measure, c *analysis.Comparison) {
	r.at, r.lo, r.hi, r.verdict = c.Estimate, c.Lo, c.Hi, m.Word(c.Verdict)
	ratio, interval := c.RatioText()
	r.ratio = ratio + " " + interval
	switch c.Verdict {
	case stats.NoDifference:
		r.mark = asGood
	case stats.Slower:
		r.mark = worse
	case stats.Faster:
		r.mark = better
	default:
		r.mark = undecided
	}
	if c.Pairs == 0 {
		r.at, r.ratio, r.verdict = 0, "", "no block in common"
	}
}
