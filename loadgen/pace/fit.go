package pace

import (
	"math"
	"time"
)

// fitBins is the number of equal bins that intervals are counted in. The distance between
// two distributions is taken at their edges, where it is at most 1/fitBins too small.
const fitBins = 1024

// A Fit collects the intervals between the requests that one share of a schedule sent, to
// see whether they were the Poisson process that was planned. It has a fixed size.
//
// If they were, then the requests that were due between two of them, L(sent[i]) -
// L(sent[i-1]) on the line of the package comment, are independent and exponential, whatever
// the rate did meanwhile; and u = 1-exp(-x) of them is uniform, which is what is counted.
// (The time rescaling theorem: Brown, Barbieri, Ventura, Kass, Frank 2002.)
//
// A Fit made by NewFit takes intervals; the zero value is empty and can only be merged into.
type Fit struct {
	parts []part
	at    int     // the part that the last request fell into
	share float64 // of the requests, that this share sends
	last  float64 // requests due before the last one was sent; NaN: there is none
	u     float64 // the last interval, made uniform; NaN: there is none

	bins     [fitBins]uint64
	n        uint64
	sum      float64 // of the intervals, and of their squares
	squares  float64
	pairs    uint64 // of successive intervals
	products float64
}

// NewFit returns an empty Fit for one of the shares of a schedule with that profile, which
// is not a closed loop's.
func (p Profile) NewFit(shares int) *Fit {
	f := &Fit{parts: p.parts, share: 1 / float64(shares)}
	if len(f.parts) == 0 {
		f.parts = []part{{}}
	}
	f.Break()
	return f
}

// Add takes the offset, on the schedule's clock, at which the next request left. Offsets
// never decrease. The first, and the first after a Break, only begins an interval.
// Add does not allocate; it costs about as much as reading the clock.
func (f *Fit) Add(sent time.Duration) {
	t := float64(sent)
	for f.at < len(f.parts)-1 && t >= f.parts[f.at].until {
		f.at++
	}
	now := f.parts[f.at].before(t) * f.share
	x := max(now-f.last, 0) // NaN if there is no last
	f.last = now
	if math.IsNaN(x) {
		return
	}
	u := -math.Expm1(-x)
	f.bins[min(int(u*fitBins), fitBins-1)]++
	f.n++
	f.sum += x
	f.squares += x * x
	if !math.IsNaN(f.u) {
		f.products += (u - 0.5) * (f.u - 0.5)
		f.pairs++
	}
	f.u = u
}

// Break says that the next request does not follow the last one: requests between them
// are not being collected.
func (f *Fit) Break() { f.last, f.u = math.NaN(), math.NaN() }

// Merge adds the intervals of another share or target, which is not changed.
func (f *Fit) Merge(o *Fit) {
	for i, n := range o.bins {
		f.bins[i] += n
	}
	f.n += o.n
	f.sum += o.sum
	f.squares += o.squares
	f.pairs += o.pairs
	f.products += o.products
}

// A Goodness says how well intervals agree with a Poisson process of the planned rate.
//
// The test asks whether there is any difference, and a real sender always differs: it sends
// when a clock with a resolution has passed the due time, and in bursts where it was
// asleep. Of millions of intervals P is therefore 0 although nothing is wrong, and of a few
// hundred it is large although much may be. So Distance, which does not depend on the
// number, says how much it matters: at 0.02 no share of the intervals, be it "those below
// half the mean", is off by more than two in a hundred. Poisson combines the two.
type Goodness struct {
	Intervals uint64
	// Distance is the greatest difference between the distribution function seen and the
	// exponential one, 0 to 1 (Kolmogorov, Smirnov), to 1/1024.
	Distance float64
	// Critical is the distance that a Poisson process exceeds once in a hundred.
	Critical float64
	// P is how often a Poisson process is at least this far off, if intervals are independent.
	P float64
	// Mean is the mean interval as a multiple of the planned one; 1 when the rate was kept.
	Mean float64
	// Variation is the standard deviation over the mean of the intervals, each as a multiple
	// of what was planned: 0 when evenly spaced, 1 for Poisson, more when bunched.
	Variation float64
	// Lag1 is the correlation of successive intervals (made uniform), -1 to 1; 0 for Poisson,
	// with a standard error of 1/sqrt(Intervals).
	Lag1 float64
}

// FitLevel is the level of the test in a Goodness, FitTolerance the distance that does not
// matter whatever the test says, and FitIntervals how many intervals a judgement needs: with
// fewer the critical distance is above 0.09, where almost anything would pass.
const (
	FitLevel     = 0.01
	FitTolerance = 0.02
	FitIntervals = 300
)

// Poisson reports whether the intervals may be called those of a Poisson process: not
// rejected at FitLevel, or off by no more than FitTolerance, with a correlation between
// successive intervals that is not significant or below twice that. It is false below
// FitIntervals.
func (g Goodness) Poisson() bool {
	if g.Intervals < FitIntervals {
		return false
	}
	const z = 2.575829 // two-sided at FitLevel
	return (g.P >= FitLevel || g.Distance <= FitTolerance) &&
		math.Abs(g.Lag1) <= max(z/math.Sqrt(float64(g.Intervals)), 2*FitTolerance)
}

// Result returns how good the fit is so far. Without intervals, P is 1 and the rest is 0.
func (f *Fit) Result() Goodness {
	if f.n == 0 {
		return Goodness{P: 1}
	}
	n := float64(f.n)
	g := Goodness{Intervals: f.n, Mean: f.sum / n}
	below := 0.0
	for i, count := range f.bins {
		below += float64(count)
		g.Distance = max(g.Distance, math.Abs(below/n-float64(i+1)/fitBins))
	}
	// Stephens 1970: with this factor the asymptotic distribution is good from five on.
	scale := math.Sqrt(n) + 0.12 + 0.11/math.Sqrt(n)
	g.P = kolmogorov(g.Distance * scale)
	g.Critical = 1.627624 / scale // kolmogorov(1.627624) is FitLevel
	if f.sum > 0 {
		g.Variation = math.Sqrt(max(0, f.squares/n-g.Mean*g.Mean)) / g.Mean
	}
	if f.pairs > 0 {
		g.Lag1 = f.products / float64(f.pairs) * 12 // 1/12 is the variance of a uniform number
	}
	return g
}

// kolmogorov returns the probability that Kolmogorov's distribution exceeds x, by its two
// series (Kolmogorov 1933, Smirnov 1948), each where it converges in a few terms.
func kolmogorov(x float64) float64 {
	if x < 0.2 {
		return 1 // to 12 digits
	}
	sum := 0.0
	if x < 1.18 {
		for k := 1.0; k <= 7; k += 2 {
			sum += math.Exp(-k * k * math.Pi * math.Pi / (8 * x * x))
		}
		return 1 - math.Sqrt(2*math.Pi)/x*sum
	}
	for k, sign := 1.0, 2.0; k <= 5; k, sign = k+1, -sign {
		sum += sign * math.Exp(-2*k*k*x*x)
	}
	return sum
}
