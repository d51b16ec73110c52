package record

import (
	"fmt"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Range and resolution of a Hist: 1 ns to an hour with three significant digits.
// Three digits are what a figure is read with; a histogram then takes 256 KiB, of which
// a run touches the few that its latencies fall into.
const (
	histMax    = time.Hour
	histDigits = 3
)

// BeyondQuantile is how many samples must lie beyond a quantile for it to be
// reported: with fewer it is an anecdote about single requests.
const BeyondQuantile = 10

// A Hist is a histogram of durations. Its zero value is empty and ready, but must be
// given room by Init before Add may be called. Minimum, maximum and mean are exact;
// quantiles have three digits. It loses nothing: a duration out of range is put at
// the end of the range and counted in Clamped.
type Hist struct {
	h        *hdrhistogram.Histogram
	count    uint64
	clamped  uint64
	min, max time.Duration
	sum      float64 // ns
}

// Init gives an empty histogram its room, so that Add does not allocate.
func (h *Hist) Init() {
	if h.h == nil {
		h.h = hdrhistogram.New(1, int64(histMax), histDigits)
	}
}

// Reset empties the histogram and keeps its room.
func (h *Hist) Reset() {
	if h.count > 0 {
		h.h.Reset()
	}
	*h = Hist{h: h.h}
}

// Add counts one duration.
func (h *Hist) Add(d time.Duration) {
	if h.count == 0 || d < h.min {
		h.min = d
	}
	if d > h.max {
		h.max = d
	}
	h.count++
	h.sum += float64(d)
	in := d
	if in < 0 || in > histMax {
		in = min(max(in, 0), histMax)
		h.clamped++
	}
	if h.h.RecordValue(int64(in)) != nil {
		panic("record: a value inside the range was refused") // cannot be: in is clamped
	}
}

// Merge adds the samples of o, which is not changed.
func (h *Hist) Merge(o *Hist) {
	if o.count == 0 {
		return
	}
	h.Init()
	if h.count == 0 || o.min < h.min {
		h.min = o.min
	}
	h.max = max(h.max, o.max)
	h.count += o.count
	h.clamped += o.clamped
	h.sum += o.sum
	h.h.Merge(o.h)
}

// Count returns the number of samples, Clamped of those that were out of range.
func (h *Hist) Count() uint64 { return h.count }

// Clamped returns the number of samples that were put at an end of the range.
func (h *Hist) Clamped() uint64 { return h.clamped }

// Min, Max and Mean are exact, and 0 for an empty histogram.
func (h *Hist) Min() time.Duration { return h.min }

// Max returns the longest sample.
func (h *Hist) Max() time.Duration { return h.max }

// Mean returns the average sample.
func (h *Hist) Mean() time.Duration {
	if h.count == 0 {
		return 0
	}
	return time.Duration(h.sum / float64(h.count))
}

// StdDev returns the standard deviation, to three digits; 0 for an empty histogram.
func (h *Hist) StdDev() time.Duration {
	if h.count == 0 {
		return 0
	}
	return time.Duration(h.h.StdDev())
}

// Within returns the share of the samples that lie at most so far from the mean, to the
// width of the buckets at the edges; 0 for an empty histogram.
func (h *Hist) Within(d time.Duration) float64 {
	if h.count == 0 {
		return 0
	}
	lo, hi := int64(h.Mean()-d), int64(h.Mean()+d)
	n := int64(0)
	for _, bar := range h.h.Distribution() {
		if bar.To >= lo && bar.From <= hi {
			n += bar.Count
		}
	}
	return float64(n) / float64(h.count)
}

// Restore returns the histogram that had these buckets, which it owns from now on, and
// these exact figures. It fails if they cannot belong together.
func Restore(buckets *hdrhistogram.Histogram, clamped uint64, least, most, mean time.Duration) (*Hist, error) {
	h := Hist{clamped: clamped, min: least, max: most}
	h.Init()
	if lost := h.h.Merge(buckets); lost != 0 {
		return nil, fmt.Errorf("%d samples are out of range", lost)
	}
	h.count = uint64(h.h.TotalCount())
	h.sum = float64(mean) * float64(h.count)
	if h.count == 0 || clamped > h.count || mean < least || most < mean {
		return nil, fmt.Errorf("%d samples, %d of them clamped, cannot lie between %v and %v and have a mean of %v", h.count, clamped, least, most, mean)
	}
	return &h, nil
}

// Histogram returns the buckets, in nanoseconds, for export. They belong to h, and are
// nil if it never had room.
func (h *Hist) Histogram() *hdrhistogram.Histogram { return h.h }

// Quantile returns the q-quantile (0 < q < 1) and whether at least BeyondQuantile
// samples lie beyond it. The figure may only be shown if they do.
func (h *Hist) Quantile(q float64) (d time.Duration, enough bool) {
	if h.count == 0 {
		return 0, false
	}
	// The tolerance is for products such as 1000*(1-0.99), which is 9.999999999999998.
	beyond := float64(h.count)*(1-q) + 1e-6
	d = min(time.Duration(h.h.ValueAtQuantile(q*100)), h.max)
	return max(d, h.min), beyond >= BeyondQuantile
}
