package choose

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// source is where the values of one workload come from: a measured cell, or two that bracket what is asked.
type source struct {
	share  Share
	cells  []*analysis.Workload // one, or the lower and the upper one
	column string               // that is interpolated; empty: none
	want   float64              // in that column
	t      float64              // how far from the lower to the upper, on the logarithm: 0 to 1
}

// gap is a workload that was not measured as it is asked for.
type gap struct {
	share Share
	like  *analysis.Workload // a cell of the workload that was measured; nil: none was
	why   string
}

// findCells finds the cell of each workload of the need.
func (c *chooser) findCells() error {
	for _, share := range c.need.Workloads {
		s, g, err := c.resolve(share)
		if err != nil {
			return err
		}
		if g != nil {
			c.gaps = append(c.gaps, *g)
			continue
		}
		c.sources = append(c.sources, s)
	}
	return nil
}

// resolve finds a workload's source, or what is missing. The error says that the trials hold several cells that may be meant, or
// nothing of that name.
func (c *chooser) resolve(share Share) (source, *gap, error) {
	named := c.measured(func(w *analysis.Workload) bool { return w.Name == share.Workload })
	if len(named) == 0 {
		if _, known := standardWorkloads[share.Workload]; !known {
			return source{}, nil, &NeedError{"--workload", fmt.Sprintf("%q is not in these trials, which have %s, and is not one that compare has by itself", share.Workload, c.workloadNames())}
		}
		return source{}, &gap{share: share, why: share.Workload + " was not measured"}, nil
	}
	cells := slices.DeleteFunc(slices.Clone(named), func(w *analysis.Workload) bool { return !c.allowed(w) })
	wanted := c.need.asked()
	exact := slices.DeleteFunc(slices.Clone(cells), func(w *analysis.Workload) bool {
		return slices.ContainsFunc(wanted, func(a asked) bool { return number(w, a.column) != a.want })
	})
	if len(exact) > 0 {
		one, err := c.only(exact, nil)
		if err != nil {
			return source{}, nil, err
		}
		return source{share: share, cells: one}, nil, nil
	}
	why := share.Workload + " was not measured " + c.need.conditionsText()
	if len(cells) == 0 {
		return source{}, &gap{share: share, like: named[0], why: why}, nil
	}
	columns := make([]string, len(wanted))
	for i, a := range wanted {
		columns[i] = a.column
	}
	alike, err := c.only(cells, columns)
	if err != nil {
		return source{}, nil, err
	}
	for _, a := range wanted {
		if lower, upper := bracket(alike, a, wanted); lower != nil {
			x, y := math.Log(number(lower, a.column)), math.Log(number(upper, a.column))
			return source{share: share, cells: []*analysis.Workload{lower, upper}, column: a.column, want: a.want, t: (math.Log(a.want) - x) / (y - x)}, nil, nil
		}
	}
	return source{}, &gap{share: share, like: alike[0], why: why}, nil
}

// measured are the cells for which keep holds, without those that trials of faults make.
func (c *chooser) measured(keep func(*analysis.Workload) bool) []*analysis.Workload {
	var list []*analysis.Workload
	for i := range c.analysis.Workloads {
		w := &c.analysis.Workloads[i]
		if fault := w.Factors["fault"]; (fault == "" || fault == "none") && keep(w) {
			list = append(list, w)
		}
	}
	return list
}

func (c *chooser) workloadNames() string {
	names := map[string]bool{}
	for _, w := range c.analysis.Workloads {
		names[w.Name] = true
	}
	return strings.Join(slices.Sorted(maps.Keys(names)), ", ")
}

// allowed tells whether a cell is in the loop and has the further factors that are asked for.
func (c *chooser) allowed(w *analysis.Workload) bool {
	if c.need.Closed && !w.Closed || c.need.Rate > 0 && w.Closed {
		return false
	}
	for column, value := range c.need.Where {
		if w.Factors[column] != value {
			return false
		}
	}
	return true
}

// only leaves the cells that agree in every column but those given. Where cells differ in a column that nobody asked about, those that
// leave it empty are meant; if all have it the user has to say which.
func (c *chooser) only(cells []*analysis.Workload, but []string) ([]*analysis.Workload, error) {
	for _, column := range conditions() {
		if slices.Contains(but, column) {
			continue
		}
		of := map[string]bool{}
		for _, w := range cells {
			of[w.Factors[column]] = true
		}
		switch {
		case len(of) <= 1:
		case of[""] && column != "offered_rps" && column != "payload_bytes" && column != "connections":
			cells = slices.DeleteFunc(slices.Clone(cells), func(w *analysis.Workload) bool { return w.Factors[column] != "" })
		default:
			flag := flagOf(column)
			if column == "arrivals" && !of[trial.ArrivalsClosed] { // a rate has been asked for
				flag = "--where arrivals=VALUE"
			}
			return nil, &NeedError{flag, fmt.Sprintf("%s was measured with %s %s: say which is meant%s", cells[0].Name, column, several(of), closedHint(of, column))}
		}
	}
	return cells, nil
}

func closedHint(of map[string]bool, column string) string {
	if column == "arrivals" && of[trial.ArrivalsClosed] {
		return " (a rate, or closed)"
	}
	return ""
}

func several(of map[string]bool) string {
	list := slices.Sorted(maps.Keys(of))
	for i, v := range list {
		if v == "" {
			list[i] = "none"
		}
	}
	return strings.Join(list[:len(list)-1], ", ") + " and " + list[len(list)-1]
}

// bracket returns the nearest cells on either side of what is asked in one column, all else being as asked.
func bracket(cells []*analysis.Workload, in asked, all []asked) (lower, upper *analysis.Workload) {
	for _, w := range cells {
		v := number(w, in.column)
		elsewhere := slices.ContainsFunc(all, func(a asked) bool { return a.column != in.column && number(w, a.column) != a.want })
		switch {
		case elsewhere || !(v > 0):
		case v < in.want && (lower == nil || v > number(lower, in.column)):
			lower = w
		case v > in.want && (upper == nil || v < number(upper, in.column)):
			upper = w
		}
	}
	if lower == nil || upper == nil {
		return nil, nil
	}
	return lower, upper
}

// number is a factor as a number; NaN when it is none, which equals nothing.
func number(w *analysis.Workload, column string) float64 {
	v, err := strconv.ParseFloat(w.Factors[column], 64)
	if err != nil {
		return math.NaN()
	}
	return v
}

// title names the source and its conditions as a person would.
func (s source) title() string {
	if s.column == "" {
		return s.cells[0].Title
	}
	return fmt.Sprintf("%s: %s %s, interpolated between %s and %s", s.cells[0].Title, s.column, analysis.Short(s.want),
		s.cells[0].Factors[s.column], s.cells[1].Factors[s.column])
}

// name stands in sentences, for the title that is told once.
func (s source) name() string {
	if s.column == "" {
		return s.share.Workload
	}
	return s.share.Workload + " (interpolated)"
}

// rope is what makes no difference in the measure, the machine's own noise included.
func (s source) rope(m *analysis.Measure) float64 {
	widest := 0.0
	for _, w := range s.cells {
		if sec := section(w, m); sec != nil {
			widest = max(widest, sec.ROPE, sec.Noise)
		}
	}
	return widest
}

func section(w *analysis.Workload, m *analysis.Measure) *analysis.Section {
	for i := range w.Sections {
		if w.Sections[i].Measure == m {
			return &w.Sections[i]
		}
	}
	return nil
}
