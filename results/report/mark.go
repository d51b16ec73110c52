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

// Shapes and colours there are. They have no common divisor, so that 56 targets all look different; the known ones' places count.
const (
	shapes  = 7
	colours = 8
)

// known are the targets that every campaign may have. Each has its look by its place here, whoever else took part, so that pages can be laid side
// by side. They are fewer than there are colours.
var known = []string{"goroutine", "prefork", "eventloop", "eventloop-1", "stock-nethttp", "stock-fasthttp", "stock-fasthttp-prefork"}

// marks gives each target of the analysis its look: the same in every workload. Known names have theirs; the others follow in the order of
// their names.
func marks(a *analysis.Analysis) []mark {
	var names []string
	for _, wl := range a.Workloads {
		names = append(names, wl.Targets...)
	}
	slices.Sort(names)
	list := []mark{}
	next := len(known)
	for _, name := range slices.Compact(names) {
		i := slices.Index(known, name)
		if i < 0 {
			i = next
			next++
		}
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
