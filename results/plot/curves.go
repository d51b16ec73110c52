package plot

import (
	"image/color"
	"maps"
	"slices"

	"github.com/HdrHistogram/hdrhistogram-go"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modelbench/results/analysis"
)

// curveLook tells a target's curve from the others': a colour, a mark at some percentiles, and after eight of them dashes.
type curveLook struct {
	name string
	line draw.LineStyle
	mark draw.GlyphStyle
}

var (
	curveColours = []color.Color{blue, vermillion, green, purple, ink, orange, sky, muted}
	curveMarks   = []draw.GlyphDrawer{draw.CircleGlyph{}, diamond{}, draw.PyramidGlyph{}, draw.BoxGlyph{}, draw.CrossGlyph{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}}
	curveDashes  = [][]vg.Length{nil, {5 * px, 3 * px}, {1.5 * px, 2.5 * px}}
)

func look(i int, name string) curveLook {
	n := len(curveColours)
	c := curveColours[i%n]
	return curveLook{name, draw.LineStyle{Color: c, Width: 1.6 * px, Dashes: curveDashes[i/n%len(curveDashes)]},
		draw.GlyphStyle{Color: c, Radius: 3.2 * px, Shape: curveMarks[i%n]}}
}

// curvePanel is a workload with the curves of its targets.
type curvePanel struct {
	title  []string
	curves map[string][]point
}

// curveChart is the chart of latencies on its way.
type curveChart struct {
	o      Options
	width  vg.Length
	panels []curvePanel
	looks  []curveLook
}

const curvesTitle = "Latency over percentiles"

// curves is the chart of latencies, if there is any histogram.
func curves(a *analysis.Analysis, all Latencies, o Options) (chart Chart, doubts []string, ok bool) {
	if len(all) == 0 {
		return Chart{}, nil, false
	}
	c := curveChart{o: o, width: vg.Length(o.Width) * px}
	names := map[string]bool{}
	byWorkload := make([]map[string]*hdrhistogram.Histogram, len(a.Workloads))
	drawn := 0
	for i, wl := range a.Workloads {
		of, lacking := merged(wl, all)
		if lacking > 0 {
			doubts = append(doubts, lackingDoubt(wl.Title, lacking))
		}
		byWorkload[i] = of
		if len(of) > 0 {
			drawn++
		}
	}
	for i, wl := range a.Workloads {
		p := curvePanel{title: wrap(headStyle, wl.Title, c.panelWidth(drawn)-8*px, 2), curves: map[string][]point{}}
		for name, h := range byWorkload[i] {
			if curve := percentileCurve(h); curve != nil {
				p.curves[name], names[name] = curve, true
			}
		}
		if len(p.curves) > 0 {
			c.panels = append(c.panels, p)
		}
	}
	if len(c.panels) == 0 {
		return Chart{}, doubts, false
	}
	for i, name := range slices.Sorted(maps.Keys(names)) {
		c.looks = append(c.looks, look(i, name))
	}
	return Chart{Name: "percentiles", Title: curvesTitle, width: c.width, height: c.height(), draw: c.draw}, doubts, true
}

const (
	curveHeight = 200 * px
	curveAxis   = 22 * px
	curveGap    = 20 * px
)

// columns is how many panels stand side by side.
func (c *curveChart) columns(panels int) int {
	if panels > 1 && c.width >= 700*px {
		return 2
	}
	return 1
}

func (c *curveChart) panelWidth(panels int) vg.Length {
	n := vg.Length(c.columns(panels))
	return (c.width - 2*margin - (n-1)*curveGap) / n
}

// rows are the panels as they stand.
func (c *curveChart) rows() [][]curvePanel {
	return slices.Collect(slices.Chunk(c.panels, c.columns(len(c.panels))))
}

func rowHead(row []curvePanel) vg.Length {
	lines := 0
	for _, p := range row {
		lines = max(lines, len(p.title))
	}
	return vg.Length(lines)*lineStep + 4*px
}

func (c *curveChart) height() vg.Length {
	h := margin + 24*px + vg.Length(len(c.explanation())+len(c.legend()))*lineStep + 12*px
	for _, row := range c.rows() {
		h += rowHead(row) + curveHeight + curveAxis + curveGap
	}
	return h + lineStep + margin*0.5
}

func (c *curveChart) explanation() []string {
	return wrap(smallStyle, "Lower is better. All trials of a target together; a percentile needs ten samples beyond it. Both axes are logarithmic: each step to the right is "+
		"a tenth of the requests.", c.width-2*margin, 3)
}

func (c *curveChart) legend() [][]curveLook {
	return flow(c.looks, c.width-2*margin, func(l curveLook) vg.Length { return curveSample + legendWidth(c.legendName(l)) })
}

// curveSample is how much wider than a mark the sample of a line is.
const curveSample = 14 * px

func (c *curveChart) legendName(l curveLook) string {
	return fit(smallStyle, l.name, c.width*0.42)
}

func (c *curveChart) draw(canvas draw.Canvas) {
	p := newPen(canvas)
	p.line(titleStyle, margin, 24*px, curvesTitle)
	p.lines(smallStyle, margin, lineStep, c.explanation())
	for _, line := range c.legend() {
		x := margin
		for _, l := range line {
			y, end := p.y-lineStep/2, x+curveSample+legendSample-5*px
			canvas.StrokeLine2(l.line, x, y, end, y)
			canvas.DrawGlyph(l.mark, vg.Point{X: (x + end) / 2, Y: y})
			canvas.FillText(coloured(smallStyle, ink), vg.Point{X: end + 5*px, Y: y + lift}, c.legendName(l))
			x += curveSample + legendWidth(c.legendName(l))
		}
		p.skip(lineStep)
	}
	p.skip(12 * px)
	width := c.panelWidth(len(c.panels))
	for _, row := range c.rows() {
		top, head := p.y, rowHead(row)
		for i, one := range row {
			p.y = top
			left := margin + vg.Length(i)*(width+curveGap)
			p.lines(headStyle, left, lineStep, one.title)
			c.drawPanel(inside(canvas, left, left+width, top-head-curveHeight-curveAxis, top-head), one)
		}
		p.y = top - head - curveHeight - curveAxis - curveGap
	}
	p.line(smallStyle, margin, lineStep, fit(smallStyle, c.o.Source, c.width-2*margin))
}

func (c *curveChart) drawPanel(canvas draw.Canvas, one curvePanel) {
	axis := newPlot()
	axis.Y.Scale = plot.LogScale{}
	axis.X.Min, axis.X.Max = 0, 0
	for _, curve := range one.curves {
		for _, pt := range curve {
			axis.X.Max, axis.Y.Min, axis.Y.Max = max(axis.X.Max, pt.x), min(axis.Y.Min, pt.y), max(axis.Y.Max, pt.y)
		}
	}
	axis.Y.Min, axis.Y.Max = axis.Y.Min*0.9, axis.Y.Max*1.12
	axis.X.Tick.Marker = percentileTicks(axis.X.Max)
	axis.Y.Tick.Marker = timeTicks(axis.Y.Min, axis.Y.Max)
	axis.Add(gridPlot{})
	for _, l := range c.looks {
		if curve := one.curves[l.name]; curve != nil {
			axis.Add(curvePlot{l, curve})
		}
	}
	axis.Draw(canvas)
}

// curvePlot draws one curve.
type curvePlot struct {
	look  curveLook
	curve []point
}

// Plot implements plot.Plotter.
func (l curvePlot) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	var line []vg.Point
	for _, pt := range l.curve {
		line = append(line, vg.Point{X: x(pt.x), Y: y(pt.y)})
	}
	c.StrokeLines(l.look.line, line)
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		i := slices.IndexFunc(l.curve, func(pt point) bool { return pt.x >= t.Value-1e-9 })
		if i >= 0 && t.Value > 0 {
			c.DrawGlyph(l.look.mark, line[i])
		}
	}
}

// gridPlot draws lines at the ticks.
type gridPlot struct{}

// Plot implements plot.Plotter.
func (gridPlot) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		c.StrokeLine2(gridLine, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
	}
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		c.StrokeLine2(gridLine, c.Min.X, y(t.Value), c.Max.X, y(t.Value))
	}
}
