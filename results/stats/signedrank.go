package stats

import (
	"math"
	"slices"
)

// exactPairs is the greatest number of pairs for which the signed-rank distribution is counted out. Above it the
// normal approximation is used; there the two levels differ by less than 0.0005.
const exactPairs = 200

// HodgesLehmann returns the centre of paired differences, the median of all Walsh averages, and its interval, which holds
// every centre that the two-sided Wilcoxon signed-rank test does not reject.
//
// That interval runs from the k-th smallest to the k-th greatest Walsh average, where k is the greatest rank for
// which 2 P(V < k) is at most 1-level, V being the sum of the positive ranks when signs are coin tosses.
//
// Zeros and ties need no special case and lose nothing: Walsh averages are taken over all values, zeros included, and
// with ties the closed interval covers at least as often as its level says (the distribution without ties is the
// worst case). R's wilcox.test drops zeros and turns to a normal approximation there, so its figures differ then.
//
// Time and memory grow with the square of len(d). Without differences everything is NaN and the level zero.
func HodgesLehmann(d []float64, level float64) (float64, Interval) {
	if len(d) == 0 {
		return math.NaN(), Interval{Lo: math.NaN(), Hi: math.NaN()}
	}
	walsh := walshAverages(d)
	k, reached := signedRankCut(len(d), level)
	return middle(walsh), Interval{Lo: walsh[k-1], Hi: walsh[len(walsh)-k], Level: reached}
}

// walshAverages returns the means of all pairs, each value paired with itself too, sorted.
func walshAverages(d []float64) []float64 {
	w := make([]float64, 0, len(d)*(len(d)+1)/2)
	for i, x := range d {
		for _, y := range d[i:] {
			w = append(w, x/2+y/2)
		}
	}
	slices.Sort(w)
	return w
}

// signedRankCut returns k, at least 1, and the level that the interval from the k-th Walsh average to the k-th last
// reaches.
func signedRankCut(n int, level float64) (k int, reached float64) {
	if n > exactPairs {
		return signedRankCutNormal(n, level)
	}
	k, below := 0, 0.0 // below = P(V < k)
	for _, p := range signedRankProbabilities(n) {
		if 2*(below+p) > 1-level+1e-12 {
			break
		}
		below += p
		k++
	}
	if k == 0 { // even the full range misses the level: give it, with the level it has
		return 1, max(0, 1-2*math.Exp2(-float64(n)))
	}
	return k, 1 - 2*below
}

// signedRankProbabilities returns P(V = v) for v = 0 ... n(n+1)/2, counting subsets of the ranks by their sum. Adding
// rank r moves half of the mass up by r:
//
//	P_r(v) = P_{r-1}(v)/2 + P_{r-1}(v-r)/2
//
// Halving is exact in floating point, so the counts are too, up to rounding in the last sums of large n.
func signedRankProbabilities(n int) []float64 {
	p := make([]float64, n*(n+1)/2+1)
	p[0] = 1
	top := 0
	for r := 1; r <= n; r++ {
		top += r
		for v := top; v >= r; v-- {
			p[v] = p[v]/2 + p[v-r]/2
		}
		for v := range r {
			p[v] /= 2
		}
	}
	return p
}

// signedRankBelow returns P(V <= v), the one-sided p value when v Walsh averages are on the wrong side.
func signedRankBelow(n, v int) float64 {
	if n > exactPairs {
		m := float64(n)
		return normalBelow(v, m*(m+1)/4, m*(m+1)*(2*m+1)/24)
	}
	below := 0.0
	for _, p := range signedRankProbabilities(n)[:v+1] {
		below += p
	}
	return min(1, below)
}

// normalBelow is P(V <= v) for a whole number V that is normal but for its steps: with continuity correction.
func normalBelow(v int, mean, variance float64) float64 {
	return math.Erfc((mean-float64(v)-0.5)/math.Sqrt(2*variance)) / 2
}

// signedRankCutNormal is signedRankCut from the normal approximation with continuity correction.
func signedRankCutNormal(n int, level float64) (k int, reached float64) {
	m := float64(n)
	mean, sd := m*(m+1)/4, math.Sqrt(m*(m+1)*(2*m+1)/24)
	z := math.Sqrt2 * math.Erfinv(level)
	k = max(1, int(math.Floor(mean-z*sd+0.5)))
	return k, math.Erf((mean - float64(k) + 0.5) / sd / math.Sqrt2)
}
