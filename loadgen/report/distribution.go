package report

import (
	"fmt"
	"math"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/loadgen/record"
)

// Distribution is a histogram of durations and the figures read off it. A percentile with
// fewer than ten samples beyond it is absent; without samples all figures are.
type Distribution struct {
	Count    uint64   `json:"count"`               // samples
	Clamped  uint64   `json:"clamped,omitempty"`   // of those, the ones out of range (over an hour), recorded at the end of the range
	MinUs    *float64 `json:"min_us,omitempty"`    // shortest, exact
	MeanUs   *float64 `json:"mean_us,omitempty"`   // average, exact
	StddevUs *float64 `json:"stddev_us,omitempty"` // standard deviation, to three digits
	MaxUs    *float64 `json:"max_us,omitempty"`    // longest, exact
	P50Us    *float64 `json:"p50_us,omitempty"`    // half of the samples are at most so long, to three digits like all percentiles
	P75Us    *float64 `json:"p75_us,omitempty"`    // 75%
	P90Us    *float64 `json:"p90_us,omitempty"`    // 90%
	P95Us    *float64 `json:"p95_us,omitempty"`    // 95%
	P99Us    *float64 `json:"p99_us,omitempty"`    // 99%
	P999Us   *float64 `json:"p999_us,omitempty"`   // 99.9%
	P9999Us  *float64 `json:"p9999_us,omitempty"`  // 99.99%
	HdrV2    string   `json:"hdr_v2,omitempty"`    // all samples: HdrHistogram V2, compressed, base64, in nanoseconds
}

// NewDistribution writes down a histogram, which is not changed.
func NewDistribution(h *record.Hist) (*Distribution, error) {
	d := &Distribution{Count: h.Count(), Clamped: h.Clamped()}
	if d.Count == 0 {
		return d, nil
	}
	d.MinUs, d.MeanUs, d.MaxUs, d.StddevUs = micros(h.Min()), micros(h.Mean()), micros(h.Max()), micros(h.StdDev())
	for q, at := range d.quantiles() {
		if v, enough := h.Quantile(q); enough {
			*at = micros(v)
		}
	}
	text, err := h.Histogram().EncodeV2()
	if err != nil {
		return nil, fmt.Errorf("encode a histogram: %w", err)
	}
	d.HdrV2 = string(text)
	return d, nil
}

// quantiles says where each quantile goes.
func (d *Distribution) quantiles() map[float64]**float64 {
	return map[float64]**float64{0.5: &d.P50Us, 0.75: &d.P75Us, 0.9: &d.P90Us, 0.95: &d.P95Us, 0.99: &d.P99Us, 0.999: &d.P999Us, 0.9999: &d.P9999Us}
}

func micros(d time.Duration) *float64 {
	us := float64(d) / float64(time.Microsecond)
	return &us
}

// Hist reads the histogram back. The error is about a document that does not agree with
// itself.
func (d *Distribution) Hist() (*record.Hist, error) {
	if d.Count == 0 {
		return &record.Hist{}, nil
	}
	buckets, err := hdrhistogram.Decode([]byte(d.HdrV2))
	if err != nil {
		return nil, fmt.Errorf("decode hdr_v2: %w", err)
	}
	if d.MinUs == nil || d.MaxUs == nil || d.MeanUs == nil {
		return nil, fmt.Errorf("min_us, mean_us or max_us is missing beside %d samples", d.Count)
	}
	ns := func(us *float64) time.Duration { return time.Duration(math.Round(*us * float64(time.Microsecond))) }
	h, err := record.Restore(buckets, d.Clamped, ns(d.MinUs), ns(d.MaxUs), ns(d.MeanUs))
	if err != nil {
		return nil, fmt.Errorf("read hdr_v2: %w", err)
	}
	if h.Count() != d.Count {
		return nil, fmt.Errorf("count is %d, and hdr_v2 has %d samples", d.Count, h.Count())
	}
	return h, nil
}

// mergeDistributions returns what one histogram of all samples of both would say. What
// either has not measured is not known of both.
func mergeDistributions(a, b *Distribution) (*Distribution, error) {
	if a == nil || b == nil {
		return nil, nil
	}
	x, err := a.Hist()
	if err != nil {
		return nil, err
	}
	y, err := b.Hist()
	if err != nil {
		return nil, err
	}
	x.Merge(y)
	return NewDistribution(x)
}
