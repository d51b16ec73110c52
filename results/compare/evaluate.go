package compare

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

// workload is what a group came to.
type workload struct {
	title    string
	closed   bool
	targets  []string  // in the order of their names
	sections []section // one per measure that has values
	notes    []string  // what a reader has to know beside the figures
}

// section is one measure of a workload, the best target first.
type section struct {
	m       *measure
	rows    []row
	missing []string // targets of the workload without a value that may be believed
	// leaders are the best and those that make no difference to it and are themselves better than every target that
	// the best is better than; in the order of their names.
	leaders []string
}

// row is one target in one measure. Rows but the first have a ratio to the first.
type row struct {
	target   string
	median   float64
	interval stats.Interval
	blocks   int // that went into the median
	ratio    stats.Ratio
	decision stats.Decision
}

// blockKey says with what a value may be paired. A trial that names no block pairs with nothing: its place in the file
// keeps it apart. Nor do trials of two machines, which share no time, whatever they call their blocks.
type blockKey struct {
	campaign string
	host     string
	block    int64
	alone    int // 0 for a block; else the trial's number
}

func blockOf(t trial.Trial, number int) blockKey {
	if block, named := t.Block.Get(); named {
		return blockKey{campaign: t.CampaignID, host: t.HostID, block: block}
	}
	return blockKey{alone: number + 1}
}

// series is a target's values of one measure by block.
type series map[blockKey]float64

func (s series) over(blocks []blockKey) []float64 {
	values := make([]float64, len(blocks))
	for i, b := range blocks {
		values[i] = s[b]
	}
	return values
}

func (s series) all() []float64 { return s.over(s.blocks()) }

func (s series) blocks() []blockKey {
	keys := make([]blockKey, 0, len(s))
	for k := range s {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b blockKey) int {
		return cmp.Or(strings.Compare(a.campaign, b.campaign), strings.Compare(a.host, b.host),
			cmp.Compare(a.block, b.block), cmp.Compare(a.alone, b.alone))
	})
	return keys
}

// common returns the blocks that all series share, in order.
func common(all ...series) []blockKey {
	return slices.DeleteFunc(all[0].blocks(), func(k blockKey) bool {
		return slices.ContainsFunc(all[1:], func(s series) bool { _, has := s[k]; return !has })
	})
}

func evaluate(g group, opts Options) workload {
	names := targetNames(g.trials)
	wl := workload{
		title:   title(g.first),
		closed:  !g.first.OpenLoop(),
		targets: slices.Compact(slices.Sorted(slices.Values(names))),
		notes:   unbelieved(g.trials, names),
	}
	twice := 0
	for _, m := range measures {
		values, repeated := collect(m, g.trials, names)
		twice = max(twice, repeated)
		if len(values) > 0 {
			wl.sections = append(wl.sections, assess(m, values, wl.targets, opts))
		}
	}
	if twice > 0 {
		wl.notes = append(wl.notes, fmt.Sprintf(
			"%s too many: a block holds a target more than once, and the median of its values counts", count(twice, "trial", "trials")))
	}
	return wl
}

// collect sorts the believed values of a measure by target and block. Where a block holds a target more than once their
// median stands for them, and repeated counts the surplus trials.
func collect(m *measure, trials []trial.Trial, names []string) (values map[string]series, repeated int) {
	lists := map[string]map[blockKey][]float64{}
	for i, t := range trials {
		v, ok := m.believed(t)
		if !ok {
			continue
		}
		if lists[names[i]] == nil {
			lists[names[i]] = map[blockKey][]float64{}
		}
		key := blockOf(t, i)
		lists[names[i]][key] = append(lists[names[i]][key], v)
	}
	values = map[string]series{}
	for name, blocks := range lists {
		values[name] = series{}
		for key, list := range blocks {
			values[name][key], _ = stats.Median(list, stats.Level)
			repeated += len(list) - 1
		}
	}
	return values, repeated
}

// assess compares every target with the best.
func assess(m *measure, values map[string]series, targets []string, opts Options) section {
	s := section{m: m}
	best := pickBest(m, values, targets)
	for _, name := range targets {
		own := values[name]
		if own == nil {
			s.missing = append(s.missing, name)
			continue
		}
		r := row{target: name, blocks: len(own)}
		r.median, r.interval = stats.Median(own.all(), stats.Level)
		if name != best {
			r.ratio, r.decision = m.compare(own, values[best], opts)
		}
		s.rows = append(s.rows, r)
	}
	slices.SortStableFunc(s.rows, func(a, b row) int {
		if a.target == best || b.target == best {
			return boolCompare(a.target != best, b.target != best)
		}
		worse := cmp.Compare(a.ratio.Estimate, b.ratio.Estimate)
		if m.better == stats.HigherIsBetter {
			worse = -worse
		}
		return cmp.Or(boolCompare(a.ratio.Pairs == 0, b.ratio.Pairs == 0), worse)
	})
	s.leaders = leaders(s, values, opts)
	return s
}

// compare judges one target against another over the blocks that they share.
func (m *measure) compare(own, other series, opts Options) (stats.Ratio, stats.Decision) {
	shared := common(own, other)
	ratio, err := stats.CompareRatio(own.over(shared), other.over(shared), stats.Level)
	if err != nil {
		panic(err) // believed lets only positive finite numbers through, and shared pairs them
	}
	return ratio, stats.Judge(ratio, m.rope(opts), m.better)
}

// leaders spares the reader from taking the best for the only good one: where two targets are as good as each other, which
// of them has the best median is chance.
func leaders(s section, values map[string]series, opts Options) []string {
	losers := s.with(stats.Slower)
	names := []string{s.rows[0].target}
	for _, equal := range s.with(stats.NoDifference) {
		if !slices.ContainsFunc(losers, func(loser row) bool {
			_, d := s.m.compare(values[loser.target], values[equal.target], opts)
			return d.Verdict != stats.Slower
		}) {
			names = append(names, equal.target)
		}
	}
	slices.Sort(names)
	return names
}

// with returns the rows of that verdict against the best, in the order of their names.
func (s section) with(v stats.Verdict) []row {
	rows := slices.DeleteFunc(slices.Clone(s.rows[1:]), func(r row) bool { return r.decision.Verdict != v })
	slices.SortFunc(rows, func(a, b row) int { return strings.Compare(a.target, b.target) })
	return rows
}

// pickBest returns the target with the best median over the blocks that all targets with values share, so that
// drift between blocks favours nobody; over all their blocks when they share none. Of equals the first name wins.
func pickBest(m *measure, values map[string]series, targets []string) string {
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
		if best == "" || (median < bestMedian) == (m.better == stats.LowerIsBetter) && median != bestMedian {
			best, bestMedian = name, median
		}
	}
	return best
}
