package article

import (
	"cmp"
	"fmt"
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// perConnection says what a further quiet connection costs each target: in each block of each experiment the slope of memory over
// quiet connections, of these the median and its interval. Blocks with less than two numbers of connections have none.
func perConnection(studied []member) (list []string) {
	type blockOf struct {
		experiment string
		block      int64
	}
	type at struct{ x, y float64 }
	points := map[string]map[blockOf][]at{}
	var targets []member
	pss := measureOf("pss")
	for _, one := range studied {
		v, believed := pss.Believed(one.Trial)
		if !believed {
			continue
		}
		if points[one.Name] == nil {
			points[one.Name] = map[blockOf][]at{}
			targets = append(targets, one)
		}
		in := blockOf{one.Experiment, one.Trial.Block.Or(0)}
		points[one.Name][in] = append(points[one.Name][in], at{float64(one.Trial.IdleConnections.Or(0)), v})
	}
	slices.SortStableFunc(targets, func(a, b member) int { return cmp.Compare(a.Order, b.Order) })
	for _, t := range targets {
		var slopes []float64
		for _, block := range points[t.Name] {
			n := float64(len(block))
			var mx, my, xy, xx float64
			for _, p := range block {
				mx, my = mx+p.x/n, my+p.y/n
			}
			for _, p := range block {
				xy, xx = xy+(p.x-mx)*(p.y-my), xx+(p.x-mx)*(p.x-mx)
			}
			if xx > 0 && xy > 0 { // a slope of noise alone may be negative: the tests leave it out, too
				slopes = append(slopes, xy/xx)
			}
		}
		if len(slopes) == 0 {
			continue
		}
		median, interval := stats.Median(slopes, wanted)
		u := analysis.Memory(median)
		list = append(list, fmt.Sprintf("%s (%s): %s [%s, %s] for each further connection, %s", t.Name, t.Is, u.Text(median), u.Number(interval.Lo), u.Number(interval.Hi),
			analysis.Count(len(slopes), "block", "blocks")))
	}
	return list
}
