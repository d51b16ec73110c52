package plot

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// Formats are the forms of a picture, by the ending of its file.
var Formats = map[string]func(Chart) ([]byte, error){
	"svg": Chart.SVG,
	"png": Chart.PNG,
}

// paint draws the chart on its white ground.
func (c Chart) paint(on vg.CanvasSizer) {
	canvas := draw.New(on)
	canvas.SetColor(color.White)
	canvas.Fill(canvas.Rectangle.Path())
	c.draw(canvas)
}

// families are the fonts that a reader's machine may have: Arial and Helvetica are as wide as Liberation Sans, which the library
// measures text by and asks for alone.
const (
	family   = `style="font-family:Liberation Sans;`
	families = `style="font-family:'Liberation Sans',Arial,Helvetica,sans-serif;`
)

// SVG is the picture as a document whose text is text, with its title for those who do not see it.
func (c Chart) SVG() ([]byte, error) {
	canvas := vgsvg.NewWith(vgsvg.UseWH(c.width, c.height))
	c.paint(canvas)
	var b, title bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("draw %s as SVG: %w", c.Name, err)
	}
	if err := xml.EscapeText(&title, []byte(clean(c.Title))); err != nil {
		return nil, fmt.Errorf("draw %s as SVG: %w", c.Name, err)
	}
	text := bytes.ReplaceAll(b.Bytes(), []byte(family), []byte(families))
	at := bytes.Index(text, []byte("<svg "))
	head, body, ok := bytes.Cut(text[at:], []byte(">"))
	if at < 0 || !ok {
		return nil, fmt.Errorf("draw %s as SVG: the document has no beginning", c.Name)
	}
	return fmt.Appendf(nil, "%s%s role=\"img\">\n<title>%s</title>%s", text[:at], head, title.Bytes(), body), nil
}

// density is how many dots of the screen a PNG has for a CSS pixel: most screens show two.
const density = 2

// PNG is the picture in pixels, two for each of SVG's.
func (c Chart) PNG() ([]byte, error) {
	canvas := vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(c.width, c.height), vgimg.UseDPI(density*96))}
	c.paint(canvas)
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("draw %s as PNG: %w", c.Name, err)
	}
	return b.Bytes(), nil
}
