package stats

import (
	"math/rand/v2"

	"gonum.org/v1/gonum/stat/distuv"
)

// Resamples is how often Stability draws.
const Resamples = 2000

// Frequency is how often something happened in a number of tries.
type Frequency struct {
	Hits, Tries int
	// Interval is that of the frequency in the long run, by Clopper and Pearson.
	Interval Interval
}

// Share is Hits/Tries, 0 without tries.
func (f Frequency) Share() float64 { return float64(f.Hits) / float64(max(1, f.Tries)) }

// Stability asks how firmly a choice among candidates rests on the blocks that happened to be measured. It draws as many
// blocks as there are, with replacement (Efron's bootstrap), 2,000 times, asks winner for the best candidate of each draw, and
// returns how often each one won. That is stability, not the probability that the candidate is the best: what all
// blocks share, such as the machine, no draw can vary, and few blocks vary too little. The intervals are about the
// 2,000 draws only.
//
// Winner gets indices below blocks, which it must not keep, and returns an index below candidates; -1, or anything else,
// stands for "none" and counts for nobody. It is called from this goroutine. The same seed gives the same draws. Without blocks
// there are no tries.
func Stability(blocks, candidates int, seed uint64, winner func(sample []int) int) []Frequency {
	tries := Resamples
	if blocks <= 0 {
		tries = 0
	}
	rng := rand.New(rand.NewPCG(seed, 0xbf58476d1ce4e5b9))
	wins := make([]int, candidates)
	sample := make([]int, max(0, blocks))
	for range tries {
		for i := range sample {
			sample[i] = rng.IntN(blocks)
		}
		if w := winner(sample); w >= 0 && w < candidates {
			wins[w]++
		}
	}
	frequencies := make([]Frequency, candidates)
	for c, hits := range wins {
		frequencies[c] = Frequency{Hits: hits, Tries: tries, Interval: ClopperPearson(hits, tries, Level)}
	}
	return frequencies
}

// ClopperPearson returns the exact interval of a probability from hits among tries (Clopper and Pearson 1934): it holds the
// probability at least as often as its level says. Without tries it is 0 to 1. Hits are 0 to tries, level is between 0 and 1.
func ClopperPearson(hits, tries int, level float64) Interval {
	ci := Interval{Lo: 0, Hi: 1, Level: level}
	k, n := float64(hits), float64(tries)
	if hits > 0 {
		ci.Lo = distuv.Beta{Alpha: k, Beta: n - k + 1}.Quantile((1 - level) / 2)
	}
	if hits < tries {
		ci.Hi = distuv.Beta{Alpha: k + 1, Beta: n - k}.Quantile((1 + level) / 2)
	}
	return ci
}

// BinomialP returns the two-sided p value of a probability of hits in tries: twice the smaller tail, so that it is at most 0.05
// exactly when ClopperPearson's interval of 95% leaves the probability out. Without tries it is 1. The probability is between 0 and 1.
func BinomialP(hits, tries int, probability float64) float64 {
	b := distuv.Binomial{N: float64(tries), P: probability}
	atMost, atLeast := 1.0, 1.0
	if hits < tries {
		atMost = b.CDF(float64(hits))
	}
	if hits > 0 {
		atLeast = b.Survival(float64(hits - 1))
	}
	return min(1, 2*min(atMost, atLeast))
}
