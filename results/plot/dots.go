package plot

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// panel is a workload in the chart of a measure.
type panel struct {
	title []string
	rows  []row
	band  float64 // what makes no difference or cannot be told from noise, as a fraction
}

// dots is the chart of a measure, if any workload has two targets with values.
func dots(a *analysis.Analysis, m *analysis.Measure, o Options) (Chart, bool) {
	d := dotChart{m: m, o: o, width: vg.Length(o.Width) * px}
	for _, wl := range a.Workloads {
		for _, s := range wl.Sections {
			if s.Measure == m && len(s.Rows) > 1 {
				d.add(wl, s)
			}
		}
	}
	if len(d.panels) == 0 {
		return Chart{}, false
	}
	c := Chart{Name: m.Key, Title: d.title(), width: d.width, draw: d.draw}
	c.height = d.measure()
	return c, true
}

// dotChart is a chart on its way.
type dotChart struct {
	m        *analysis.Measure
	o        Options
	width    vg.Length
	panels   []panel
	baseline string // what the others are compared with; empty: the best

	tooFew, screening bool // of any comparison: see analysis.Comparison
}

func (d *dotChart) add(wl analysis.Workload, s analysis.Section) {
	p := panel{title: wrap(headStyle, wl.Title, d.width-2*margin, 2), band: max(s.ROPE, s.Noise)}
	if s.Baseline {
		d.baseline = s.Rows[0].Target
	}
	near := d.m.Unit(s.Rows[0].Median)
	for i, r := range s.Rows {
		unit := near
		if far := r.Median / s.Rows[0].Median; far >= 10 || far <= 0.1 {
			unit = d.m.Unit(r.Median)
		}
		line := row{name: r.Target, median: unit.Text(r.Median), at: 1, lo: 1, hi: 1, ratio: "1x", verdict: "best", mark: asGood}
		if i == 0 && s.Baseline {
			line.verdict = "baseline"
		}
		if r.Versus != nil {
			line.compare(d.m, r.Versus)
			d.tooFew = d.tooFew || r.Versus.TooFew() && r.Versus.Pairs > 0
			d.screening = d.screening || r.Versus.Screening
		}
		p.rows = append(p.rows, line)
	}
	for _, name := range s.Missing {
		p.rows = append(p.rows, row{name: name, median: "no value", mark: undecided})
	}
	if s.AA != nil && s.AA.Pairs > 0 {
		line := row{name: s.AA.With + " again"}
		line.compare(d.m, s.AA)
		line.verdict, line.mark = "noise (A/A)", itself
		p.rows = append(p.rows, line)
	}
	d.panels = append(d.panels, p)
}

func (d *dotChart) title() string {
	name := strings.ToUpper(d.m.Name[:1]) + d.m.Name[1:]
	to := "the best"
	if d.baseline != "" {
		to = clean(d.baseline)
	}
	return fmt.Sprintf("%s, relative to %s", name, to)
}

// direction says which way is good.
func (d *dotChart) direction() string {
	if d.m.Better == stats.HigherIsBetter {
		return "More is better, to the right."
	}
	return "Less is better, to the left."
}

func (d *dotChart) explanation() []string {
	level := analysis.Percent(stats.Level)
	words := fmt.Sprintf("%s Dot: ratio, block by block; bar: its %s interval; grey: too close to matter, or to tell from noise.", d.direction(), level)
	if d.tooFew {
		words += fmt.Sprintf(" Where blocks are fewer than %d, too few for %s, the bar is all that was seen.", stats.MinPairs(stats.Level), level)
	}
	if d.screening {
		words += " Verdicts are not corrected for how many there are (screening)."
	}
	return wrap(smallStyle, words, d.width-2*margin, 5)
}

// marks are those that the chart shows, in the legend's order.
func (d *dotChart) marks() (shown []mark) {
	for _, m := range []mark{asGood, worse, better, undecided, itself} {
		for _, p := range d.panels {
			if has(p.rows, m) {
				shown = append(shown, m)
				break
			}
		}
	}
	return shown
}

func has(rows []row, m mark) bool {
	for _, r := range rows {
		if r.mark == m && r.at > 0 {
			return true
		}
	}
	return false
}

// columns are where things stand from left to right.
type columns struct {
	name, nameWidth vg.Length
	from, to        vg.Length // of the axis
	median          vg.Length // its right end
	ratio, verdict  vg.Length // their left ends; ratio is 0 where there is no room for it
}

func (d *dotChart) columns() columns {
	const gap = 12 * px
	var name, median, ratio, verdict vg.Length
	for _, p := range d.panels {
		for _, r := range p.rows {
			name = max(name, bodyStyle.Width(clean(r.name)))
			median = max(median, boldStyle.Width(r.median))
			ratio = max(ratio, bodyStyle.Width(r.ratio))
			verdict = max(verdict, boldStyle.Width(r.verdict))
		}
	}
	c := columns{name: margin, nameWidth: min(name, d.width*0.28)}
	c.from = c.name + c.nameWidth + gap
	right := d.width - margin
	c.verdict = right - verdict
	right = c.verdict - gap
	if right-ratio-gap-median-gap-c.from >= d.width*0.28 {
		c.ratio = right - ratio
		right = c.ratio - gap
	}
	c.median = right
	c.to = right - median - gap
	return c
}

const (
	rowStep   = 21 * px
	axisStep  = 20 * px
	panelStep = 14 * px // between panels
)

func (p panel) height() vg.Length {
	return vg.Length(len(p.title))*lineStep + 6*px + vg.Length(len(p.rows))*rowStep + axisStep + panelStep
}

// measure is how high the chart is.
func (d *dotChart) measure() vg.Length {
	h := margin + 24*px + vg.Length(len(d.explanation()))*lineStep + 4*px + vg.Length(len(d.legend()))*lineStep + panelStep
	for _, p := range d.panels {
		h += p.height()
	}
	return h + lineStep + margin*0.5
}

// legend is the marks in lines.
func (d *dotChart) legend() [][]mark {
	return flow(d.marks(), d.width-2*margin, func(m mark) vg.Length { return legendWidth(m.words) })
}

func (d *dotChart) draw(c draw.Canvas) {
	p := newPen(c)
	p.line(titleStyle, margin, 24*px, fit(titleStyle, d.title(), d.width-2*margin))
	p.lines(smallStyle, margin, lineStep, d.explanation())
	p.skip(4 * px)
	for _, line := range d.legend() {
		x := margin
		for _, m := range line {
			at := vg.Point{X: x + 6*px, Y: p.y - lineStep/2}
			c.DrawGlyph(draw.GlyphStyle{Color: m.colour, Radius: 4 * px, Shape: m.glyph}, at)
			c.FillText(smallStyle, vg.Point{X: x + legendSample, Y: at.Y + lift}, m.words)
			x += legendWidth(m.words)
		}
		p.skip(lineStep)
	}
	p.skip(panelStep)
	cols := d.columns()
	lo, hi := d.axis()
	ticks := ratioTicks(lo, hi, float64(38*px/(cols.to-cols.from)))
	for _, one := range d.panels {
		d.drawPanel(p, one, cols, lo, hi, ticks)
	}
	p.line(smallStyle, margin, lineStep, fit(smallStyle, d.o.Source, d.width-2*margin))
}

// axis is the same in all panels, so that workloads can be compared.
func (d *dotChart) axis() (lo, hi float64) {
	var all []float64
	for _, p := range d.panels {
		for _, r := range p.rows {
			if r.at > 0 {
				all = append(all, r.at, r.lo, r.hi)
			}
		}
		all = append(all, 1/(1+p.band), 1+p.band)
	}
	return ratioRange(all)
}

func (d *dotChart) drawPanel(p *pen, one panel, cols columns, lo, hi float64, ticks plot.ConstantTicks) {
	p.lines(headStyle, margin, lineStep, one.title)
	p.skip(6 * px)
	height := vg.Length(len(one.rows)) * rowStep
	axis := newPlot()
	axis.X.Min, axis.X.Max, axis.X.Scale, axis.X.Tick.Marker = lo, hi, plot.LogScale{}, ticks
	axis.Y.Min, axis.Y.Max = 0, float64(len(one.rows))
	axis.HideY()
	axis.Add(dotRows(one))
	canvas := inside(p.Canvas, cols.from, cols.to, p.y-height-axisStep, p.y)
	axis.Draw(canvas)
	data := axis.DataCanvas(canvas)
	for i, r := range one.rows {
		y := data.Y(axis.Y.Norm(rowAt(i, len(one.rows)))) + lift
		p.FillText(bodyStyle, vg.Point{X: cols.name, Y: y}, fit(bodyStyle, r.name, cols.nameWidth))
		p.FillText(alignRight(boldStyle), vg.Point{X: cols.median, Y: y}, r.median)
		if cols.ratio > 0 {
			p.FillText(bodyStyle, vg.Point{X: cols.ratio, Y: y}, r.ratio)
		}
		p.FillText(coloured(boldStyle, r.mark.colour), vg.Point{X: cols.verdict, Y: y}, r.verdict)
	}
	p.skip(height + axisStep + panelStep)
}

// rowAt is where on the axis the i-th row of n stands: the first on top.
func rowAt(i, n int) float64 { return float64(n-i) - 0.5 }

// dotRows draws the rows of a panel, from the top down, in an axis from 0 to their number.
type dotRows panel

// Plot implements plot.Plotter.
func (d dotRows) Plot(c draw.Canvas, p *plot.Plot) {
	x, y := p.Transforms(&c)
	within := func(v float64) vg.Length { return x(math.Max(p.X.Min, math.Min(p.X.Max, v))) }
	from, to := within(1/(1+d.band)), within(1+d.band)
	c.FillPolygon(shade, []vg.Point{{X: from, Y: c.Min.Y}, {X: to, Y: c.Min.Y}, {X: to, Y: c.Max.Y}, {X: from, Y: c.Max.Y}})
	for _, t := range p.X.Tick.Marker.Ticks(p.X.Min, p.X.Max) {
		c.StrokeLine2(gridLine, x(t.Value), c.Min.Y, x(t.Value), c.Max.Y)
	}
	c.StrokeLine2(boundaryLine, x(1), c.Min.Y, x(1), c.Max.Y)
	for i, r := range d.rows {
		if r.at == 0 {
			continue
		}
		at := vg.Point{X: x(r.at), Y: y(rowAt(i, len(d.rows)))}
		bar := draw.LineStyle{Color: r.mark.colour, Width: 2 * px}
		c.StrokeLine2(bar, x(r.lo), at.Y, x(r.hi), at.Y)
		if r.mark.glyph == undecided.glyph { // or the bar would show through
			c.DrawGlyph(draw.GlyphStyle{Color: color.White, Radius: 4 * px, Shape: draw.CircleGlyph{}}, at)
		}
		c.DrawGlyph(draw.GlyphStyle{Color: r.mark.colour, Radius: 4.5 * px, Shape: r.mark.glyph}, at)
	}
}
