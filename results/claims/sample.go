package claims

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

// Campaign is the trials of one experiment.
type Campaign struct {
	Folder string // where they were found; for people
	Trials []trial.Trial
}

// blockKey says with what a value may be paired. A trial that names no block pairs with nothing: its number keeps it apart.
type blockKey struct {
	campaign, host string
	block          int64
	alone          int
}

func (k blockKey) compare(other blockKey) int {
	return cmp.Or(strings.Compare(k.campaign, other.campaign), strings.Compare(k.host, other.host),
		cmp.Compare(k.block, other.block), cmp.Compare(k.alone, other.alone))
}

// row is a trial of a campaign with the key of its block.
type row struct {
	trial.Trial
	in blockKey
}

// rows are an experiment's trials, sorted such that their order in the file is no matter.
func rows(c Campaign) []row {
	trials := slices.Clone(c.Trials)
	slices.SortStableFunc(trials, func(a, b trial.Trial) int {
		return cmp.Or(strings.Compare(a.CampaignID, b.CampaignID), strings.Compare(a.TrialID, b.TrialID))
	})
	all := make([]row, len(trials))
	for i, t := range trials {
		all[i] = row{t, blockKey{alone: i + 1}}
		if block, named := t.Block.Get(); named {
			all[i].in = blockKey{campaign: t.CampaignID, host: t.HostID, block: block}
		}
	}
	return all
}

// sample is the values of an operand by block.
type sample struct {
	values map[blockKey]float64
	trials map[blockKey][]string
	// lacking are the blocks in which it has trials and no value.
	lacking map[blockKey]bool
	invalid map[string]bool // trials that may not be believed, by trial_id
	each    []float64       // values, trial by trial
}

// take collects a measure of a target in a workload. Where a block holds several trials their median counts.
func take(all []row, m *Measure, o Operand) sample {
	s := sample{map[blockKey]float64{}, map[blockKey][]string{}, map[blockKey]bool{}, map[string]bool{}, nil}
	lists := map[blockKey][]point{}
	for _, r := range all {
		if r.Target != o.Target || o.Workload != "" && r.Workload != o.Workload {
			continue
		}
		v, ok := m.Believed(r.Trial)
		if !m.Believes(r.Verdict) {
			s.invalid[r.TrialID] = true
		}
		if !ok {
			s.lacking[r.in] = true
			continue
		}
		lists[r.in] = append(lists[r.in], point{float64(r.IdleConnections.Or(0)), v})
		s.trials[r.in] = append(s.trials[r.in], r.TrialID)
		s.each = append(s.each, v)
	}
	for key, list := range lists {
		v, ok := median(list), true
		if m.overWorkloads {
			v, ok = slope(list)
			ok = ok && v > 0 // a slope of noise alone may be negative, and has no ratio
		}
		if delete(s.lacking, key); ok {
			s.values[key] = v
		} else {
			s.lacking[key] = true
		}
	}
	return s
}

// point is a value y at a number of idle connections x.
type point struct{ x, y float64 }

func median(list []point) float64 {
	ys := make([]float64, len(list))
	for i, p := range list {
		ys[i] = p.y
	}
	m, _ := stats.Median(ys, stats.Level)
	return m
}

// slope is that of the line with the least squares; false below two different x.
func slope(list []point) (float64, bool) {
	var mx, my float64
	for _, p := range list {
		mx, my = mx+p.x/float64(len(list)), my+p.y/float64(len(list))
	}
	var xy, xx float64
	for _, p := range list {
		xy, xx = xy+(p.x-mx)*(p.y-my), xx+(p.x-mx)*(p.x-mx)
	}
	return xy / xx, xx > 0
}

// paired are values that belong to blocks, ready to be estimated from.
type paired struct {
	keys    []blockKey
	values  []float64
	trials  []string
	leftOut int
}

func (s sample) alone() paired {
	p := paired{leftOut: len(s.lacking)}
	for k := range s.values {
		p.keys = append(p.keys, k)
	}
	slices.SortFunc(p.keys, blockKey.compare)
	for _, k := range p.keys {
		p.values, p.trials = append(p.values, s.values[k]), append(p.trials, s.trials[k]...)
	}
	return p
}

// over pairs s with other within blocks: ratios, or differences where the measure can be 0.
func (s sample) over(other sample, linear bool) paired {
	p := s.alone()
	both := paired{}
	for i, k := range p.keys {
		to, has := other.values[k]
		if !has {
			continue
		}
		v := p.values[i] / to
		if linear {
			v = p.values[i] - to
		}
		both.keys, both.values = append(both.keys, k), append(both.values, v)
		both.trials = append(append(both.trials, s.trials[k]...), other.trials[k]...)
	}
	for k := range s.lacking {
		if _, has := other.values[k]; has || other.lacking[k] {
			both.leftOut++
		}
	}
	for k := range other.lacking {
		if _, has := s.values[k]; has {
			both.leftOut++
		}
	}
	return both
}

// logs are the logarithms of values that are positive.
func logs(values []float64) []float64 {
	l := make([]float64, len(values))
	for i, v := range values {
		l[i] = math.Log(v)
	}
	return l
}
