package choose

import (
	"fmt"
	"math"
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/stats"
)

// dimension is what one comparison is made in: a workload, or a mix with declared weights.
type dimension struct {
	workload string // empty: the mix
	title    string
	rope     float64
	values   map[string]series // by target
}

// dimensions of a measure over the need's workloads, for these targets.
func (c *chooser) dimensions(m *analysis.Measure, targets []string) []dimension {
	var list []dimension
	for _, s := range c.sources {
		d := dimension{workload: s.share.Workload, title: s.name(), rope: s.rope(m), values: map[string]series{}}
		for _, name := range targets {
			d.values[name] = s.values(name, m)
		}
		list = append(list, d)
	}
	if len(list) < 2 || !c.need.Weighted {
		return list
	}
	mix := dimension{title: "the mix", values: map[string]series{}}
	var weights []float64
	for _, s := range c.sources {
		weights = append(weights, s.share.Weight)
	}
	for _, name := range targets {
		var parts []series
		for _, d := range list {
			parts = append(parts, d.values[name])
			mix.rope = max(mix.rope, d.rope)
		}
		mix.values[name] = merge(mixed(m, weights), parts...)
	}
	return []dimension{mix}
}

// relation is how one target stands to another.
type relation int

const (
	open   relation = iota // not told apart, nor known to be the same
	same                   // no difference that matters
	beats                  // better beyond what matters
	beaten                 // worse beyond what matters
	split                  // better in one workload, worse in another
)

func (r relation) inverse() relation {
	switch r {
	case beats:
		return beaten
	case beaten:
		return beats
	}
	return r
}

// pair is two targets compared in one dimension.
type pair struct {
	a, b      string
	in        *dimension
	of        stats.Comparison // a/b
	adjusted  float64
	screening bool
	relation  relation // of a to b
	blocks    int      // about how many in all would decide, when open
	trials    []string
}

// seed is of what is drawn by chance: the same trials give the same answer.
const seed = 1

// compare compares all pairs of the targets in all dimensions, as one family.
func compare(m *analysis.Measure, dims []dimension, targets []string) []*pair {
	var pairs []*pair
	var ps []float64
	for i := range dims {
		for j, a := range targets {
			for _, b := range targets[j+1:] {
				x, y := dims[i].values[a], dims[i].values[b]
				shared := common(x, y)
				of, err := stats.Compare(x.over(shared), y.over(shared), dims[i].rope, seed)
				if err != nil {
					panic(err) // analysis lets only positive finite numbers through, and shared blocks pair them
				}
				trials := slices.Concat(x.trials(shared), y.trials(shared))
				slices.Sort(trials)
				pairs = append(pairs, &pair{a: a, b: b, in: &dims[i], of: of, trials: slices.Compact(trials)})
				ps = append(ps, of.P)
			}
		}
	}
	least := stats.MinBlocksFor(len(pairs), stats.Level)
	for i, adjusted := range stats.Holm(ps) {
		p := pairs[i]
		p.adjusted, p.screening = adjusted, p.of.Ratio.Pairs < least
		p.relation, p.blocks = p.judge(m.Better, len(pairs))
	}
	return pairs
}

// rounding is what logarithms may be off by.
const rounding = 1e-12

// judge tells how a stands to b, and where that is open, about how many blocks in all would tell.
//
//	         1/(1+rope)      1+rope
//	------------|--------------|------------>  a/b
//	   [----]       [-----]        [-----]      beyond: one beats the other; inside: the same; beyond
//	       [--------]    [------------]         open
func (p *pair) judge(better stats.Better, family int) (relation, int) {
	r, edge := p.of.Ratio, math.Log1p(p.of.ROPE)
	if r.Pairs == 0 {
		return open, stats.MinPairs(stats.Level)
	}
	lo, hi := math.Log(r.Interval.Lo), math.Log(r.Interval.Hi)
	sure := r.Interval.Reaches(stats.Level)
	significant := p.screening || p.adjusted <= 1-stats.Level+rounding
	switch {
	case sure && lo >= -edge-rounding && hi <= edge+rounding:
		return same, 0
	case sure && significant && (lo > edge || hi < -edge):
		if (hi < 0) == (better == stats.LowerIsBetter) {
			return beats, 0
		}
		return beaten, 0
	}
	d := stats.Decide(p.of, p.adjusted, family, better)
	if p.screening {
		d = stats.Judge(r, p.of.ROPE, better)
	}
	return open, max(d.Blocks, r.Pairs+1, edgeBlocks(r, edge))
}

// edgeBlocks is about how many blocks would tell the ratio from the edge of what matters, where it lies beyond: that is more than would tell
// it from 1. It is Judge's number for the ratio seen from there. 0: it does not lie beyond.
func edgeBlocks(r stats.Ratio, edge float64) int {
	beyond := math.Abs(math.Log(r.Estimate)) - edge
	if beyond <= 0 {
		return 0
	}
	from := stats.Ratio{Pairs: r.Pairs, Estimate: math.Exp(beyond), Interval: stats.Interval{Lo: 0.5, Hi: 2, Level: r.Interval.Level}, Wanted: r.Wanted, Spread: r.Spread}
	return stats.Judge(from, 0, stats.LowerIsBetter).Blocks
}

// between is how a stands to b in all dimensions: better only where it is nowhere worse.
func between(pairs []*pair, a, b string) relation {
	better, worse, unknown := false, false, false
	for _, p := range pairs {
		r := p.relation
		switch {
		case p.a == b && p.b == a:
			r = r.inverse()
		case p.a != a || p.b != b:
			continue
		}
		better, worse, unknown = better || r == beats, worse || r == beaten, unknown || r == open
	}
	switch {
	case better && worse:
		return split
	case unknown:
		return open
	case better:
		return beats
	case worse:
		return beaten
	}
	return same
}

// seen is the pair as the target sees it.
func (p *pair) seen(from string) (estimate, lo, hi float64, other string, r relation) {
	i := p.of.Ratio
	if from == p.a {
		return i.Estimate, i.Interval.Lo, i.Interval.Hi, p.b, p.relation
	}
	return 1 / i.Estimate, 1 / i.Interval.Hi, 1 / i.Interval.Lo, p.a, p.relation.inverse()
}

// sentence says how a target stands to the other one.
func (p *pair) sentence(m *analysis.Measure, from string) Sentence {
	estimate, lo, hi, other, r := p.seen(from)
	e := Evidence{Metric: m.Key, Workload: p.in.workload, Target: from, Versus: other, Level: p.of.Ratio.Interval.Level,
		N: p.of.Ratio.Pairs, P: p.adjusted, ROPE: p.of.ROPE, Screening: p.screening, Trials: p.trials}
	if e.N == 0 {
		return Sentence{fmt.Sprintf("%s and %s share no block in %s: there is no ratio of their %s", from, other, p.in.title, m.Brief), e}
	}
	e.Estimate, e.Lo, e.Hi = &estimate, &lo, &hi
	within := analysis.Percent(p.of.ROPE)
	what := map[relation]string{
		beats:  fmt.Sprintf("%s beats %s in %s: %s times the %s", from, other, p.in.title, ratio(estimate), m.Name),
		beaten: fmt.Sprintf("%s loses to %s in %s: %s times the %s", from, other, p.in.title, ratio(estimate), m.Name),
		same:   fmt.Sprintf("%s and %s make no difference in %s: %s times the %s, within %s", from, other, p.in.title, ratio(estimate), m.Name, within),
		open:   fmt.Sprintf("%s and %s are not told apart in %s: %s times the %s, where %s would matter", from, other, p.in.title, ratio(estimate), m.Name, within),
	}[r]
	return Sentence{what, e}
}

func ratio(v float64) string {
	switch {
	case v >= 10:
		return fmt.Sprintf("%.1f", v)
	case v < 0.1:
		return fmt.Sprintf("%.3f", v)
	}
	return fmt.Sprintf("%.2f", v)
}
