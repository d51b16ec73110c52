package stats

import (
	"fmt"
	"math"
)

// Ratio is how many times as much a measured as b, over pairs that shared a block or a round.
type Ratio struct {
	Pairs    int
	Estimate float64  // a/b: exp of the Hodges-Lehmann centre of the log ratios; NaN without pairs
	Interval Interval // of the ratio
	Wanted   float64  // the level asked for
	Spread   float64  // standard deviation of the log ratios; 0 below two pairs

	// Doubts are what a reader must know before believing the figures, in words. Empty is the good case.
	Doubts []string
}

// LogRatios returns log(a[i]/b[i]), where a[i] and b[i] were measured in the same block. As logarithms, a/b and b/a are
// mirror images, and drift that multiplies both cancels. The error names the first pair that is not two positive finite
// numbers. The slice is the caller's; SignFlip gives its p value.
func LogRatios(a, b []float64) ([]float64, error) {
	if len(a) != len(b) {
		return nil, fmt.Errorf("compare pairs: %d values against %d", len(a), len(b))
	}
	d := make([]float64, len(a))
	for i := range a {
		if !(a[i] > 0 && b[i] > 0) || math.IsInf(a[i], 1) || math.IsInf(b[i], 1) {
			return nil, fmt.Errorf("compare pairs: pair %d is %v and %v: a ratio needs positive numbers", i+1, a[i], b[i])
		}
		d[i] = math.Log(a[i]) - math.Log(b[i])
	}
	return d, nil
}

// CompareRatio compares a with b pair by pair: see LogRatios, whose errors it returns.
func CompareRatio(a, b []float64, level float64) (Ratio, error) {
	if !(level > 0 && level < 1) {
		return Ratio{}, fmt.Errorf("compare pairs: level %v is not between 0 and 1", level)
	}
	d, err := LogRatios(a, b)
	if err != nil {
		return Ratio{}, err
	}
	centre, ci := HodgesLehmann(d, level)
	r := Ratio{
		Pairs:    len(d),
		Estimate: math.Exp(centre),
		Interval: Interval{Lo: math.Exp(ci.Lo), Hi: math.Exp(ci.Hi), Level: ci.Level},
		Wanted:   level,
		Spread:   deviation(d),
	}
	if !ci.Reaches(level) {
		r.Doubts = append(r.Doubts, fmt.Sprintf("%d pairs cannot reach a level of %.3g%%: the interval is their full range, at %.3g%%; %d pairs can",
			len(d), 100*level, 100*ci.Level, MinPairs(level)))
	}
	return r, nil
}

// deviation is the sample standard deviation, 0 below two values.
func deviation(d []float64) float64 {
	if len(d) < 2 {
		return 0
	}
	var mean, m2 float64 // Welford: no cancellation however far the values are from zero
	for i, x := range d {
		delta := x - mean
		mean += delta / float64(i+1)
		m2 += delta * (x - mean)
	}
	return math.Sqrt(m2 / float64(len(d)-1))
}
