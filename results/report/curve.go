package report

import (
	"fmt"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/analysis"
)

// curve is a target's latency over percentiles, all of its blocks together.
type curve struct {
	Target string `json:"target"`
	Again  bool   `json:"again"` // the A/A arm's second name
	Trials int    `json:"trials"`
	Count  int64  `json:"count"` // requests
	// Points are pairs of 1/(1-quantile) and microseconds. A quantile with fewer than ten samples beyond it has none, as in the rows.
	Points [][2]float64 `json:"points"`
}

// beyond is how many samples a quantile needs beyond it.
const beyond = 10

// curves merges the histograms of the trials whose latency may be believed, by target: the ranked ones in their order, then
// the A/A arm. A target without any has no curve.
func curves(wl analysis.Workload, members []analysis.Member, histograms map[string]*hdrhistogram.Histogram) ([]curve, error) {
	latency, err := analysis.MeasureOf("p50")
	if err != nil {
		return nil, err
	}
	merged := map[string]*hdrhistogram.Histogram{}
	count, done := map[string]int{}, map[string]bool{}
	for _, m := range members {
		h := histograms[m.Trial.TrialID]
		if _, believed := latency.Believed(m.Trial); !believed || h == nil || done[m.Trial.TrialID] {
			continue
		}
		done[m.Trial.TrialID] = true
		if merged[m.Target], err = merge(merged[m.Target], h); err != nil {
			return nil, fmt.Errorf("merge the latencies of trial %s: %w", m.Trial.TrialID, err)
		}
		count[m.Target]++
	}
	list := []curve{}
	for _, target := range append(append([]string{}, wl.Targets...), wl.Again) {
		if h := merged[target]; h != nil {
			list = append(list, curve{target, target == wl.Again, count[target], h.TotalCount(), points(h)})
		}
	}
	return list, nil
}

// merge adds h to sum, which may be nil and is the caller's.
func merge(sum, h *hdrhistogram.Histogram) (*hdrhistogram.Histogram, error) {
	if sum == nil {
		return h.Clone(), nil
	}
	if h.Max() > sum.HighestTrackableValue() {
		wider := hdrhistogram.New(sum.LowestTrackableValue(), h.HighestTrackableValue(), int(sum.SignificantFigures()))
		if dropped := wider.Merge(sum); dropped > 0 {
			return nil, fmt.Errorf("%d values are out of range", dropped)
		}
		sum = wider
	}
	if dropped := sum.Merge(h); dropped > 0 {
		return nil, fmt.Errorf("%d values are out of range", dropped)
	}
	return sum, nil
}

// points walks the histogram as HdrHistogram's own plots do: five steps for each halving of what lies beyond.
func points(h *hdrhistogram.Histogram) [][2]float64 {
	list := [][2]float64{}
	total := h.TotalCount()
	for _, b := range h.CumulativeDistributionWithTicks(5) {
		q := b.Quantile / 100
		if (1-q)*float64(total) < beyond {
			break
		}
		list = append(list, [2]float64{1 / (1 - q), float64(b.ValueAt) / 1e3})
	}
	return list
}
