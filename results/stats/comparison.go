package stats

import (
	"fmt"
	"math"
)

// Comparison is all that one comparison has to say, before it is known how many others there are in its family.
type Comparison struct {
	Ratio Ratio
	// P is the two-sided p value of "no difference at all", not adjusted. 1 without pairs.
	P float64
	// EquivalenceP is that of "outside the region of practical equivalence": small is proof of no difference that matters.
	EquivalenceP float64
	// ROPE is the region's half width as a fraction: it reaches from 1/(1+ROPE) to 1+ROPE.
	ROPE float64
	// Unpaired is true for two campaigns against each other: blocks are then those of each.
	Unpaired bool
}

// minBlocks is from how many blocks a family of such comparisons can find a difference.
func (c Comparison) minBlocks(family int) int {
	if c.Unpaired {
		return MinBlocksUnpaired(family, Level)
	}
	return MinBlocksFor(family, Level)
}

// Compare compares a with b pair by pair, as CompareRatio does at Level, with the p values of SignFlip and EquivalenceP.
// The seed is used above 32 pairs only. Errors are those of LogRatios, and a region that is negative or not finite.
func Compare(a, b []float64, rope float64, seed uint64) (Comparison, error) {
	if err := checkROPE(rope); err != nil {
		return Comparison{}, err
	}
	r, err := CompareRatio(a, b, Level)
	if err != nil {
		return Comparison{}, err
	}
	d, err := LogRatios(a, b)
	if err != nil {
		return Comparison{}, err
	}
	p, _ := SignFlip(d, seed)
	return Comparison{Ratio: r, P: p, EquivalenceP: EquivalenceP(d, rope), ROPE: rope}, nil
}

func checkROPE(rope float64) error {
	if !(rope >= 0) || math.IsInf(rope, 1) {
		return fmt.Errorf("compare: a region of practical equivalence of %v: it is a fraction from 0 up", rope)
	}
	return nil
}

// Decide judges a comparison as one of a family. Adjusted is its P after Holm over that family, and family the number of
// comparisons that were adjusted together (at least 1).
//
//	interval below its level                                                 undecided
//	interval inside the region of practical equivalence                      no difference
//	interval leaves 1 out, is not inside, and adjusted <= 0.05               faster or slower
//	else                                                                     undecided
//
// How often it errs:
//
//   - Faster or slower, where the two are the same: at most 5% for at least one such error in the whole family. It is
//     the sign-flip test that says so; that the interval must leave 1 out too can only make it rarer, and gives the verdict
//     its direction, which is then wrong in at most 2.5% of the cases.
//   - No difference, where the true ratio is outside the region: at most 2.5% for each comparison, as the interval of 95%
//     is two one-sided tests of 2.5%. It is not adjusted: of 40 such pairs, one would be missed. For a family-wise bound
//     apply Holm to EquivalenceP.
//   - Undecided is no claim and so no error.
//
// Judge is the same without adjustment ("screening"), for campaigns whose blocks are fewer than MinBlocksFor(family) or
// MinBlocksUnpaired(family): there no difference could be found at all. Each of its verdicts then errs with a probability of
// 5%, and the family with more.
//
// The blocks that would help are those of Judge, but to tell the ratio from 1 at the level of Bonferroni, 0.05/family. That
// is an upper bound: Holm asks so much of the smallest p value only. As few blocks need more than quantiles of the normal
// distribution say, z^2/2 are added, or z^2/4 where each of two campaigns has that many, z being that of the test's level
// (Guenther 1981).
func Decide(c Comparison, adjusted float64, family int, better Better) Decision {
	r := c.Ratio
	least := c.minBlocks(family)
	if !r.Interval.Reaches(r.Wanted) {
		return Decision{Verdict: Undecided, Blocks: max(least, r.Pairs+1)}
	}
	edge := math.Log1p(c.ROPE)
	switch significant := adjusted <= 1-Level+rounding; {
	case inside(r.Interval, edge):
		return Decision{Verdict: NoDifference}
	case significant && r.Interval.Lo > 1:
		return Decision{Verdict: more(better)}
	case significant && r.Interval.Hi < 1:
		return Decision{Verdict: less(better)}
	}
	alpha := (1 - Level) / float64(max(1, family))
	differ := max(least, blocksToDiffer(r, alpha)+c.smallSample(alpha))
	fit := max(c.minBlocks(1), blocksToFit(r, edge)+c.smallSample(1-Level))
	return Decision{Verdict: Undecided, Blocks: max(r.Pairs+1, min(differ, fit))}
}

// smallSample is how many blocks a two-sided test at level alpha needs beyond what the normal distribution says.
func (c Comparison) smallSample(alpha float64) int {
	z := quantile(1 - alpha/2)
	if c.Unpaired {
		return int(math.Ceil(z * z / 4))
	}
	return int(math.Ceil(z * z / 2))
}
