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

// Better says which way a measure is good.
type Better int

// The two ways.
const (
	LowerIsBetter  Better = iota // latency, CPU, memory
	HigherIsBetter               // throughput
)

// Verdict is the answer to "is a better than b?".
type Verdict string

// The verdicts. Faster and slower stand for better and worse whatever the measure.
const (
	Faster       Verdict = "faster"
	Slower       Verdict = "slower"
	NoDifference Verdict = "no difference"
	Undecided    Verdict = "undecided"
)

// Decision is a verdict, and what would help where there is none.
type Decision struct {
	Verdict Verdict
	// Blocks is about how many blocks in all would decide, when the verdict is Undecided; else 0. See Judge.
	Blocks int
}

// Judge decides from the interval alone. The region of practical equivalence reaches from 1/(1+rope) to 1+rope.
//
//	         1/(1+rope)     1     1+rope
//	------------|-----------|-----------|------------>  a/b
//	               [-----------]                         no difference: inside the region
//	                    [-]                              no difference: not 1, but too close to matter
//	                             [-----------]           a is more: the interval leaves 1 out and is not inside
//	    [----]                                           a is less
//	                  [--------------------]             undecided: holds 1, and values that would matter
//	interval that does not reach its level               undecided
//
// So an interval that is too wide is the only way to be undecided, and more blocks are always the remedy.
//
// How many is estimated from the pairs seen so far: enough that an interval decides with a probability of 80%, if the true
// ratio is the estimate and the log ratios scatter normally with the spread they show. The centre's variance is
// spread^2/n * pi/3 then (pi/3 being what Hodges-Lehmann loses against the mean), and with c the distance of the log
// estimate from 0, e the region's edge and z the normal quantiles the smaller of
//
//	(z_0.975 + z_0.8)^2 * spread^2 * pi/3 / c^2        to tell the ratio from 1
//	(z_0.975 + z_0.9)^2 * spread^2 * pi/3 / (e-c)^2    to show that it is inside, where two ends may be missed
//
// It is a rough figure, as rough as a spread from a few pairs is, and below MinPairs it is MinPairs and no estimate.
func Judge(r Ratio, rope float64, better Better) Decision {
	least := MinPairs(r.Wanted)
	if !r.Interval.Reaches(r.Wanted) {
		return Decision{Verdict: Undecided, Blocks: max(least, r.Pairs+1)}
	}
	lo, hi := r.Interval.Lo, r.Interval.Hi
	edge := math.Log1p(rope)
	const rounding = 1e-12 // the region's ends belong to it
	switch {
	case math.Log(lo) >= -edge-rounding && math.Log(hi) <= edge+rounding:
		return Decision{Verdict: NoDifference}
	case lo > 1:
		return Decision{Verdict: more(better)}
	case hi < 1:
		return Decision{Verdict: less(better)}
	}
	return Decision{Verdict: Undecided, Blocks: max(least, r.Pairs+1, blocksNeeded(r, edge))}
}

func more(better Better) Verdict {
	if better == HigherIsBetter {
		return Faster
	}
	return Slower
}

func less(better Better) Verdict {
	if better == HigherIsBetter {
		return Slower
	}
	return Faster
}

// blocksNeeded is the formula above; edge is the log of the region's upper end.
func blocksNeeded(r Ratio, edge float64) int {
	const z975, z90, z80 = 1.959964, 1.281552, 0.841621
	variance := r.Spread * r.Spread * math.Pi / 3
	c := math.Abs(math.Log(r.Estimate))
	n := math.Pow(z975+z80, 2) * variance / (c * c)
	if c < edge {
		n = min(n, math.Pow(z975+z90, 2)*variance/((edge-c)*(edge-c)))
	}
	return int(math.Ceil(min(n, 1e6)))
}
