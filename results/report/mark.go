package report

import (
	"slices"

	"modelbench/results/analysis"
)

// mark is how a target looks everywhere in the page: a shape and a colour, so that neither has to be told apart alone.
type mark struct {
	Target string `json:"target"`
	Shape  int    `json:"shape"`
	Colour int    `json:"colour"`
}

// Shapes and colours there are. They have no common divisor, so that the first 56 targets all look different.
const (
	shapes  = 7
	colours = 8
)

// marks gives each target of the analysis its look, in the order of their names: the same in every workload.
func marks(a *analysis.Analysis) []mark {
	var names []string
	for _, wl := range a.Workloads {
		names = append(names, wl.Targets...)
	}
	slices.Sort(names)
	list := []mark{}
	for i, name := range slices.Compact(names) {
		list = append(list, mark{name, i % shapes, i % colours})
	}
	return list
}

// looks finds marks by target.
type looks map[string]mark

func newLooks(list []mark) looks {
	l := looks{}
	for _, m := range list {
		l[m.Target] = m
	}
	return l
}
