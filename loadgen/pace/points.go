package pace

import (
	"encoding/binary"
	"math/rand/v2"
)

// points are those of one share, on the line where the whole schedule has one per unit.
type points struct {
	rng  *rand.Rand // nil: evenly spaced
	n    uint64     // evenly spaced: the next point
	sum  float64    // random: the last point
	step uint64     // how many shares there are
}

// next returns the next point. Even ones are counted, not added up, so no rounding error
// accumulates: up to 2^53 they are exact. Random ones are added up, which moves a point by
// no more than its own last digit and so makes no difference to their distribution; after
// a day of a million per second that digit is 2e-5 of the mean interval.
func (p *points) next() float64 {
	if p.rng == nil {
		x := float64(p.n)
		p.n += p.step
		return x
	}
	p.sum += p.rng.ExpFloat64() * float64(p.step)
	return p.sum
}

// newPoints returns the points of a share. Random shares draw from streams that are keyed
// by the seed and the share, and so are independent of each other.
func newPoints(poisson bool, seed uint64, share, shares int) points {
	p := points{n: uint64(share), step: uint64(shares)}
	if poisson {
		key := [32]byte{16: 'p', 17: 'a', 18: 'c', 19: 'e'}
		binary.LittleEndian.PutUint64(key[0:], seed)
		binary.LittleEndian.PutUint64(key[8:], uint64(share))
		p.rng = rand.New(rand.NewChaCha8(key))
	}
	return p
}
