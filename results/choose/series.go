package choose

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"modelbench/results/analysis"
)

// block is with what a value may be paired. Values outside any block pair with nothing: alone tells them apart.
type block struct {
	campaign string
	number   int64
	alone    string
}

func (b block) compare(other block) int {
	return cmp.Or(strings.Compare(b.campaign, other.campaign), cmp.Compare(b.number, other.number), strings.Compare(b.alone, other.alone))
}

// point is a value and the trials behind it.
type point struct {
	value  float64
	trials []string
}

// series is a target's values by block.
type series map[block]point

func (s series) blocks() []block {
	list := make([]block, 0, len(s))
	for b := range s {
		list = append(list, b)
	}
	slices.SortFunc(list, block.compare)
	return list
}

func (s series) over(blocks []block) []float64 {
	values := make([]float64, len(blocks))
	for i, b := range blocks {
		values[i] = s[b].value
	}
	return values
}

// trials are those behind the values of the blocks.
func (s series) trials(blocks []block) []string {
	var ids []string
	for _, b := range blocks {
		ids = append(ids, s[b].trials...)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// common are the blocks that all have, in order.
func common(all ...series) []block {
	if len(all) == 0 {
		return nil
	}
	return slices.DeleteFunc(all[0].blocks(), func(b block) bool {
		return slices.ContainsFunc(all[1:], func(s series) bool { _, has := s[b]; return !has })
	})
}

// merge makes one series of several, over the blocks that all have.
func merge(of func(values []float64) float64, all ...series) series {
	merged := series{}
	for _, b := range common(all...) {
		values := make([]float64, len(all))
		var ids []string
		for i, s := range all {
			values[i] = s[b].value
			ids = append(ids, s[b].trials...)
		}
		merged[b] = point{of(values), ids}
	}
	return merged
}

// values are a target's in the source, which are interpolated block by block where it lies between two cells.
func (s source) values(target string, m *analysis.Measure) series {
	all := make([]series, len(s.cells))
	for i, w := range s.cells {
		all[i] = valuesIn(w, target, m)
	}
	if len(all) == 1 {
		return all[0]
	}
	return merge(func(v []float64) float64 { return math.Exp((1-s.t)*math.Log(v[0]) + s.t*math.Log(v[1])) }, all...)
}

func valuesIn(w *analysis.Workload, target string, m *analysis.Measure) series {
	own := series{}
	sec := section(w, m)
	if sec == nil {
		return own
	}
	for _, r := range sec.Rows {
		for _, v := range r.Values {
			if r.Target != target {
				continue
			}
			b := block{campaign: v.Campaign, number: v.Block}
			if v.Block == 0 {
				b.alone = strings.Join(v.Trials, " ")
			}
			own[b] = point{v.Value, v.Trials}
		}
	}
	return own
}

// mixed is the measure's value of a whole mix, from those of its workloads: what a request costs on average; how many requests are served
// per second when their times add up; of latency and memory, which do not add up, the geometric mean, so that ratios count by weight.
func mixed(m *analysis.Measure, weights []float64) func(values []float64) float64 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	mean := func(f func(float64) float64, values []float64) float64 {
		total := 0.0
		for i, v := range values {
			total += weights[i] / sum * f(v)
		}
		return total
	}
	switch m.Key {
	case "cpu_us_per_req":
		return func(values []float64) float64 { return mean(func(v float64) float64 { return v }, values) }
	case "throughput":
		return func(values []float64) float64 { return 1 / mean(func(v float64) float64 { return 1 / v }, values) }
	}
	return func(values []float64) float64 { return math.Exp(mean(math.Log, values)) }
}
