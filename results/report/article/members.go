package article

import (
	"slices"
	"strings"

	"modelbench/results/claims"
)

// colours there are in the style; targets of one model share one.
const colours = 8

// members are all trials of the experiments with what their targets stand for, copies of a target left out.
func members(s Source) (list []member) {
	stand := s.Report.StandIns
	var models []string
	model := func(in claims.StandIn) string {
		first, _, _ := strings.Cut(in.Is, " ")
		return strings.TrimSuffix(first, ",")
	}
	for _, in := range stand {
		if !slices.Contains(models, model(in)) {
			models = append(models, model(in))
		}
	}
	for _, e := range s.Experiments {
		for _, t := range e.Trials {
			if _, again := t.Again(); again {
				continue
			}
			one := member{Trial: t, Experiment: e.Name, Name: t.Target, Order: 2 * len(stand)}
			if i := slices.IndexFunc(stand, func(in claims.StandIn) bool { return !e.Python && in.Name == t.Target }); i >= 0 {
				one.Is, one.Order, one.Colour = stand[i].Is, i, slices.Index(models, model(stand[i]))%colours
			}
			if i := slices.IndexFunc(stand, func(in claims.StandIn) bool { return e.Python && in.Python == t.Target }); i >= 0 {
				one.Is, one.Order, one.Colour = "CPython's "+stand[i].Name, i+len(stand), slices.Index(models, model(stand[i]))%colours
			}
			list = append(list, one)
		}
	}
	return list
}
