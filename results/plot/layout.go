package plot

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// newPlot is an empty plot in this package's style: no ground, small grey labels.
func newPlot() *plot.Plot {
	p := plot.New()
	p.BackgroundColor = nil
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		label := a.Tick.Label
		a.Tick.Label = smallStyle
		a.Tick.Label.XAlign, a.Tick.Label.YAlign = label.XAlign, label.YAlign
		a.Label.TextStyle = smallStyle
		a.Label.TextStyle.XAlign, a.Label.TextStyle.YAlign = draw.XCenter, draw.YBottom
		a.Padding, a.Width, a.Tick.Width, a.Tick.Length = 0, 0, 0, 2*px
	}
	return p
}

// inside is the part of a canvas between these.
func inside(c draw.Canvas, left, right, bottom, top vg.Length) draw.Canvas {
	c.Rectangle = vg.Rectangle{Min: vg.Point{X: left, Y: bottom}, Max: vg.Point{X: right, Y: top}}
	return c
}

// legendSample is the width of what stands before a legend's words.
const legendSample = 16 * px

func legendWidth(words string) vg.Length { return legendSample + smallStyle.Width(words) + 18*px }

// flow arranges things in lines no wider than this, each of at least one.
func flow[T any](all []T, width vg.Length, of func(T) vg.Length) (lines [][]T) {
	used := width
	for _, one := range all {
		w := of(one)
		if used+w > width || len(lines) == 0 {
			lines, used = append(lines, nil), 0
		}
		lines[len(lines)-1], used = append(lines[len(lines)-1], one), used+w
	}
	return lines
}
