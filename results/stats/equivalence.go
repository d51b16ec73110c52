package stats

import "math"

// EquivalenceP returns the p value of "the centre of the log ratios is inside the region of practical equivalence", which
// reaches from 1/(1+rope) to 1+rope, ends included. It is the larger one of two one-sided signed-rank tests (Schuirmann 1987,
// TOST), against "at or below the lower end" and "at or above the upper end"; since one of these can be true only, no
// adjustment is needed (Berger and Hsu 1996).
//
// The tests are those that HodgesLehmann inverts, so that p is at most 0.05 exactly when the interval of 90% is inside the
// region, and at most 0.025 when that of 95% is. With n pairs it is not below 1/2^n. Without pairs it is 1.
func EquivalenceP(logRatios []float64, rope float64) float64 {
	edge := math.Log1p(rope) + rounding
	below, above := 0, 0
	for i, x := range logRatios {
		for _, y := range logRatios[i:] {
			switch w := x/2 + y/2; {
			case w < -edge:
				below++
			case w > edge:
				above++
			}
		}
	}
	return signedRankBelow(len(logRatios), max(below, above))
}

// BelowP returns the one-sided p value of "the centre of the differences is not above the edge", the edge included: the signed-rank
// test against "above". EquivalenceP is the larger of two of these. With n differences it is not below 1/2^n; without any it is 1.
func BelowP(d []float64, edge float64) float64 {
	above := 0
	for i, x := range d {
		for _, y := range d[i:] {
			if x/2+y/2 > edge+rounding {
				above++
			}
		}
	}
	return signedRankBelow(len(d), above)
}
