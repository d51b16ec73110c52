package report

import (
	"cmp"
	"slices"
	"time"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// times is a workload's trials in the order of time, so that drift is seen.
type times struct {
	Name   string  `json:"name"`  // of the measure
	Kind   string  `json:"kind"`  // see kind
	Clock  bool    `json:"clock"` // At is seconds since the campaign began; else the block
	Points []point `json:"points"`
}

type point struct {
	Target   string  `json:"target"`
	Again    bool    `json:"again"`
	Campaign string  `json:"campaign"`
	At       float64 `json:"at"`
	Value    float64 `json:"value"`
	Verdict  string  `json:"verdict"`
	Trial    string  `json:"trial"`
}

// beginnings are when each campaign's first trial started.
func beginnings(members [][]analysis.Member) map[string]time.Time {
	begin := map[string]time.Time{}
	for _, list := range members {
		for _, m := range list {
			at, known := m.Trial.StartedAt.Get()
			if first, has := begin[m.Trial.CampaignID]; known && (!has || at.Before(first)) {
				begin[m.Trial.CampaignID] = at
			}
		}
	}
	return begin
}

// newTimes takes throughput, or in an open loop, where that is the offered rate, CPU per request. Trials that may not be believed
// are shown too, as such: they may be the trace of what happened.
func newTimes(wl analysis.Workload, members []analysis.Member, begin map[string]time.Time) times {
	ts := times{Name: "throughput", Kind: "rate", Clock: true, Points: []point{}}
	value := func(t trial.Trial) trial.Float { return t.ThroughputRPS }
	if !wl.Closed {
		ts.Name, ts.Kind = "server CPU per request", "time"
		value = func(t trial.Trial) trial.Float { return t.ServerCPUUsPerReq }
	}
	for _, m := range members {
		_, known := m.Trial.StartedAt.Get()
		ts.Clock = ts.Clock && known
	}
	for _, m := range members {
		v, measured := value(m.Trial).Get()
		if !measured {
			continue
		}
		p := point{Target: m.Target, Again: !slices.Contains(wl.Targets, m.Target), Campaign: m.Trial.CampaignID, Value: v,
			At: float64(m.Trial.Block.Or(0)), Verdict: m.Trial.Verdict, Trial: m.Trial.TrialID}
		if ts.Clock {
			at, _ := m.Trial.StartedAt.Get()
			p.At = at.Sub(begin[m.Trial.CampaignID]).Seconds()
		}
		ts.Points = append(ts.Points, p)
	}
	slices.SortStableFunc(ts.Points, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.At, b.At), cmp.Compare(a.Target, b.Target), cmp.Compare(a.Trial, b.Trial))
	})
	return ts
}
