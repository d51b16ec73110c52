package plot

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/analysis"
)

// merged are the latencies of each target of a workload, over all trials whose latency may be believed. lacking counts trials
// of those that have no histogram.
func merged(wl analysis.Workload, all Latencies) (byTarget map[string]*hdrhistogram.Histogram, lacking int) {
	byTarget = map[string]*hdrhistogram.Histogram{}
	for target, ids := range latencyTrials(wl) {
		var parts []*hdrhistogram.Histogram
		for _, id := range ids {
			if h := all[id]; h != nil && h.TotalCount() > 0 {
				parts = append(parts, h)
			} else {
				lacking++
			}
		}
		if len(parts) > 0 {
			byTarget[target] = merge(parts)
		}
	}
	return byTarget, lacking
}

// latencyTrials are the ids of the trials whose latency may be believed, by target.
func latencyTrials(wl analysis.Workload) map[string][]string {
	ids := map[string][]string{}
	for _, s := range wl.Sections {
		if !strings.HasPrefix(s.Measure.Column, "lat_") {
			continue
		}
		for _, r := range s.Rows {
			for _, v := range r.Values {
				ids[r.Target] = append(ids[r.Target], v.Trials...)
			}
		}
	}
	for target, list := range ids { // a trial is in the sections of several percentiles
		slices.Sort(list)
		ids[target] = slices.Compact(list)
	}
	return ids
}

// merge adds histograms up in one that has room for all of their values.
func merge(parts []*hdrhistogram.Histogram) *hdrhistogram.Histogram {
	lowest, highest, figures := int64(math.MaxInt64), int64(2), int64(1)
	for _, h := range parts {
		lowest = min(lowest, h.LowestTrackableValue())
		highest = max(highest, h.HighestTrackableValue(), h.Max())
		figures = max(figures, h.SignificantFigures())
	}
	sum := hdrhistogram.New(lowest, highest, int(figures))
	for _, h := range parts {
		sum.Merge(h)
	}
	return sum
}

// point is one of a curve: x is the number of nines, log10(1/(1-p)), y nanoseconds.
type point struct{ x, y float64 }

// leastBeyond is how many samples a percentile needs beyond it, as in the trials.
const leastBeyond = 10

// percentileCurve is latency over percentiles, from the 0th to the last that has samples enough beyond it.
func percentileCurve(h *hdrhistogram.Histogram) []point {
	last := math.Log10(float64(h.TotalCount()) / leastBeyond)
	if last <= 0 {
		return nil
	}
	const perNine = 40
	var curve []point
	for i := 0; ; i++ {
		x := min(float64(i)/perNine, last)
		curve = append(curve, point{x, latencyAt(h, x)})
		if x == last {
			return curve
		}
	}
}

// latencyAt is the latency at so many nines; at least a nanosecond, as the axis is logarithmic.
func latencyAt(h *hdrhistogram.Histogram, nines float64) float64 {
	return max(1, float64(h.ValueAtQuantile(100*(1-math.Pow(10, -nines)))))
}

// lackingDoubt is for the user.
func lackingDoubt(title string, lacking int) string {
	return fmt.Sprintf("%s: %s without a histogram, and so not in the curves", title, analysis.Count(lacking, "trial is", "trials are"))
}
