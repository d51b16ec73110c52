package pace

import (
	"math"
	"sort"
	"time"
)

// A Profile is a rate over time: straight pieces, the last of which goes on for ever.
// It is a value that may be shared; its zero value has no requests.
type Profile struct {
	parts []part
}

// forever is the length of the last part.
var forever = math.Inf(1)

// A part is a stretch of time on which the rate is a straight line.
//
//	rate  |         ____
//	      |     ___/            count: requests due before from
//	      | ___/                end:   requests due before until
//	      +-|--------|------ t
//	       from    until
type part struct {
	from, until float64 // ns; until is infinite in the last part
	count, end  float64 // requests; end is infinite if until is, unless the rate is 0
	rate        float64 // requests per ns, at from
	slope       float64 // by how much that grows per ns
	period      float64 // ns between two requests, where slope is 0
}

// when returns at what time x requests were due before; x lies between count and end.
func (p *part) when(x float64) float64 {
	x -= p.count
	if p.slope == 0 {
		return p.from + x*p.period
	}
	if x <= 0 {
		return p.from
	}
	// rate*t + slope*t^2/2 = x, solved so that nothing cancels however small the slope is.
	root := math.Sqrt(max(0, p.rate*p.rate+2*p.slope*x))
	return min(p.until, p.from+2*x/(p.rate+root))
}

// before returns how many requests are due before t, which lies between from and until.
func (p *part) before(t float64) float64 {
	t -= p.from
	return p.count + t*(p.rate+p.slope*t/2)
}

// then appends a part of some length in ns that goes from one rate per second to another.
func (p *Profile) then(length, first, last float64) {
	if length <= 0 {
		return
	}
	n := part{rate: first / 1e9, period: 1e9 / first}
	if len(p.parts) > 0 {
		before := p.parts[len(p.parts)-1]
		n.from, n.count = before.until, before.end
	}
	n.until = n.from + length
	switch {
	case length < forever:
		n.slope = (last - first) / 1e9 / length
		n.end = n.count + (first+last)/2e9*length
	case first > 0:
		n.end = forever
	default:
		n.end = n.count
	}
	p.parts = append(p.parts, n)
}

// at returns the part that an offset lies in; there is one.
func (p Profile) at(t float64) *part {
	return &p.parts[sort.Search(len(p.parts)-1, func(i int) bool { return t < p.parts[i].until })]
}

// Cumulative returns how many requests are due before an offset, as a real number: the
// rate's integral, which is also the mean of a Poisson schedule. Before 0 it is 0.
func (p Profile) Cumulative(at time.Duration) float64 {
	if at <= 0 || len(p.parts) == 0 {
		return 0
	}
	return p.at(float64(at)).before(float64(at))
}

// rateAt returns the rate at an offset, in requests per second. Before 0 it is 0.
func (p Profile) rateAt(at time.Duration) float64 {
	if at < 0 || len(p.parts) == 0 {
		return 0
	}
	n := p.at(float64(at))
	return 1e9 * (n.rate + n.slope*(float64(at)-n.from))
}

// MeanRate returns the mean rate in requests per second between two offsets, and the
// rate at an offset where the two are the same.
func (p Profile) MeanRate(from, to time.Duration) float64 {
	if from == to {
		return p.rateAt(from)
	}
	return exact((p.Cumulative(to) - p.Cumulative(from)) / (to - from).Seconds())
}

// exact undoes what sums and products of times have added to a rate of up to six digits after the point: 15000, not
// 15000.000000000002, which others would take for another rate.
func exact(rate float64) float64 {
	if near := math.Round(rate*1e6) / 1e6; math.Abs(near-rate) <= 1e-12*rate {
		return near
	}
	return rate
}
