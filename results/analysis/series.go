package analysis

import (
	"cmp"
	"slices"
	"strings"

	"modelbench/results/stats"
	"modelbench/results/trial"
)

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

func (k blockKey) compare(other blockKey) int {
	return cmp.Or(strings.Compare(k.campaign, other.campaign), strings.Compare(k.host, other.host),
		cmp.Compare(k.block, other.block), cmp.Compare(k.alone, other.alone))
}

// series is a target's values of one measure by block.
type series map[blockKey]blockValue

// blockValue is a value and the trials that it is the median of.
type blockValue struct {
	value  float64
	trials []string
}

func (s series) over(blocks []blockKey) []float64 {
	values := make([]float64, len(blocks))
	for i, b := range blocks {
		values[i] = s[b].value
	}
	return values
}

func (s series) all() []float64 { return s.over(s.blocks()) }

func (s series) blocks() []blockKey {
	keys := make([]blockKey, 0, len(s))
	for k := range s {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, blockKey.compare)
	return keys
}

func (s series) values() []Value {
	list := []Value{}
	for _, k := range s.blocks() {
		list = append(list, Value{Campaign: k.campaign, Block: k.block, Value: s[k].value, Trials: s[k].trials})
	}
	return list
}

// common returns the blocks that all series share, in order.
func common(all ...series) []blockKey {
	return slices.DeleteFunc(all[0].blocks(), func(k blockKey) bool {
		return slices.ContainsFunc(all[1:], func(s series) bool { _, has := s[k]; return !has })
	})
}

// collect sorts the believed values of a measure by target and block. Where a block holds a target more than once their
// median stands for them, and repeated counts the surplus trials.
func collect(m *Measure, trials []trial.Trial, names []string) (values map[string]series, repeated int) {
	type list struct {
		values []float64
		trials []string
	}
	lists := map[string]map[blockKey]list{}
	for i, t := range trials {
		v, ok := m.Believed(t)
		if !ok {
			continue
		}
		if lists[names[i]] == nil {
			lists[names[i]] = map[blockKey]list{}
		}
		key := blockOf(t, i)
		l := lists[names[i]][key]
		lists[names[i]][key] = list{append(l.values, v), append(l.trials, t.TrialID)}
	}
	values = map[string]series{}
	for name, blocks := range lists {
		values[name] = series{}
		for key, l := range blocks {
			median, _ := stats.Median(l.values, stats.Level)
			slices.Sort(l.trials)
			values[name][key] = blockValue{median, l.trials}
			repeated += len(l.values) - 1
		}
	}
	return values, repeated
}
