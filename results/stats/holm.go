package stats

import (
	"cmp"
	"math"
	"slices"
)

// Holm adjusts the p values of a family of comparisons (Holm 1979), in the order given: whoever takes for different what
// has an adjusted value of at most 0.05 errs anywhere in the family with a probability of at most 5%, however many of the
// comparisons are of equals and however they depend on each other.
//
// The i-th smallest of m is multiplied by m-i+1, is not below the adjusted value before it, and not above 1. NaN stands for a
// comparison that could not be made: it stays NaN and is not counted. R's p.adjust does the same.
func Holm(p []float64) []float64 {
	adjusted := make([]float64, len(p))
	order := make([]int, 0, len(p))
	for i, v := range p {
		adjusted[i] = v
		if !math.IsNaN(v) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(p[i], p[j]) })
	before := 0.0
	for rank, i := range order {
		before = min(1, max(before, p[i]*float64(len(order)-rank)))
		adjusted[i] = before
	}
	return adjusted
}

// MinBlocksFor is the number of blocks from which a family of so many comparisons can find a difference at all: with n
// of them no sign-flip p value is below 2/2^n, and the smallest of the family is multiplied by their number. It is 6 for one
// comparison at a level of 0.95, 11 for 30. Below one comparison it is that of one.
func MinBlocksFor(comparisons int, level float64) int {
	return MinPairs(1 - (1-level)/float64(max(1, comparisons)))
}
