package stats

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

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
	switch {
	case inside(r.Interval, edge):
		return Decision{Verdict: NoDifference}
	case lo > 1:
		return Decision{Verdict: more(better)}
	case hi < 1:
		return Decision{Verdict: less(better)}
	}
	return Decision{Verdict: Undecided, Blocks: max(least, r.Pairs+1, blocksNeeded(r, edge))}
}

// rounding is what logarithms that are equal may differ by: the region's ends belong to it.
const rounding = 1e-12

// inside reports whether a ratio's interval lies in the region whose upper end has the log edge.
func inside(i Interval, edge float64) bool {
	return math.Log(i.Lo) >= -edge-rounding && math.Log(i.Hi) <= edge+rounding
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

// blocksNeeded is the smaller of the formulas above; edge is the log of the region's upper end.
func blocksNeeded(r Ratio, edge float64) int {
	return min(blocksToDiffer(r, 1-Level), blocksToFit(r, edge))
}

// blocksToDiffer is about how many blocks tell the ratio from 1 in four of five campaigns, by a two-sided test that errs
// with a probability of alpha.
func blocksToDiffer(r Ratio, alpha float64) int {
	return blocksFor(quantile(1-alpha/2)+quantile(0.8), r.Spread, math.Log(r.Estimate))
}

// blocksToFit is about how many show that the ratio is inside the region. The probability to miss is shared by its two ends.
func blocksToFit(r Ratio, edge float64) int {
	return blocksFor(quantile(0.975)+quantile(0.9), r.Spread, max(0, edge-math.Abs(math.Log(r.Estimate))))
}

// blocksFor is the number at which a distance is z standard errors of the Hodges-Lehmann centre; a million for "never".
func blocksFor(z, spread, distance float64) int {
	return int(math.Ceil(min(z*z*spread*spread*math.Pi/3/(distance*distance), 1e6)))
}

// quantile is that of the standard normal distribution.
func quantile(p float64) float64 { return distuv.UnitNormal.Quantile(p) }
