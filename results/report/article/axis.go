package article

import (
	"math"
	"strings"
)

// axis is a scale of a chart: its ends and its ticks with their labels, written here so that a chart never words anything itself.
// A logarithmic one has positive ends.
type axis struct {
	Log    bool       `json:"log"`
	Domain [2]float64 `json:"domain"`
	Ticks  []tick     `json:"ticks"` // those that matter most come first: a narrow chart leaves out the last
}

type tick struct {
	At   float64 `json:"at"`
	Text string  `json:"text"`
}

// scale is how numbers are round and written on an axis.
type scale struct {
	log  bool // wanted: if all values are above 0
	text func(float64) string
	size bool // 1024 is round, and 1000 is not
	zero bool // belongs to it
}

// newAxis spans the values, with a little room. First are ticks that come before all round numbers.
func newAxis(values []float64, s scale, first ...float64) axis {
	lo, hi := math.Inf(1), math.Inf(-1)
	if s.zero {
		lo, hi = 0, 0
	}
	for _, v := range values {
		if !math.IsNaN(v) && !math.IsInf(v, 0) {
			lo, hi = min(lo, v), max(hi, v)
		}
	}
	if lo > hi {
		lo, hi = 1, 1
	}
	a := axis{Log: s.log && lo > 0, Ticks: []tick{}}
	switch {
	case a.Log:
		if hi/lo < 1.05 {
			lo, hi = lo/1.03, hi*1.03
		}
		room := math.Pow(hi/lo, 0.03)
		a.Domain = [2]float64{lo / room, hi * room}
	case hi == lo:
		a.Domain = [2]float64{lo - 0.5, hi + 0.5}
	default:
		a.Domain = [2]float64{lo - 0.03*(hi-lo), hi + 0.03*(hi-lo)}
	}
	seen := map[string]bool{}
	for _, at := range append(first, a.round(s)...) {
		if text := round(s.text(at)); at >= a.Domain[0] && at <= a.Domain[1] && !seen[text] {
			seen[text] = true
			a.Ticks = append(a.Ticks, tick{at, text})
		}
	}
	return a
}

// round are round numbers: on a logarithmic scale that spans a factor of 4 or more, units first, then tens, then what is between.
func (a axis) round(s scale) (list []float64) {
	lo, hi := a.Domain[0], a.Domain[1]
	if !a.Log || hi/lo < 4 {
		return steps(lo, hi, s)
	}
	units, groups := []float64{}, [][]float64{{1}, {3}, {2, 5}}
	for at := 1e-6; at < 1e13; at *= 10 {
		units = append(units, at)
	}
	if s.size {
		units, groups = []float64{1, 1 << 10, 1 << 20, 1 << 30}, [][]float64{{1}, {10, 100}, {30, 3, 300}, {2, 5, 20, 50, 200, 500}}
	}
	for _, group := range groups {
		for _, unit := range units {
			for _, n := range group {
				list = append(list, math.Round(unit*n*1e9)/1e9)
			}
		}
	}
	return list
}

// steps are about six equal ones.
func steps(lo, hi float64, s scale) (list []float64) {
	unit := 1.0
	if s.size {
		for hi >= unit*1024 {
			unit *= 1024
		}
	}
	step := math.Pow(10, math.Floor(math.Log10((hi-lo)/unit))) * unit
	for _, n := range []float64{0.1, 0.2, 0.5, 1, 2, 5} {
		if (hi-lo)/(step*n) <= 7 {
			step *= n
			break
		}
	}
	for i := math.Ceil(lo / step); i*step <= hi; i++ {
		list = append(list, i*step+0) // which is 0 even where i is -0
	}
	return list
}

func isSize(measure string) bool { return strings.HasPrefix(measure, "pss") }
