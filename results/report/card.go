package report

import (
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/stats"
	"modelbench/results/trial"
)

// card is the answer to one workload: its sentence, and for each measure who leads.
type card struct {
	ID       string
	Title    string
	Sentence string
	Cells    []cell
	LeftOut  int // trials, of Trials
	Trials   int
}

// cell is one measure of a card. State is won, equal, undecided, alone (there is no other), baseline, or empty: the measure has no
// values there.
type cell struct {
	Measure   string
	State     string
	Leaders   []mark
	Others    []other
	Screening bool   // the verdict is not corrected for how many there are
	Why       string // there is no value, or no other: the reason
}

// Alone is the only leader, whose colour the cell has; nil when there are several.
func (c cell) Alone() *mark {
	if c.State != "won" || len(c.Leaders) != 1 {
		return nil
	}
	return &c.Leaders[0]
}

// other is how a target stands to the one it was compared with.
type other struct {
	Target string
	Text   string
	More   bool // another one follows
}

// columns are the measures that a reader is shown anywhere, in their order: each has the same place in every card.
func columns(a *analysis.Analysis) []*analysis.Measure {
	var list []*analysis.Measure
	for _, m := range analysis.Measures {
		for _, wl := range a.Workloads {
			if sectionOf(wl.Shown(), m) != nil {
				list = append(list, m)
				break
			}
		}
	}
	return list
}

func sectionOf(sections []analysis.Section, m *analysis.Measure) *analysis.Section {
	for i := range sections {
		if sections[i].Measure == m {
			return &sections[i]
		}
	}
	return nil
}

func newCard(id string, wl analysis.Workload, members []analysis.Member, columns []*analysis.Measure, l looks) card {
	c := card{ID: id, Title: wl.Title, Sentence: wl.Sentence()}
	for _, m := range columns {
		if s := sectionOf(wl.Shown(), m); s != nil {
			c.Cells = append(c.Cells, newCell(*s, l))
		} else {
			c.Cells = append(c.Cells, cell{Measure: m.Brief, Why: whyNone(m, wl, members)})
		}
	}
	return c
}

// whyNone says why a measure has no value in a workload.
func whyNone(m *analysis.Measure, wl analysis.Workload, members []analysis.Member) string {
	switch {
	case m.Key == "throughput" && !wl.Closed:
		return "fixed rate, the same for all"
	case !slices.ContainsFunc(members, func(one analysis.Member) bool { return one.Trial.Verdict == trial.VerdictOK }):
		return "no trial that may be believed"
	case kind(m) == "time" && m.Key != "cpu_us_per_req": // the load generator leaves a percentile out that too few requests make up
		return "too few requests"
	}
	return "not measured"
}

// newCell says of a measure what the sentence says of it.
func newCell(s analysis.Section, l looks) cell {
	c := cell{Measure: s.Measure.Brief}
	if len(s.Rows) == 1 {
		c.State, c.Leaders, c.Why = "alone", []mark{l[s.Rows[0].Target]}, "measured alone"
		if len(s.Missing) > 0 {
			c.Why = "the only one with values"
		}
		c.missing(s)
		return c
	}
	slower, faster, same := s.With(stats.Slower), s.With(stats.Faster), s.With(stats.NoDifference)
	leaders := s.Leaders
	switch {
	case s.Baseline:
		c.State, leaders = "baseline", []string{s.Rows[0].Target}
	case len(slower) > 0:
		c.State = "won"
	case len(faster) > 0: // not the best median, yet better block by block
		c.State, leaders = "won", nil
		for _, r := range faster {
			leaders = append(leaders, r.Target)
		}
	case len(same) == len(s.Rows)-1:
		c.State, leaders = "equal", nil
	default:
		c.State, leaders = "undecided", nil
	}
	leading := map[string]bool{}
	for _, name := range leaders {
		c.Leaders, leading[name] = append(c.Leaders, l[name]), true
	}
	for _, r := range s.Rows[1:] {
		c.Screening = c.Screening || r.Versus.Screening && r.Versus.Decided()
		if !leading[r.Target] && c.State != "equal" {
			c.Others = append(c.Others, other{Target: r.Target, Text: short(s, r.Versus)})
		}
	}
	if len(c.Others) == len(s.Rows)-1 && c.State == "undecided" && len(same) == 0 {
		c.Others = nil // all of them are
	}
	c.missing(s)
	return c
}

// missing adds the targets without a value, and completes the list.
func (c *cell) missing(s analysis.Section) {
	for _, name := range s.Missing {
		c.Others = append(c.Others, other{Target: name, Text: "no value"})
	}
	for i := range c.Others {
		c.Others[i].More = i < len(c.Others)-1
	}
}

// short is a comparison in a word or a ratio.
func short(s analysis.Section, c *analysis.Comparison) string {
	switch {
	case c.Pairs == 0:
		return "no block in common"
	case c.Verdict == stats.NoDifference:
		return "no difference"
	case !c.Decided():
		return "undecided"
	}
	ratio, _ := c.RatioText()
	if s.Baseline {
		return ratio + " " + s.Measure.Word(c.Verdict)
	}
	return ratio
}
