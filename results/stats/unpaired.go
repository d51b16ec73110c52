package stats

import (
	"fmt"
	"math"
	"slices"

	moremath "github.com/aclements/go-moremath/stats"
)

// exactDifferences is the greatest number of differences, 50 times 50, for which the Mann-Whitney distribution is counted out.
// Above it the normal approximation is used; at a level of 0.95 the two differ there by less than 0.0005.
const exactDifferences = 2500

// Shift returns by how much y lies above x, two samples that are not paired: the median of all differences y_j - x_i
// (Hodges and Lehmann 1963), and the interval that holds every shift that the two-sided Mann-Whitney test does not reject. It
// runs from the k-th smallest to the k-th greatest difference, k being the greatest rank for which 2 P(U < k) is at most 1-level.
//
// The distribution without ties is used throughout, which with ties covers at least as often as its level says. R's
// wilcox.test turns to a normal approximation there.
//
// Time and memory grow with len(x) times len(y). If either is empty everything is NaN and the level zero.
func Shift(x, y []float64, level float64) (float64, Interval) {
	if len(x) == 0 || len(y) == 0 {
		return math.NaN(), Interval{Lo: math.NaN(), Hi: math.NaN()}
	}
	d := make([]float64, 0, len(x)*len(y))
	for _, to := range y {
		for _, from := range x {
			d = append(d, to-from)
		}
	}
	slices.Sort(d)
	k, reached := mannWhitneyCut(len(x), len(y), level)
	return middle(d), Interval{Lo: d[k-1], Hi: d[len(d)-k], Level: reached}
}

// MannWhitney returns the two-sided p value of "x and y have the same distribution" (Mann and Whitney 1947). It is the test
// that Shift inverts: p is at most 0.05 exactly when the interval of 95%, where it reaches that, leaves 0 out. With samples of
// m and n values it is not below 2/(m+n over n). If either is empty it is 1.
func MannWhitney(x, y []float64) float64 {
	notAbove := countDifferences(x, y, func(d float64) bool { return d <= 0 })
	notBelow := countDifferences(x, y, func(d float64) bool { return d >= 0 })
	return min(1, 2*mannWhitneyBelow(len(x), len(y), min(notAbove, notBelow)))
}

// shiftInside is EquivalenceP for samples that are not paired, by the test that Shift inverts.
func shiftInside(x, y []float64, rope float64) float64 {
	edge := math.Log1p(rope) + rounding
	below := countDifferences(x, y, func(d float64) bool { return d < -edge })
	above := countDifferences(x, y, func(d float64) bool { return d > edge })
	return mannWhitneyBelow(len(x), len(y), max(below, above))
}

func countDifferences(x, y []float64, counts func(float64) bool) int {
	n := 0
	for _, to := range y {
		for _, from := range x {
			if counts(to - from) {
				n++
			}
		}
	}
	return n
}

// mannWhitneyCut returns k, at least 1, and the level that the interval from the k-th difference to the k-th last reaches.
func mannWhitneyCut(m, n int, level float64) (k int, reached float64) {
	missed := func(k int) float64 { return 2 * mannWhitneyBelow(m, n, k-1) } // of the interval from k
	mean, variance := mannWhitneyMoments(m, n)
	k = max(0, int(mean-quantile((1+level)/2)*math.Sqrt(variance)+0.5)) // the normal approximation is where to begin
	for k > 0 && missed(k) > 1-level+1e-12 {
		k--
	}
	for missed(k+1) <= 1-level+1e-12 {
		k++
	}
	k = max(1, k) // even the full range may miss the level: give it, with the level it has
	return k, max(0, 1-missed(k))
}

// mannWhitneyBelow returns P(U <= u), U being how many of the m times n differences are positive when both samples come from
// one distribution: the one-sided p value when u differences are on the wrong side.
func mannWhitneyBelow(m, n, u int) float64 {
	switch {
	case u < 0:
		return 0
	case m*n > exactDifferences:
		mean, variance := mannWhitneyMoments(m, n)
		return normalBelow(u, mean, variance)
	}
	return moremath.UDist{N1: m, N2: n}.CDF(float64(u))
}

func mannWhitneyMoments(m, n int) (mean, variance float64) {
	mn := float64(m) * float64(n)
	return mn / 2, mn * float64(m+n+1) / 12
}

// MinBlocksUnpaired is MinBlocksFor for two campaigns of equally many blocks: how many each must have for CompareUnpaired to
// find a difference at all among so many comparisons. It is 4 for one comparison at a level of 0.95, 7 for 30.
func MinBlocksUnpaired(comparisons int, level float64) int {
	alpha := (1 - level) / float64(max(1, comparisons))
	n, least := 1, 1.0 // least = 2/(2n over n)
	for ; least > alpha*(1+1e-9); n++ {
		least *= float64(n+1) / float64(2*(2*n+1))
	}
	return n
}

// CompareUnpaired compares two campaigns: after as a multiple of before, from positive numbers of one block each. Blocks of one
// campaign have nothing to do with those of the other, so nothing is paired, and what changed on the machine between the
// two is part of the ratio and not of the interval. AgainstControls takes out what it did to all targets.
//
// The errors are those of Compare, and name the value.
func CompareUnpaired(before, after []float64, rope float64) (Comparison, error) {
	x, err := logs("before", before)
	if err != nil {
		return Comparison{}, err
	}
	y, err := logs("after", after)
	if err != nil {
		return Comparison{}, err
	}
	return CompareLogs(x, y, rope)
}

// CompareLogs is CompareUnpaired for values that are logarithms already, such as those of AgainstControls: the ratio is exp of
// the shift. The interval takes both samples for equal in shape; where they are about equal in size it forgives a spread that
// differs. P is that of MannWhitney. The ratio's pairs are the values of the smaller sample, and its spread is such that Judge's and
// Decide's blocks are those that each campaign should have: s^2/pairs is the sum of both samples' variances, each by its size.
func CompareLogs(before, after []float64, rope float64) (Comparison, error) {
	if err := checkROPE(rope); err != nil {
		return Comparison{}, err
	}
	for i, v := range slices.Concat(before, after) {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return Comparison{}, fmt.Errorf("compare campaigns: value %d of %d is %v: a logarithm is a finite number", i+1, len(before)+len(after), v)
		}
	}
	m, n := float64(len(before)), float64(len(after))
	shift, ci := Shift(before, after, Level)
	r := Ratio{
		Pairs:    min(len(before), len(after)),
		Estimate: math.Exp(shift),
		Interval: Interval{Lo: math.Exp(ci.Lo), Hi: math.Exp(ci.Hi), Level: ci.Level},
		Wanted:   Level,
	}
	if r.Pairs > 0 {
		s, t := deviation(before), deviation(after)
		r.Spread = math.Sqrt(min(m, n) * (s*s/m + t*t/n))
	}
	if !ci.Reaches(Level) {
		r.Doubts = append(r.Doubts, fmt.Sprintf("%d blocks before and %d after cannot reach a level of %.3g%%: the interval is their full range, at %.3g%%; %d of each can",
			len(before), len(after), 100*Level, 100*ci.Level, MinBlocksUnpaired(1, Level)))
	}
	return Comparison{Ratio: r, P: MannWhitney(before, after), EquivalenceP: shiftInside(before, after, rope), ROPE: rope, Unpaired: true}, nil
}
