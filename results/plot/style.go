package plot

import (
	"image/color"
	"strings"
	"unicode"

	stdfont "golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// px is a CSS pixel: 96 to the inch, where a point is 72 to the inch.
const px = vg.Length(0.75)

// Colours of Okabe and Ito, "Color Universal Design" (2008), and greys.
var (
	blue       = color.RGBA{0x00, 0x72, 0xB2, 0xff}
	vermillion = color.RGBA{0xD5, 0x5E, 0x00, 0xff}
	green      = color.RGBA{0x00, 0x9E, 0x73, 0xff}
	purple     = color.RGBA{0xCC, 0x79, 0xA7, 0xff}
	orange     = color.RGBA{0xE6, 0x9F, 0x00, 0xff}
	sky        = color.RGBA{0x56, 0xB4, 0xE9, 0xff}

	ink   = color.RGBA{0x1F, 0x23, 0x28, 0xff}
	muted = color.RGBA{0x59, 0x63, 0x6E, 0xff} // 5.9 to 1 on white
	grid  = color.RGBA{0xE3, 0xE6, 0xEA, 0xff}
	shade = color.RGBA{0xEE, 0xF0, 0xF2, 0xff}
)

// Heights of lines, and space around.
const (
	margin   = 16 * px
	lineStep = 16 * px
	lift     = 1 * px // letters that do not reach below their line stand in its middle when it is lifted so much
)

var (
	titleStyle   = style(17*px, ink, true)
	headStyle    = style(13*px, ink, true)
	bodyStyle    = style(12*px, ink, false)
	boldStyle    = style(12*px, ink, true)
	smallStyle   = style(11*px, muted, false)
	gridLine     = draw.LineStyle{Color: grid, Width: 1 * px}
	boundaryLine = draw.LineStyle{Color: muted, Width: 1 * px}
)

func style(size vg.Length, c color.Color, bold bool) text.Style {
	f := font.Font{Typeface: "Liberation", Variant: "Sans", Size: size}
	if bold {
		f.Weight = stdfont.WeightBold
	}
	return text.Style{Color: c, Font: f, XAlign: draw.XLeft, YAlign: draw.YCenter, Handler: plot.DefaultTextHandler}
}

func coloured(s text.Style, c color.Color) text.Style { s.Color = c; return s }

func alignRight(s text.Style) text.Style { s.XAlign = draw.XRight; return s }

// box stands for what cannot be drawn.
const box = '□'

// clean is text that can be drawn: what the font lacks (it has Latin, Greek and Cyrillic, no Chinese) and what is no character
// that one can see becomes a box, or a name would be blank in a PNG. XML has no place for control characters either.
func clean(s string) string {
	face := font.DefaultCache.Lookup(bodyStyle.Font, bodyStyle.Font.Size).Face
	var buf sfnt.Buffer
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return ' '
		}
		if i, err := face.GlyphIndex(&buf, r); err != nil || i == 0 || !unicode.IsGraphic(r) {
			return box
		}
		return r
	}, strings.ToValidUTF8(s, string(box)))
}

// fit shortens a name in its middle, where names differ least, until it is no wider.
func fit(s text.Style, name string, width vg.Length) string {
	name = clean(name)
	if s.Width(name) <= width {
		return name
	}
	runes := []rune(name)
	for keep := len(runes) - 1; keep > 0; keep-- {
		short := string(runes[:(keep+1)/2]) + "…" + string(runes[len(runes)-keep/2:])
		if s.Width(short) <= width {
			return short
		}
	}
	return "…"
}

// wrap breaks text at blanks into lines no wider, at most so many; what is left over is shortened.
func wrap(s text.Style, words string, width vg.Length, most int) []string {
	var lines []string
	line := ""
	all := strings.Fields(clean(words))
	for i, word := range all {
		longer := strings.TrimSpace(line + " " + word)
		switch {
		case line == "" || s.Width(longer) <= width:
			line = longer
		case len(lines) == most-1:
			return append(lines, fit(s, line+" "+strings.Join(all[i:], " "), width))
		default:
			lines, line = append(lines, fit(s, line, width)), word
		}
	}
	return append(lines, fit(s, line, width))
}

// pen writes lines of text from the top of a canvas down.
type pen struct {
	draw.Canvas
	y vg.Length // of the top of what comes next
}

func newPen(c draw.Canvas) *pen { return &pen{c, c.Max.Y - margin} }

func (p *pen) skip(d vg.Length) { p.y -= d }

// line writes one line at x and moves below it.
func (p *pen) line(s text.Style, x, step vg.Length, words string) {
	p.FillText(s, vg.Point{X: x, Y: p.y - step/2 + lift}, words)
	p.y -= step
}

// lines writes several.
func (p *pen) lines(s text.Style, x, step vg.Length, all []string) {
	for _, words := range all {
		p.line(s, x, step, words)
	}
}
