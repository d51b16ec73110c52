package article

import (
	"modelbench/results/claims"
)

// data is what the charts are drawn from: JSON in the page. Values are in base units; texts are written here.
type data struct {
	// Marks and Again are what the code of all pages asks for: how targets look, and whose copies there are.
	Marks     []mark            `json:"marks"`
	Again     map[string]string `json:"again"`
	Tests     []testChart       `json:"tests"`
	Multiples []multiples       `json:"multiples"`
}

// mark is how a target looks.
type mark struct {
	Target string `json:"target"`
	Shape  int    `json:"shape"`
	Colour int    `json:"colour"`
}

// testChart is a test: an interval, its blocks, where the threshold is and what makes no difference.
type testChart struct {
	Axis      axis        `json:"axis"`
	Band      *[2]float64 `json:"band"`      // what makes no difference; nil: not a ratio
	One       bool        `json:"one"`       // 1 means that there is no difference
	Threshold *float64    `json:"threshold"` // nil: nothing is predicted
	Predicted string      `json:"predicted"`
	Above     bool        `json:"above"` // the predicted side of the threshold
	Rows      []testRow   `json:"rows"`
}

type testRow struct {
	Name     string    `json:"name"`   // Go or CPython; empty where there is but one
	Answer   string    `json:"answer"` // icon
	Estimate float64   `json:"estimate"`
	Lo       float64   `json:"lo"`
	Hi       float64   `json:"hi"`
	Values   []float64 `json:"values"`
	Text     string    `json:"text"`
}

// newTestChart draws what can be: not a count, which has no interval, nor a matrix of winners, nor what was not measured.
func newTestChart(o claims.Outcome) (testChart, bool) {
	t := o.Test
	if q := t.Quantity; o.Answer == claims.Unasked || q.Count != nil || q.Winners != nil || len(o.Values) == 0 {
		return testChart{}, false
	}
	c := testChart{Predicted: t.Threshold()}
	row := func(name string, o claims.Outcome) {
		estimate, interval := o.Figure()
		values := o.Values
		if t.Quantity.Frequency != nil {
			values = nil // dots of yes and no tell less than the share
		}
		c.Rows = append(c.Rows, testRow{name, icon(string(o.Answer)), o.Estimate, o.Lo, o.Hi, append([]float64{}, values...), estimate + " " + interval})
	}
	name := ""
	if o.Python != nil {
		name = "Go"
	}
	row(name, o)
	if o.Python != nil && len(o.Python.Values) > 0 {
		row("CPython", *o.Python)
	}
	var all, first []float64
	for _, r := range c.Rows {
		all = append(append(all, r.Values...), r.Lo, r.Hi, r.Estimate)
	}
	s := scale{log: true, text: func(v float64) string { return number(t, v) }, size: isSize(t.Measure) && t.Quantity.Value != nil}
	if t.Quantity.Ratio != nil {
		rope := t.Predicts.Within
		if m, err := claims.MeasureOf(t.Measure); err == nil && rope == 0 {
			rope = m.ROPE()
		}
		c.Band, c.One = &[2]float64{1 / (1 + rope), 1 + rope}, true
		all, first = append(all, c.Band[0], c.Band[1]), append(first, 1)
	}
	if m, err := claims.MeasureOf(t.Measure); err == nil && t.Quantity.Ratio == nil && m.Zero || t.Quantity.Frequency != nil {
		s.log, s.zero = false, true
	}
	if t.Quantity.Frequency != nil {
		all = append(all, 1)
	}
	if limit := t.Predicts.Above + t.Predicts.Below; limit != 0 {
		c.Threshold, c.Above = &limit, t.Predicts.Above != 0
		all = append(all, limit)
	}
	c.Axis = newAxis(all, s, first...)
	return c, true
}
