// Package pace says when requests are due.
//
// A Schedule is the plan: a rate that may change over time, and arrivals that are evenly
// spaced or random. Its Pacers give due times as offsets from the moment the load on a
// target began. All of it is pure: nothing here reads a clock or waits, so the caller can
// be late but the schedule cannot. Whoever sends compares an offset with a clock of its
// own; a request that leaves late keeps its due time, and the wait shows in its latency.
//
// There is one mechanism. Points are laid out on a line on which one request is due per
// unit: the whole numbers for constant arrivals, a Poisson process of rate 1 for random
// ones. The profile of the rate bends that line: with L(t) the requests due before t, the
// integral of the rate, a point at x is due at L^-1(x).
//
//	requests  x |            ____/       constant: x = 0, 1, 2, 3 ...
//	            |        ___/            Poisson:  x = sums of Exp(1)
//	          3 |-------/                due at    t = L^-1(x)
//	          2 |------/ |
//	          1 |---/  | |               a ramp bends the line, warm-up comes before it
//	          0 +--|---|-|----------  t
//
// A load that runs in several threads gives each a share of its own, and the shares
// together are the whole schedule. Constant arrivals interleave; Poisson shares are
// independent processes of a part of the rate, whose superposition is the whole process:
//
//	whole     0    1    2    3    4    5
//	share 0   0         2         4
//	share 1        1         3         5
//
// A Fit tells afterwards whether what was sent was a Poisson process.
//
// A Pacer or a Fit belongs to one thread; the other types are values that may be shared.
package pace

import (
	"fmt"
	"time"
)

// A Pacer yields the due times of successive requests.
type Pacer interface {
	// Next returns the offset of the next request, never less than the one before, and
	// Never when no request is due any more. It does not allocate.
	Next() time.Duration
}

// Never is the offset of a request that will not be due: 146 years, which leaves room
// for adding a clock's reading to it.
const Never = time.Duration(1) << 62

// Limits of a rate in requests per second. The upper one is where the period
// becomes shorter than the clock's unit; the lower one is a request in 17 minutes.
const (
	MinRate = 1e-3
	MaxRate = 1e9
)

func checkRate(perSecond float64) error {
	if !(perSecond >= MinRate && perSecond <= MaxRate) {
		return fmt.Errorf("rate %g is not between %g and %g requests per second", perSecond, MinRate, MaxRate)
	}
	return nil
}

// pacer sends points through the inverse of the profile.
type pacer struct {
	points points
	parts  []part
	at     int // the part that the last point fell into
	last   float64
}

func (p *pacer) Next() time.Duration {
	x := p.points.next()
	for x >= p.parts[p.at].end {
		if p.at == len(p.parts)-1 {
			return Never
		}
		p.at++
	}
	// Where two parts meet, rounding could put a point before the one that it follows.
	p.last = min(max(p.parts[p.at].when(x), p.last), float64(Never))
	return time.Duration(p.last + 0.5) // rounds; is never negative
}
