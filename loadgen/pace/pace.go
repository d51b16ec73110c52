// Package pace says when requests are due.
//
// A Pacer gives due times as offsets from the moment the load on a target began.
// It is pure: it reads no clock and never waits, so the caller can be late but the
// schedule cannot. Whoever sends compares an offset with a clock of its own; a
// request that leaves late keeps its due time, and the wait shows in its latency.
//
// A load that runs in several threads gives each a share of its own, and the shares
// together are the whole schedule:
//
//	whole     0    1    2    3    4    5     period 1/rate
//	share 0   0         2         4          Constant(rate, 0, 2)
//	share 1        1         3         5     Constant(rate, 1, 2)
//
// A Pacer belongs to one thread; it is not safe for concurrent use.
package pace

import (
	"fmt"
	"math"
	"time"
)

// A Pacer yields the due times of successive requests.
type Pacer interface {
	// Next returns the offset of the next request, never less than the one before.
	Next() time.Duration
}

// Limits of a rate in requests per second. The upper one is where the period
// becomes shorter than the clock's unit; the lower one is a request in 17 minutes.
const (
	MinRate = 1e-3
	MaxRate = 1e9
)

// Constant returns share number share (from 0) of shares of a schedule with
// perSecond requests per second, evenly spaced, the first at offset 0 of the whole.
// It fails if the rate is outside MinRate..MaxRate or the share does not exist.
func Constant(perSecond float64, share, shares int) (Pacer, error) {
	if !(perSecond >= MinRate && perSecond <= MaxRate) {
		return nil, fmt.Errorf("rate %g is not between %g and %g requests per second", perSecond, MinRate, MaxRate)
	}
	if share < 0 || share >= shares {
		return nil, fmt.Errorf("no share %d of %d", share, shares)
	}
	return &constant{period: 1e9 / perSecond, next: uint64(share), step: uint64(shares)}, nil
}

// constant multiplies instead of adding the period up, so that no rounding error
// accumulates: at 2^53 requests the product is still exact to the nanosecond's scale.
type constant struct {
	period     float64 // ns
	next, step uint64  // number of the next request, and how many belong to all shares
}

func (c *constant) Next() time.Duration {
	at := math.Round(float64(c.next) * c.period)
	c.next += c.step
	return time.Duration(at)
}
