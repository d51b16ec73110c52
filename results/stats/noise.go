package stats

import "math"

// NoiseBound says how far apart a campaign puts equals: an upper bound, at a level of 95%, of what the ratio of a target to itself
// is off 1, as a fraction (0.03: between 1/1.03 and 1.03). Each pair is the log ratios, by block, of a target that ran twice.
// A region of practical equivalence that is widened to it holds what the machine does by itself.
//
// The bound of a pair is the end of its 90% interval (HodgesLehmann) that is farther from 0, since each end is missed by 5%.
// The greatest of several bounds holds for all pairs with the same 95%, however many they are: it is at least the bound of
// that pair which is farthest off in truth, and that is missed by 5%.
//
// Reached is the level of the least certain pair, below 0.95 where it has fewer than 5 blocks: the bound is then that of its
// full range. Pairs without blocks say nothing; if there is no other, both results are 0.
func NoiseBound(pairs ...[]float64) (bound, reached float64) {
	said := false
	for _, logRatios := range pairs {
		if len(logRatios) == 0 {
			continue
		}
		_, ci := HodgesLehmann(logRatios, 0.9)
		bound = max(bound, math.Expm1(max(-ci.Lo, ci.Hi)))
		if level := (1 + ci.Level) / 2; !said || level < reached {
			reached = level
		}
		said = true
	}
	return bound, reached
}
