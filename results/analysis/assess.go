package analysis

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"strings"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

// evaluate finds what a group holds. The measures become sections only when the p values of all groups are known.
func evaluate(g group, opts Options) (Workload, []*assessment) {
	names := TargetNames(g.trials)
	twins := arms(g.trials, names)
	again := slices.Sorted(maps.Keys(twins))
	w := Workload{
		Name:     g.first.Workload,
		Title:    title(g.first),
		Factors:  factors(g.first),
		Closed:   !g.first.OpenLoop(),
		Targets:  slices.Compact(slices.Sorted(slices.Values(names))),
		Sections: []Section{},
		LeftOut:  leftOut(g.trials, names),
	}
	if len(again) > 0 {
		w.Again = again[0]
	}
	w.Targets = slices.DeleteFunc(w.Targets, func(name string) bool { return slices.Contains(again, name) })
	var parts []*assessment
	for _, m := range Measures {
		values, repeated := collect(m, g.trials, names)
		w.Repeated = max(w.Repeated, repeated)
		var pairs []twin
		for _, name := range again {
			pairs = append(pairs, twin{twins[name], values[twins[name]], values[name]})
		}
		for _, name := range again {
			delete(values, name)
		}
		if len(values) > 0 {
			parts = append(parts, assess(m, values, w.Targets, pairs, opts))
		}
	}
	return w, parts
}

// arms returns the names of the A/A arms, which are more than one where campaigns come together that ran different targets
// twice, and whose second run each is. One whose first run is not there is none.
func arms(trials []trial.Trial, names []string) map[string]string {
	of := map[string]string{}
	for i, t := range trials {
		first, is := t.Again()
		if !is || of[names[i]] != "" {
			continue
		}
		for j, other := range trials {
			if other.Target == first && (of[names[i]] == "" || names[j] < of[names[i]]) {
				of[names[i]] = names[j]
			}
		}
	}
	return of
}

// twin is a target that ran twice.
type twin struct {
	name       string
	own, again series // either may be nil
}

// assessment is one measure of a workload on its way to a section.
type assessment struct {
	m        *Measure
	workload int // index
	values   map[string]series
	targets  []string // of the workload
	present  []string // those with values
	first    string   // what the others are compared with
	baseline bool     // because the options say so
	rope     float64
	noise    float64
	aa       *pair
	pairs    map[[2]string]*pair // all pairs of the family, by names in order
}

// pair is two targets that are compared.
type pair struct {
	a, b     string
	of       stats.Comparison // a/b
	adjusted float64
	screened bool
	family   int // comparisons it is one of
}

func assess(m *Measure, values map[string]series, targets []string, twins []twin, opts Options) *assessment {
	s := &assessment{m: m, values: values, targets: targets, rope: m.rope(opts), pairs: map[[2]string]*pair{}}
	for _, name := range targets {
		if values[name] != nil {
			s.present = append(s.present, name)
		}
	}
	s.first, s.baseline = opts.Baseline, values[opts.Baseline] != nil
	if !s.baseline {
		s.first = pickBest(m, values, targets)
	}
	for i, a := range s.present {
		for _, b := range s.present[i+1:] {
			if !s.baseline || a == s.first || b == s.first {
				s.pairs[[2]string{a, b}] = newPair(a, b, values[a], values[b], s.rope)
			}
		}
	}
	for i, t := range twins {
		if t.own == nil || t.again == nil {
			continue
		}
		if i == 0 {
			s.aa = newPair(t.name+" again", t.name, t.again, t.own, s.rope)
			s.aa.family, s.aa.adjusted = 1, s.aa.of.P
		}
		s.noise = max(s.noise, noise(t.own, t.again))
	}
	return s
}

// noise is how far a target may be from itself, as a fraction. 0: too few blocks to say.
func noise(own, twin series) float64 {
	shared := common(own, twin)
	logs, err := stats.LogRatios(twin.over(shared), own.over(shared))
	if err != nil {
		panic(err) // as in newPair
	}
	bound, reached := stats.NoiseBound(logs)
	if reached < stats.Level {
		return 0
	}
	return bound
}

func newPair(a, b string, own, other series, rope float64) *pair {
	shared := common(own, other)
	x, y := own.over(shared), other.over(shared)
	c, err := stats.Compare(x, y, rope, seed)
	if err != nil {
		panic(err) // Believed lets only positive finite numbers through, and shared blocks pair them
	}
	return &pair{a: a, b: b, of: c, adjusted: 1}
}

// seed is of the sign patterns that are drawn where there are too many to go through: the same trials give the same p.
const seed = 1

// between returns the comparison of a with b, whichever way round it was made.
func (s *assessment) between(a, b string) *Comparison {
	p := s.pairs[[2]string{a, b}]
	inverse := p == nil
	if inverse {
		p = s.pairs[[2]string{b, a}]
	}
	return p.comparison(s.m, s.noise, b, inverse)
}

// section is the result, once the p values have been corrected.
func (s *assessment) section() Section {
	sec := Section{Measure: s.m, ROPE: s.rope, Noise: s.noise, Baseline: s.baseline, Missing: []string{}, Rows: []Row{}}
	for _, name := range s.targets {
		own := s.values[name]
		if own == nil {
			sec.Missing = append(sec.Missing, name)
			continue
		}
		median, interval := stats.Median(own.all(), stats.Level)
		r := Row{Target: name, Median: median, Lo: interval.Lo, Hi: interval.Hi, Level: interval.Level, Values: own.values()}
		if name != s.first {
			r.Versus = s.between(name, s.first)
		}
		sec.Rows = append(sec.Rows, r)
	}
	slices.SortStableFunc(sec.Rows, func(a, b Row) int {
		if a.Versus == nil || b.Versus == nil {
			return boolCompare(a.Versus != nil, b.Versus != nil)
		}
		worse := cmp.Compare(a.Versus.Estimate, b.Versus.Estimate)
		if s.m.Better == stats.HigherIsBetter {
			worse = -worse
		}
		return cmp.Or(boolCompare(a.Versus.Pairs == 0, b.Versus.Pairs == 0), worse)
	})
	if s.aa != nil {
		sec.AA = s.aa.comparison(s.m, 0, s.aa.b, false)
	}
	sec.Leaders = s.leaders(sec)
	return sec
}

// leaders: see Section.Leaders. Against a baseline only it has been compared with, it leads alone.
func (s *assessment) leaders(sec Section) []string {
	losers := sec.With(stats.Slower)
	names := []string{sec.Rows[0].Target}
	for _, equal := range sec.With(stats.NoDifference) {
		if !slices.ContainsFunc(losers, func(loser Row) bool {
			known := s.pairs[[2]string{loser.Target, equal.Target}] != nil || s.pairs[[2]string{equal.Target, loser.Target}] != nil
			return !known || s.between(loser.Target, equal.Target).Verdict != stats.Slower
		}) {
			names = append(names, equal.Target)
		}
	}
	slices.Sort(names)
	return names
}

// With returns the rows of that verdict against the first, in the order of their names.
func (s Section) With(v stats.Verdict) []Row {
	rows := slices.DeleteFunc(slices.Clone(s.Rows[1:]), func(r Row) bool { return r.Versus.Verdict != v })
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.Target, b.Target) })
	return rows
}

// pickBest returns the target with the best median over the blocks that all targets with values share, so that
// drift between blocks favours nobody; over all their blocks when they share none. Of equals the first name wins.
func pickBest(m *Measure, values map[string]series, targets []string) string {
	var all []series
	for _, s := range values {
		all = append(all, s)
	}
	shared := common(all...)
	best, bestMedian := "", math.NaN()
	for _, name := range targets {
		if values[name] == nil {
			continue
		}
		list := values[name].over(shared)
		if len(shared) == 0 {
			list = values[name].all()
		}
		median, _ := stats.Median(list, stats.Level)
		if best == "" || (median < bestMedian) == (m.Better == stats.LowerIsBetter) && median != bestMedian {
			best, bestMedian = name, median
		}
	}
	return best
}
