// Package plot draws what an analysis found, as pictures for a README: for each measure how the targets of each workload
// compare, and latency over its percentiles. A picture is SVG (text is text) or PNG (two pixels for one of SVG's).
//
// It opens no file and keeps no state. The same analysis gives the same bytes. The figures are package analysis's; nothing is
// computed here but where they go. Drawing is gonum.org/v1/plot.
//
// A picture brings its own white ground, so it reads on any page. Colours are those of Okabe and Ito, which people with any
// kind of colour vision tell apart, and never the only sign: verdicts have shapes and words, curves have marks.
package plot

import (
	"errors"
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"modelbench/results/analysis"
)

// Options says how to draw.
type Options struct {
	// Width of the pictures in CSS pixels, between MinWidth and MaxWidth. Their height is what they need.
	Width int
	// Source is a line at the foot: where the figures come from.
	Source string
}

// Limits of Options.Width. DefaultWidth is what a README on GitHub gives a picture.
const (
	MinWidth     = 480
	DefaultWidth = 840
	MaxWidth     = 4000
)

// Validate says which field is out of range.
func (o Options) Validate() error {
	if o.Width < MinWidth || o.Width > MaxWidth {
		return fmt.Errorf("width %d: between %d and %d pixels are wanted", o.Width, MinWidth, MaxWidth)
	}
	return nil
}

// Latencies are the histograms of trials, in nanoseconds, by trial_id.
type Latencies map[string]*hdrhistogram.Histogram

// ErrNothing is returned when no two targets of any workload can be compared, and there are no histograms either.
var ErrNothing = errors.New("nothing to draw: no measure of two targets that may be believed, and no histogram")

// Chart is one picture.
type Chart struct {
	// Name is that of its file, without an ending: the measure's key, or "percentiles".
	Name string
	// Title is what it shows, in words.
	Title string

	width, height vg.Length
	draw          func(draw.Canvas)
}

// Charts are the pictures of an analysis: one for each measure that people are shown and in which any workload has two targets to
// compare, then the latency curves of all workloads that have histograms. The doubts are for the user.
func Charts(a *analysis.Analysis, latencies Latencies, o Options) (charts []Chart, doubts []string, err error) {
	if err := o.Validate(); err != nil {
		return nil, nil, err
	}
	for _, m := range analysis.Measures {
		if c, ok := dots(a, m, o); ok && !m.Detail {
			charts = append(charts, c)
		}
	}
	c, doubts, ok := curves(a, latencies, o)
	if ok {
		charts = append(charts, c)
	}
	if len(charts) == 0 {
		return nil, doubts, ErrNothing
	}
	return charts, doubts, nil
}
