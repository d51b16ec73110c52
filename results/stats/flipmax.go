package stats

import (
	"math"
	"math/rand/v2"
)

const (
	// maxExact is the greatest number of blocks whose sign patterns are all gone through for several comparisons at once.
	maxExact = 12
	// maxDraws is how many are drawn beyond that.
	maxDraws = 20_000
)

// SignFlipMax returns, for each of several series of differences, the one-sided p value of "its centre is above 0", such that the
// least of them is at most 0.05 in at most 5% of the cases where none is (Westfall and Young 1993, single step). Series share blocks,
// d[c][b] being the one of block b, NaN where the series has none: each toss of signs is that of whole blocks, so that what
// depends on the same blocks is no reason for a harsher correction, as it is for Bonferroni's.
//
// What is compared is the sum over the root of the sum of squares, which has the same scale in all series. Up to 12 blocks the p
// values are exact, and not below 1/2^n with n blocks in a series; above, 20,000 patterns are drawn from the seed, as in SignFlip.
// A series without differences other than 0 has 1.
func SignFlipMax(d [][]float64, seed uint64) []float64 {
	type value struct {
		block  int
		scaled float64
	}
	var use [][]value
	observed := make([]float64, 0, len(d))
	at := make([]int, len(d)) // in use; -1: nothing to say
	blocks := 0
	for c, series := range d {
		var sum, squares float64
		var values []value
		for b, x := range series {
			if !math.IsNaN(x) && x != 0 {
				values = append(values, value{b, x})
				sum, squares = sum+x, squares+x*x
			}
		}
		if at[c] = -1; squares == 0 {
			continue
		}
		for i := range values {
			values[i].scaled /= math.Sqrt(squares)
		}
		at[c] = len(use)
		use, observed, blocks = append(use, values), append(observed, sum/math.Sqrt(squares)), max(blocks, len(series))
	}
	hits := make([]int, len(use))
	patterns, drawn := flipPatterns(blocks, seed, func(signs []float64) {
		most := math.Inf(-1)
		for _, series := range use {
			var sum float64
			for _, v := range series {
				sum += signs[v.block] * v.scaled
			}
			most = max(most, sum)
		}
		for i, sum := range observed {
			if most >= sum-1e-9 {
				hits[i]++
			}
		}
	})
	ps := make([]float64, len(d))
	for c, i := range at {
		switch {
		case i < 0:
			ps[c] = 1
		case drawn:
			ps[c] = float64(1+hits[i]) / float64(1+patterns)
		default:
			ps[c] = float64(hits[i]) / float64(patterns)
		}
	}
	return ps
}

// flipPatterns goes through all patterns of signs of the blocks, or through some that are drawn.
func flipPatterns(blocks int, seed uint64, each func(signs []float64)) (patterns int, drawn bool) {
	signs := make([]float64, blocks)
	if blocks <= maxExact {
		for pattern := range 1 << blocks {
			for b := range signs {
				signs[b] = 1 - 2*float64(pattern>>b&1)
			}
			each(signs)
		}
		return 1 << blocks, false
	}
	rng := rand.New(rand.NewPCG(seed, 0x94d049bb133111eb))
	for range maxDraws {
		var bits uint64
		for b := range signs {
			if b%64 == 0 {
				bits = rng.Uint64()
			}
			signs[b] = 1 - 2*float64(bits&1)
			bits >>= 1
		}
		each(signs)
	}
	return maxDraws, true
}
