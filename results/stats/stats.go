// Package stats holds the mathematics by which trials are compared: paired over blocks, free of any assumption about the
// shape of their distribution but one, that a pair's log ratio scatters symmetrically around its centre. Pairs are independent
// of each other, or rounds of one rotation.
//
// It is pure: no input or output, no clock, no state; every function may be called from any goroutine, changes none
// of its arguments and keeps none of them. Random numbers come from a seed that the caller gives.
//
// What it is made of, and what the libraries at hand lack:
//
//   - Centre of paired differences: Hodges-Lehmann, the median of the Walsh averages (x_i+x_j)/2, i <= j.
//   - Interval: the Wilcoxon signed-rank test inverted, from the exact distribution up to 200 pairs. Neither
//     gonum/stat nor go-moremath/stats knows the signed-rank test.
//   - Two campaigns, before and after a change, share no blocks: Hodges-Lehmann's shift and Mann-Whitney's test, inverted
//     here, its distribution from go-moremath. AgainstControls takes out what befell all targets of a campaign.
//   - The same interval for a series of rounds, where neighbours are not independent: SeriesRatio.
//   - p value: the paired sign-flip test of Fisher and Pitman.
//   - Equivalence: the two one-sided signed-rank tests at the ends of a region.
//   - A claim of one side: BelowP, the signed-rank test at an edge; SignFlipMax, sign flips of several series that share blocks at
//     once, which a claim that some of them is above 0 needs; BinomialP for how often something happens.
//   - Many comparisons: Holm's adjustment, and what it leaves a comparison to decide: Compare, Holm, Decide in this order.
//   - Two equals that ran in one campaign: NoiseBound, what the machine does by itself.
//   - A choice among candidates: Stability, how often it stays the same when blocks are drawn anew; Clopper and Pearson's
//     interval from gonum's beta distribution.
//   - Median of one target: the order-statistic interval. go-moremath's QuantileCI has one, but picks order
//     statistics that are not symmetric, so that a measure and its negative get different intervals.
//
// What 12 blocks, a default campaign, can see. Spread is the standard deviation of a pair's log ratio from block to block
// (normal here), the region of equivalence is 5%, and the columns are the share of campaigns that give the verdict: "slower"
// where the target takes 5% more in truth, judged by itself (Judge) and as the only one that differs among 30 comparisons
// (Decide); "no difference" where both are the same (either). Six blocks, for Judge, show what a shorter campaign is worth.
//
//	          5% more is "slower"           the same is "no difference"
//	spread    6 blocks  12 blocks  of 30    6 blocks  12 blocks
//	1%        98%       98%        98%      100%      100%
//	2%        94%       98%        97%      91%       100%
//	3%        72%       98%        79%      52%       100%
//	5%        34%       83%        25%      9%        67%
//
// It does not reach 100%, since 5% more is the very end of the region: 2% of the intervals end below it, and say "no
// difference". TestPower checks the table, other tests that equals are "different" in at most 5% of the comparisons, and of
// the families, and that intervals of 95% hold the truth in 93 to 97% (six blocks, whose interval is their full range: 96.9%).
//
// Doubts travel inside the result: an interval says which level it reaches, a comparison which doubts it has.
//
// References: Hollander, Wolfe, Chicken, Nonparametric Statistical Methods, 3rd ed., sections 3.1 to 3.3 (signed rank, estimate
// and interval), 3.6 (order statistics), 4.1 to 4.3 (two samples).
package stats

import (
	"math"
	"slices"
)

// Level is the confidence level that this project's intervals are asked for.
const Level = 0.95

// Interval is a confidence interval, both ends included.
type Interval struct {
	Lo, Hi float64
	// Level is the confidence really reached, at least. It is usually above the level asked for, because ranks come
	// in steps, and below it where there are too few values: then the interval is their full range.
	Level float64
}

// Reaches tells whether the interval keeps the promise of a level.
func (i Interval) Reaches(level float64) bool { return i.Level >= level-1e-12 }

// MinPairs is the number of pairs or values from which an interval can reach a level at all: with n of them not even the
// full range covers more than 1 - 2/2^n. It is 6 for 0.95.
func MinPairs(level float64) int {
	return int(math.Ceil(math.Log2(2/(1-level)) - 1e-9))
}

// Median returns the median and its distribution-free interval, between the k-th value from below and the k-th from above
// with the greatest k that reaches the level. Without values everything is NaN and the level zero.
func Median(xs []float64, level float64) (float64, Interval) {
	n := len(xs)
	if n == 0 {
		return math.NaN(), Interval{Lo: math.NaN(), Hi: math.NaN()}
	}
	sorted := slices.Sorted(slices.Values(xs))
	k, tail := 1, math.Exp2(-float64(n)) // tail = P(B < k), B binomial(n, 1/2): fewer than k values below the median
	for {
		// One more value from each end, if that still reaches the level.
		wider := tail + binomialHalf(n, k)
		if 2*wider > 1-level+1e-12 || 2*(k+1) > n+1 {
			break
		}
		k, tail = k+1, wider
	}
	return middle(sorted), Interval{Lo: sorted[k-1], Hi: sorted[n-k], Level: max(0, 1-2*tail)}
}

// binomialHalf is P(B = k) for n tosses of a fair coin.
func binomialHalf(n, k int) float64 {
	lg := func(x int) float64 { v, _ := math.Lgamma(float64(x) + 1); return v }
	return math.Exp(lg(n) - lg(k) - lg(n-k) - float64(n)*math.Ln2)
}

// middle is the median of sorted values, of which there is at least one.
func middle(sorted []float64) float64 {
	n := len(sorted)
	if n%2 == 1 {
		return sorted[n/2]
	}
	return sorted[n/2-1]/2 + sorted[n/2]/2
}
