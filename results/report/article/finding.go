package article

import (
	"fmt"
	"strconv"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/choosing"
	"modelbench/results/claims"
)

// card is a claim with its verdict and all that is known of it.
type card struct {
	ID      int
	Claim   string
	Place   string
	Side    claims.Side
	Factor  string
	Verdict claims.Verdict
	Trials  string // behind it, and how many were left out
	Tests   []line
	Python  string             // what CPython does
	Go      string             // why Go differs
	Choices *choosing.Answered // of a factor; nil: it was not asked
	Deep    bool               // its group has a heading
	Broad   bool               // it holds a table that wants the whole width
}

// line is a test of a card.
type line struct {
	Name      string
	Made      string // what the figure is made of
	Answer    claims.Answer
	Deciding  bool
	Context   bool
	Estimate  string
	Interval  string
	Predicted string
	Facts     []string // blocks, p, level, what was left out
	Why       string
	Python    *counterpart
	Chart     int // in the data; -1: there is none
	Matrix    *matrix
	Links     []evidence
}

// counterpart is what CPython's servers do in a test.
type counterpart struct{ Estimate, Interval, Blocks string }

// evidence leads to trials: of an experiment, those with these places in its table.
type evidence struct {
	Experiment string
	ID         string // of the table
	Count      int
	Places     string
}

// newCard makes a card, and adds its charts to the data.
func newCard(f claims.Finding, d *data, idx index, choices []choosing.Answered) card {
	c := card{ID: f.Claim.ID, Claim: f.Claim.Claim, Place: f.Claim.Place, Side: f.Claim.Side, Factor: f.Claim.Factor, Verdict: f.Verdict,
		Python: f.Claim.Python, Go: f.Claim.Go}
	if f.Trials > 0 {
		c.Trials = analysis.Count(f.Trials, "trial", "trials")
		if f.Invalid > 0 {
			c.Trials += fmt.Sprintf(", %d left out", f.Invalid)
		}
	}
	for _, o := range f.Outcomes {
		l := newLine(o, idx)
		if chart, ok := newTestChart(o); ok {
			l.Chart = len(d.Tests)
			d.Tests = append(d.Tests, chart)
		}
		c.Broad = c.Broad || l.Matrix != nil
		c.Tests = append(c.Tests, l)
	}
	for i := range choices {
		if choices[i].Factor == f.Claim.Factor {
			c.Choices, c.Broad = &choices[i], true
		}
	}
	return c
}

func newLine(o claims.Outcome, idx index) line {
	t := o.Test
	l := line{Name: t.Name, Made: made(t), Answer: o.Answer, Deciding: t.Decides(), Context: t.Context, Predicted: t.Threshold(), Why: o.Why, Chart: -1,
		Links: idx.evidence(o.Trials)}
	l.Estimate, l.Interval = o.Figure()
	if t.Quantity.Winners != nil && l.Estimate != "" {
		l.Estimate += " beaten somewhere"
	}
	if t.Quantity.Winners != nil {
		l.Matrix = newMatrix(t.Quantity.Winners, o.Cells)
	}
	one, many := "block", "blocks"
	if t.Quantity.Frequency != nil {
		one, many = "trial", "trials"
	}
	if o.Blocks > 0 {
		l.Facts = append(l.Facts, analysis.Count(o.Blocks, one, many))
	}
	if l.Interval != "" && o.Level > 0 && o.Level < wanted {
		l.Facts = append(l.Facts, "at a level of "+analysis.Percent(o.Level))
	}
	if p := o.Chance(); p != "" && t.Decides() {
		if !o.Screening {
			p += " (Holm)"
		}
		l.Facts = append(l.Facts, p)
	}
	if o.LeftOut > 0 {
		l.Facts = append(l.Facts, fmt.Sprintf("%d left out", o.LeftOut))
	}
	if o.Python != nil {
		var c counterpart
		c.Estimate, c.Interval = o.Python.Figure()
		if o.Python.Blocks > 0 {
			c.Blocks = analysis.Count(o.Python.Blocks, one, many)
		}
		l.Python = &c
	}
	return l
}

// Said is the answer in a word, as the tests of the article's claims give it.
func (l line) Said() string {
	switch {
	case l.Answer == claims.Unasked:
		return "not measured"
	case l.Answer == claims.Observed:
		return "seen"
	case l.Context:
		return "in passing: " + string(l.Answer)
	}
	return string(l.Answer)
}

// glance is a claim's row in the table on top: as few figures as tell why.
type glance struct {
	ID      int
	Claim   string
	Place   string
	Verdict claims.Verdict
	Figures []glanceFigure
}

type glanceFigure struct {
	Answer     claims.Answer
	Name, Text string
	Predicted  string
	More       int // tests that are not shown there, after the last one that is
}

// newGlance shows the first deciding test; where tests disagree, the first yes and the first no.
func newGlance(f claims.Finding) glance {
	g := glance{ID: f.Claim.ID, Claim: f.Claim.Claim, Place: f.Claim.Place, Verdict: f.Verdict}
	shown := map[claims.Answer]bool{}
	deciding := 0
	for _, o := range f.Outcomes {
		if o.Test.Context || o.Answer == claims.Unasked {
			continue
		}
		deciding++
		if shown[o.Answer] || len(g.Figures) > 0 && f.Verdict != claims.Depends && f.Verdict != claims.Undecided {
			continue
		}
		shown[o.Answer] = true
		g.Figures = append(g.Figures, glanceFigure{o.Answer, o.Test.Name, glanceText(o), o.Test.Threshold(), 0})
	}
	if n := len(g.Figures); n > 0 {
		g.Figures[n-1].More = deciding - n
	}
	return g
}

func glanceText(o claims.Outcome) string {
	estimate, interval := o.Figure()
	if o.Test.Quantity.Winners != nil && estimate != "" {
		estimate += " beaten somewhere"
	}
	return strings.TrimSpace(estimate + " " + interval)
}

// Anchor is where a claim's card is.
func (c card) Anchor() string { return "claim-" + strconv.Itoa(c.ID) }

// Anchor is where the claim's card is.
func (g glance) Anchor() string { return "claim-" + strconv.Itoa(g.ID) }
