package claims

import (
	"math"

	"modelbench/results/stats"
)

// seed is of the sign patterns that are drawn where there are too many to go through: the same trials give the same p.
const seed = 1

// seen is an outcome before it is known how many other tests are judged with it.
type seen struct {
	Outcome
	// lean is what the interval says: yes, no or unknown.
	lean Answer
	// least is the smallest p that so many blocks can give; what it cannot survive is screening.
	least float64
}

// scale is how values are compared: as logarithms, or as they are where they can be 0.
type scale struct{ to, from func(float64) float64 }

var (
	logarithmic = scale{math.Log, math.Exp}
	linear      = scale{func(v float64) float64 { return v }, func(v float64) float64 { return v }}
)

// ofValues estimates the centre of values, one for each block, and tests it against what is predicted of it.
func ofValues(p paired, predicts Prediction, s scale) seen {
	o := seen{lean: Unknown, Outcome: Outcome{Blocks: len(p.values), LeftOut: p.leftOut, Values: p.values, Trials: p.trials}}
	if len(p.values) == 0 {
		o.Answer, o.Why = Unasked, "no block has a value that may be believed"
		if p.leftOut == 0 {
			o.Why = "it was not measured"
		}
		return o
	}
	x := make([]float64, len(p.values))
	for i, v := range p.values {
		x[i] = s.to(v)
	}
	centre, ci := stats.HodgesLehmann(x, stats.Level)
	o.Estimate, o.Lo, o.Hi, o.Level = s.from(centre), s.from(ci.Lo), s.from(ci.Hi), ci.Level
	against := func(edge float64) float64 {
		d := make([]float64, len(x))
		for i := range x {
			d[i] = x[i] - edge
		}
		p, _ := stats.SignFlip(d, seed)
		return p
	}
	above, below := Unknown, Unknown
	o.P, o.least = 1, math.Exp2(float64(1-len(x)))
	switch {
	case predicts.Above > 0:
		above, below = Yes, No
		o.P = against(s.to(predicts.Above))
	case predicts.Below > 0:
		above, below = No, Yes
		o.P = against(s.to(predicts.Below))
	case predicts.Within > 0:
		return o.within(x, ci, math.Log1p(predicts.Within), against)
	default:
		return o
	}
	edge := s.to(max(predicts.Above, predicts.Below))
	switch {
	case !ci.Reaches(stats.Level):
	case ci.Lo > edge:
		o.lean = above
	case ci.Hi < edge:
		o.lean = below
	}
	return o
}

// within tests whether log ratios x are centred between -edge and edge. Of the two hypotheses, that they are and that they are not,
// one is true, so that a p value for each of them in turn is one p value for the answer: of equivalence where the estimate is
// inside, and else of the difference to the nearer end.
func (o seen) within(x []float64, ci stats.Interval, edge float64, against func(float64) float64) seen {
	switch centre := math.Log(o.Estimate); {
	case centre > edge:
		o.P = against(edge)
	case centre < -edge:
		o.P = against(-edge)
	default:
		o.P = stats.EquivalenceP(x, math.Expm1(edge))
	}
	switch {
	case !ci.Reaches(stats.Level):
	case ci.Lo >= -edge && ci.Hi <= edge:
		o.lean = Yes
	case ci.Lo > edge || ci.Hi < -edge:
		o.lean = No
	}
	return o
}

// ofFrequency estimates in what share of the trials a measure is above 0.
func ofFrequency(s sample, predicts Prediction) seen {
	tries, hits := len(s.each), 0
	for _, v := range s.each {
		if v > 0 {
			hits++
		}
	}
	p := s.alone()
	o := seen{lean: Unknown, Outcome: Outcome{Blocks: tries, LeftOut: p.leftOut, Values: p.values, Trials: p.trials, P: 1}}
	if tries == 0 {
		return ofValues(paired{leftOut: p.leftOut}, predicts, linear)
	}
	ci := stats.ClopperPearson(hits, tries, stats.Level)
	o.Estimate, o.Lo, o.Hi, o.Level = float64(hits)/float64(tries), ci.Lo, ci.Hi, ci.Level
	edge := max(predicts.Above, predicts.Below)
	if edge == 0 {
		return o
	}
	o.P = stats.BinomialP(hits, tries, edge)
	o.least = min(stats.BinomialP(0, tries, edge), stats.BinomialP(tries, tries, edge))
	above, below := Yes, No
	if predicts.Below > 0 {
		above, below = No, Yes
	}
	switch {
	case ci.Lo > edge:
		o.lean = above
	case ci.Hi < edge:
		o.lean = below
	}
	return o
}
