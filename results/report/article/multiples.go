package article

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"modelbench/results/claims"
	"modelbench/results/trial"
)

// multiples are small charts side by side, on the same axes, with the same figures as a table.
type multiples struct {
	ID     string         `json:"-"`
	Title  string         `json:"-"`
	About  string         `json:"-"`
	XName  string         `json:"xName"`
	YName  string         `json:"yName"`
	Axis   axis           `json:"axis"` // of the values
	Line   bool           `json:"line"` // x is a quantity, whose steps belong together
	Panels []panel        `json:"panels"`
	Notes  []string       `json:"-"`
	X      []string       `json:"x"` // in their order
	Table  []multipleLine `json:"-"`
}

// panel is one of them.
type panel struct {
	Name   string       `json:"name"`
	About  string       `json:"-"`
	Colour int          `json:"colour"`
	Points []panelPoint `json:"points"`
}

type panelPoint struct {
	X      string    `json:"x"`
	Median float64   `json:"median"`
	Lo     float64   `json:"lo"`
	Hi     float64   `json:"hi"`
	Text   string    `json:"text"`
	Values []float64 `json:"values"`
}

// multipleLine is a row of the table: a panel, and its figure at each x.
type multipleLine struct {
	Name, About string
	Figures     []string
}

// finish fills in the axis and the table. Panels without a point are left out; false where none is left.
func (m *multiples) finish(measure *claims.Measure, s scale) bool {
	m.Panels = slices.DeleteFunc(m.Panels, func(p panel) bool { return len(p.Points) == 0 })
	var all []float64
	for _, p := range m.Panels {
		line := multipleLine{Name: p.Name, About: p.About, Figures: make([]string, len(m.X))}
		for _, pt := range p.Points {
			line.Figures[slices.Index(m.X, pt.X)] = pt.Text
			all = append(append(all, pt.Values...), pt.Lo, pt.Hi)
		}
		m.Table = append(m.Table, line)
	}
	s.text = func(v float64) string { return measure.Unit(v).Text(v) }
	m.Axis = newAxis(all, s)
	return len(m.Panels) > 0
}

// against makes the multiples of a measure: a panel for each target, in which x is a column of the trials.
func against(m *multiples, list []member, measure *claims.Measure, s scale, x func(trial.Trial) int64) bool {
	of := map[string]map[int64][]trial.Trial{}
	var targets []member
	xs := map[int64]bool{}
	for _, one := range list {
		if _, believed := measure.Believed(one.Trial); !believed {
			continue
		}
		at := x(one.Trial)
		xs[at] = true
		if of[one.Name] == nil {
			of[one.Name] = map[int64][]trial.Trial{}
			targets = append(targets, one)
		}
		of[one.Name][at] = append(of[one.Name][at], one.Trial)
	}
	slices.SortStableFunc(targets, func(a, b member) int { return cmp.Compare(a.Order, b.Order) })
	var order []int64
	for at := range xs {
		order = append(order, at)
	}
	slices.Sort(order)
	for _, at := range order {
		m.X = append(m.X, strconv.FormatInt(at, 10))
	}
	for _, t := range targets {
		p := panel{Name: t.Name, About: t.Is, Colour: t.Colour}
		for _, at := range order {
			if found := spreadOf(of[t.Name][at], measure); found.N > 0 {
				p.Points = append(p.Points, panelPoint{strconv.FormatInt(at, 10), found.Median, found.Lo, found.Hi, found.text(measure.Unit), found.Values})
			}
		}
		m.Panels = append(m.Panels, p)
	}
	return m.finish(measure, s)
}

// member is a trial with what its target is.
type member struct {
	Trial      trial.Trial
	Experiment string // its own and CPython's are of one name
	Name       string
	Is         string
	Order      int
	Colour     int
}

// measureOf is a measure that this package shows by itself, whatever tests name.
func measureOf(key string) *claims.Measure {
	m, err := claims.MeasureOf(key)
	if err != nil {
		panic(fmt.Sprintf("a chart asks for a measure that is none: %v", err))
	}
	return m
}

// interference is what light requests notice of heavy ones.
func interference(all []member) (multiples, bool) {
	m := multiples{ID: "interference", Title: "What everyone else notices of heavy requests",
		About: "Light requests arrive at a constant rate; beside them a few connections keep the server computing. The 99th percentile of the light ones' latency.",
		XName: "heavy requests at a time", YName: "p99 of light requests", Line: true}
	studied := experiments(all, func(t trial.Trial) bool { return t.HeavyConnections.Or(0) > 0 })
	ok := against(&m, studied, measureOf("light_p99"), scale{log: true}, func(t trial.Trial) int64 { return t.HeavyConnections.Or(0) })
	return m, ok
}

// idleMemory is what quiet connections cost.
func idleMemory(all []member) (multiples, bool) {
	m := multiples{ID: "idle", Title: "What quiet connections cost", About: "Connections that are open and say nothing, beside a few that do. Memory of the whole server (PSS).",
		XName: "quiet connections", YName: "memory", Line: true}
	studied := experiments(all, func(t trial.Trial) bool { return t.IdleConnections.Or(0) > 0 })
	ok := against(&m, studied, measureOf("pss"), scale{log: true, size: true}, func(t trial.Trial) int64 { return t.IdleConnections.Or(0) })
	m.Notes = perConnection(studied)
	return m, ok
}

// starting is how long it takes to start something that can run a task: the experiments whose tests ask for that.
func starting(all []member, r claims.Report) (multiples, bool) {
	m := multiples{ID: "starting", Title: "How long starting takes", About: "From the first one being started until the last one can run a task.",
		XName: "started at once", YName: "until all are ready", Line: true}
	asked := map[string]bool{}
	for _, f := range r.Findings {
		for _, o := range f.Outcomes {
			if o.Test.Measure == "ready" {
				asked[o.Test.Experiment] = true
			}
		}
	}
	var studied []member
	for _, one := range all {
		if asked[one.Experiment] {
			studied = append(studied, one)
		}
	}
	ok := against(&m, studied, measureOf("ready"), scale{log: true}, func(t trial.Trial) int64 { return t.Connections.Or(0) })
	return m, ok
}

// experiments are the members of those experiments of which some trial is meant.
func experiments(all []member, meant func(trial.Trial) bool) (list []member) {
	studied := map[string]bool{}
	for _, one := range all {
		if meant(one.Trial) {
			studied[one.Experiment] = true
		}
	}
	for _, one := range all {
		if studied[one.Experiment] {
			list = append(list, one)
		}
	}
	return list
}
