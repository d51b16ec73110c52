package stats

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	// flipExact is the greatest number of pairs whose sign patterns are all counted: the time doubles with each two more.
	flipExact = 32
	// flipDraws is how many patterns are drawn beyond that: the standard error of a p of 0.05 is then 0.0007.
	flipDraws = 100_000
)

// SignFlip returns the two-sided p value of the paired sign-flip test (Fisher 1935, Pitman 1937): how often the differences
// would add up to at least as much, either way, if each one's sign were tossed. Up to 32 pairs it is exact; above,
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
	switch {
	case limit <= 0: // every pattern reaches nothing
		return 1, true
	case len(d) <= flipExact:
		return flipAll(d, limit), true
	}
	rng := rand.New(rand.NewPCG(seed, 0x9e3779b97f4a7c15))
	eights := eightSums(d)
	hits := 0
	for range flipDraws {
		if math.Abs(flipOnce(eights, rng)) >= limit {
			hits++
		}
	}
	return float64(1+hits) / float64(1+flipDraws), false
}

// flipAll returns the share of the sign patterns of d, which is not empty, whose sum reaches the limit, above 0, either way.
// The sums of the first half of d and those of the second, sorted, are met in the middle (Horowitz and Sahni 1974): as
// the one rises, the other that reaches the limit with it falls, so 2^n pairs of sums are counted in 2^(n/2) steps.
//
// Tossing all signs mirrors the sum, so the patterns that leave the first sign as it is stand for all.
func flipAll(d []float64, limit float64) float64 {
	half := (len(d) + 1) / 2
	left, right := signSums(d[0], d[1:half]), signSums(0, d[half:])
	count, above, below := 0, len(right), len(right)
	for _, s := range left {
		for above > 0 && s+right[above-1] >= limit {
			above--
		}
		for below > 0 && s+right[below-1] > -limit {
			below--
		}
		count += len(right) - above + below // right[above:] reach the limit with s, right[:below] its mirror image
	}
	return float64(count) / math.Exp2(float64(len(d)-1))
}

// signSums returns the sums of first and the values of d under all patterns of their signs, sorted.
func signSums(first float64, d []float64) []float64 {
	sums := append(make([]float64, 0, 1<<len(d)), first)
	for _, x := range d {
		for i, s := range sums {
			sums[i] = s + x
			sums = append(sums, s-x)
		}
	}
	slices.Sort(sums)
	return sums
}

// eightSums returns, for each eight values, their sum under each of the 256 patterns of signs: a set bit is a minus.
func eightSums(d []float64) [][256]float64 {
	sums := make([][256]float64, (len(d)+7)/8)
	for i, x := range d {
		table, bit := &sums[i/8], 1<<(i%8)
		for pattern := range table {
			if pattern&bit == 0 {
				table[pattern] += x
			} else {
				table[pattern] -= x
			}
		}
	}
	return sums
}

// flipOnce is the sum under signs that are tossed, 64 at a time.
func flipOnce(eights [][256]float64, rng *rand.Rand) float64 {
	var sum float64
	var bits uint64
	for i := range eights {
		if i%8 == 0 {
			bits = rng.Uint64()
		}
		sum += eights[i][bits&0xff]
		bits >>= 8
	}
	return sum
}
