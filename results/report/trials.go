package report

import (
	"cmp"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// verdictCount is how many trials have a verdict.
type verdictCount struct {
	Verdict string
	Trials  int
}

// unnamed stands for the verdict of a trial that has none.
const unnamed = "without a verdict"

// verdictCounts counts all trials, the most frequent verdict first after ok.
func verdictCounts(members [][]analysis.Member) []verdictCount {
	counts := map[string]int{}
	for _, list := range members {
		for _, m := range list {
			counts[cmp.Or(m.Trial.Verdict, unnamed)]++
		}
	}
	var all []verdictCount
	for v, n := range counts {
		all = append(all, verdictCount{v, n})
	}
	slices.SortFunc(all, func(a, b verdictCount) int {
		if (a.Verdict == trial.VerdictOK) != (b.Verdict == trial.VerdictOK) {
			if a.Verdict == trial.VerdictOK {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Trials, a.Trials), strings.Compare(a.Verdict, b.Verdict))
	})
	return all
}

// trialRow is a trial in the table of all.
type trialRow struct {
	ID, Campaign, Block, Order, Started string
	Workload, Conditions, Target        string
	Verdict, Reason                     string
	Valid                               bool
	Figures                             []figure // throughput, CPU, p50, p99, memory
}

// figure is a value for the eye and for sorting; both are empty where nothing was measured.
type figure struct {
	Text, Value string
}

// trialRows are all trials, in the order in which they were measured as far as that is known.
func trialRows(a *analysis.Analysis, members [][]analysis.Member) []trialRow {
	type placed struct {
		workload int
		analysis.Member
	}
	var all []placed
	for i, list := range members {
		for _, m := range list {
			all = append(all, placed{i, m})
		}
	}
	slices.SortStableFunc(all, func(x, y placed) int {
		a, b := x.Trial, y.Trial
		return cmp.Or(strings.Compare(a.CampaignID, b.CampaignID), strings.Compare(a.StartedAt.String(), b.StartedAt.String()),
			cmp.Compare(a.Block.Or(0), b.Block.Or(0)), cmp.Compare(a.OrderInBlock.Or(0), b.OrderInBlock.Or(0)), strings.Compare(a.TrialID, b.TrialID))
	})
	rows := make([]trialRow, len(all))
	for i, p := range all {
		t := p.Trial
		rows[i] = trialRow{ID: t.TrialID, Campaign: t.CampaignID, Block: t.Block.String(), Order: t.OrderInBlock.String(), Started: timeOfDay(t),
			Workload: cmp.Or(t.Workload, "requests"), Conditions: a.Workloads[p.workload].Title, Target: p.Target,
			Verdict: cmp.Or(t.Verdict, unnamed), Reason: t.VerdictReason, Valid: t.Verdict == trial.VerdictOK, Figures: figures(t)}
	}
	return rows
}

// timeOfDay of its beginning is what tells the trials of a campaign apart.
func timeOfDay(t trial.Trial) string {
	_, clock, _ := strings.Cut(t.StartedAt.String(), "T")
	clock, _, _ = strings.Cut(clock, ".")
	return clock
}

func figures(t trial.Trial) []figure {
	var memory trial.Float
	if b, measured := t.ServerPSSBytes.Get(); measured {
		memory = trial.F(float64(b))
	}
	write := func(f trial.Float, unit func(float64) analysis.Unit) figure {
		v, measured := f.Get()
		if !measured {
			return figure{}
		}
		return figure{unit(v).Text(v), f.String()}
	}
	return []figure{write(t.ThroughputRPS, analysis.PerSecond), write(t.ServerCPUUsPerReq, analysis.Microseconds),
		write(t.LatP50Us, analysis.Microseconds), write(t.LatP99Us, analysis.Microseconds), write(memory, analysis.Memory)}
}
