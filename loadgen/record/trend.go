package record

import (
	"math"
	"slices"
)

// Thresholds of a Trend, both of which it must exceed to count.
const (
	TrendLevel  = 0.01 // of the test: how often a server without a trend may show one
	TrendFloor  = 0.10 // of the drift: what is smaller does not matter
	TrendValues = 40   // fewer are not tested
)

// trendParts is the least number of values that longer series are averaged down to, and
// trendCorrelation the greatest correlation of neighbours that is not a trend itself.
const (
	trendParts       = 100
	trendCorrelation = 0.7
)

// A Trend says whether something drifted from the beginning of the measured time to its
// end, or only went up and down. The zero value is "not tested".
type Trend struct {
	Values   int     // that were tested; 0 if there were fewer than TrendValues
	From, To float64 // ends of the line through them (Theil, Sen)
	Drift    float64 // To-From as a share of the median value; -0.2 is a fifth less at the end
	P        float64 // how often values without a trend would seem to have as much of one
}

// Significant reports whether there is a trend: P is below TrendLevel and the drift, in
// either direction, above TrendFloor.
func (t Trend) Significant() bool {
	return t.Values > 0 && t.P < TrendLevel && math.Abs(t.Drift) > TrendFloor
}

// NewTrend tests values in the order of time, each of an equally long stretch: such as the
// throughput of each part of a window. See Beside for the values of a rotation. They are
// not negative, and not changed.
//
// The test is Mann and Kendall's, which asks of each pair of values whether the later is
// greater. Neighbours are alike even where there is no trend, and the test then rejects far
// too often: at a level of 1%, values whose correlation is 0.6 are rejected in 18%. Hamed and
// Rao ("A modified Mann-Kendall trend test for autocorrelated data", J. Hydrology 204, 1998)
// widen its variance by the autocorrelation of the ranks that the line leaves, which brings
// it to 9%, since they take the correlations of few values as they come. So here
//   - the correlation at distance k is taken to be r^k, r being that of neighbours;
//   - r is raised by what removing a line makes it too small, (2+4r)/n, and is 0.7 at most:
//     values more alike than that are what a trend, or a step, looks like.
//
// Of 100 values without a trend that rejects 0.6, 1.1 and 1.6% for correlations of 0, 0.3 and
// 0.6; of 60 it rejects 0.5 to 1.9%. A step of 15% half way is found in 95% or more where
// values scatter by 6%. More than 199 values are averaged with their neighbours, until 100 to
// 199 are left.
func NewTrend(values []float64) Trend {
	if len(values) < TrendValues {
		return Trend{}
	}
	x := average(values, max(1, len(values)/trendParts))
	s, slope := kendall(x)
	t := Trend{Values: len(values), P: 1}
	rest := make([]float64, len(x))
	for i, v := range x {
		rest[i] = v - slope*float64(i)
	}
	start := median(rest)
	t.From, t.To = start-slope/2, start+slope*(float64(len(x))-0.5)
	if middle := median(x); middle > 0 {
		t.Drift = (t.To - t.From) / middle
	}
	variance := kendallVariance(x) * dependence(centredRanks(rest))
	if variance > 0 && s != 0 {
		t.P = math.Erfc((math.Abs(s) - 1) / math.Sqrt(2*variance))
	}
	return t
}

// Beside returns what NewTrend is to test for one target of a rotation: its values, round
// by round, as multiples of those that the other targets had in the same round, each
// target's values in units of their own mean. Drift of the whole machine cancels. Of two
// targets that drift apart it cannot tell which one drifts.
//
// values[i] are those of target i; all are equally long. Rounds in which the others had
// nothing are left out.
func Beside(values [][]float64, target int) []float64 {
	means := make([]float64, len(values))
	for i, v := range values {
		means[i] = mean(v)
	}
	var beside []float64
	for round, own := range values[target] {
		others, living := 0.0, 0.0
		for i, v := range values {
			if i != target && means[i] > 0 {
				others += v[round] / means[i]
				living++
			}
		}
		if others > 0 && means[target] > 0 {
			beside = append(beside, own/means[target]/(others/living))
		}
	}
	return beside
}

// kendall returns how many more pairs rise than fall, and the median slope of all pairs.
func kendall(x []float64) (s, slope float64) {
	slopes := make([]float64, 0, len(x)*(len(x)-1)/2)
	for j := range x {
		for i := range j {
			s += sign(x[j] - x[i])
			slopes = append(slopes, (x[j]-x[i])/float64(j-i))
		}
	}
	return s, median(slopes)
}

// kendallVariance is the variance of s for independent values; equal ones lower it.
func kendallVariance(x []float64) float64 {
	term := func(n float64) float64 { return n * (n - 1) * (2*n + 5) }
	v := term(float64(len(x)))
	sorted := slices.Sorted(slices.Values(x))
	for from := 0; from < len(sorted); {
		to := from + 1
		for to < len(sorted) && sorted[to] == sorted[from] {
			to++
		}
		v -= term(float64(to - from))
		from = to
	}
	return v / 18
}

// dependence returns by what factor correlation widens that variance: Hamed and Rao's sum,
// with correlations that fall off geometrically. Where neighbours oppose each other it is 1.
func dependence(ranks []float64) float64 {
	n := float64(len(ranks))
	squares, products := 0.0, 0.0
	for i, r := range ranks {
		squares += r * r
		if i > 0 {
			products += r * ranks[i-1]
		}
	}
	if squares == 0 {
		return 1
	}
	r := products / squares
	r = min(max(r+(2+4*r)/n, 0), trendCorrelation)
	sum, correlation := 0.0, 1.0
	for k := 1.0; k < n-2; k++ {
		correlation *= r
		sum += (n - k) * (n - k - 1) * (n - k - 2) * correlation
	}
	return 1 + 2*sum/(n*(n-1)*(n-2))
}

// centredRanks returns the ranks of x less their mean; values that are equal but for
// rounding share theirs.
func centredRanks(x []float64) []float64 {
	rounding := 1e-9 * max(slices.Max(x), -slices.Min(x))
	ranks := make([]float64, len(x))
	for i := range x {
		for j := range x {
			if d := x[i] - x[j]; math.Abs(d) > rounding {
				ranks[i] += sign(d) / 2
			}
		}
	}
	return ranks
}

func sign(v float64) float64 {
	switch {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// average returns the means of groups of neighbours, without a last group that is short.
func average(x []float64, group int) []float64 {
	means := make([]float64, len(x)/group)
	for i := range means {
		means[i] = mean(x[i*group : (i+1)*group])
	}
	return means
}

func mean(x []float64) float64 {
	sum := 0.0
	for _, v := range x {
		sum += v
	}
	return sum / float64(len(x))
}

// median returns the middle of x, which is not changed.
func median(x []float64) float64 {
	s := slices.Sorted(slices.Values(x))
	return (s[(len(s)-1)/2] + s[len(s)/2]) / 2
}
