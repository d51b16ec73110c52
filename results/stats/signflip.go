package stats

import (
	"math"
	"math/rand/v2"
)

const (
	// flipExact is the greatest number of pairs whose 2^n sign patterns are all gone through.
	flipExact = 20
	// flipDraws is how many patterns are drawn beyond that: the standard error of a p of 0.05 is then 0.0007.
	flipDraws = 100_000
)

// SignFlip returns the two-sided p value of the paired sign-flip test (Fisher 1935, Pitman 1937): how often the differences
// would add up to at least as much, either way, if each one's sign were tossed. Up to 20 pairs it is exact; above,
// 100,000 patterns are drawn from the seed and p = (1+hits)/(1+draws), which never is zero (Phipson and Smyth 2010).
//
// Sums that differ by less than 1e-9 of the greatest possible are equal, as they would be without rounding. Zeros stay in
// and count for nothing, whatever their sign. Without differences p is 1.
func SignFlip(d []float64, seed uint64) (p float64, exact bool) {
	var sum, most float64
	for _, x := range d {
		sum += x
		most += math.Abs(x)
	}
	limit := math.Abs(sum) - 1e-9*most
	if len(d) <= flipExact {
		patterns := math.Exp2(float64(len(d)))
		return float64(flipAll(d, 0, limit)) / patterns, true
	}
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	hits := 0
	for range flipDraws {
		if math.Abs(flipOnce(d, rng)) >= limit {
			hits++
		}
	}
	return float64(1+hits) / float64(1+flipDraws), false
}

// flipAll counts the sign patterns of d whose sum, added to what earlier signs gave, reaches the limit either way. It goes
// down a tree, one level per pair, so that a sum has n roundings and not 2^n as it would if patterns were stepped through.
func flipAll(d []float64, sum, limit float64) int {
	if len(d) == 0 {
		if math.Abs(sum) >= limit {
			return 1
		}
		return 0
	}
	return flipAll(d[1:], sum+d[0], limit) + flipAll(d[1:], sum-d[0], limit)
}

// flipOnce is the sum under signs that are tossed, 64 at a time.
func flipOnce(d []float64, rng *rand.Rand) float64 {
	var sum float64
	var bits uint64
	for i, x := range d {
		if i%64 == 0 {
			bits = rng.Uint64()
		}
		if bits&1 == 0 {
			sum += x
		} else {
			sum -= x
		}
		bits >>= 1
	}
	return sum
}
