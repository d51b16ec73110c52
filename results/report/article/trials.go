package article

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"modelbench/results/claims"
	"modelbench/results/trial"
)

// experimentPart is an experiment in the list of all, with every trial of it.
type experimentPart struct {
	ID          string
	Name        string
	Asks        string
	Descriptive bool
	Python      bool
	Status      string // how it went
	Columns     []string
	Rows        []trialRow
	Cells       []cellRow
}

// trialRow is a trial. Figures follow the part's columns.
type trialRow struct {
	ID, Block, Workload, Target, Verdict, Reason string
	Place                                        int // in the order of blocks
	Valid                                        bool
	Figures                                      []valueText
}

// valueText is a value for the eye and for sorting; both are empty where nothing was measured.
type valueText struct{ Text, Value string }

// index finds trials by their ids.
type index map[string]place

type place struct {
	experiment, id string
	row            int
}

// evidence is where trials are found, experiment by experiment in the order in which they are named first.
func (x index) evidence(trials []string) (list []evidence) {
	rows := map[string][]int{}
	for _, id := range trials {
		at, known := x[id]
		if !known {
			continue
		}
		if rows[at.id] == nil {
			list = append(list, evidence{Experiment: at.experiment, ID: at.id})
		}
		rows[at.id] = append(rows[at.id], at.row)
	}
	for i, e := range list {
		found := slices.Compact(slices.Sorted(slices.Values(rows[e.ID])))
		texts := make([]string, len(found))
		for j, n := range found {
			texts[j] = strconv.Itoa(n)
		}
		list[i].Count, list[i].Places = len(found), strings.Join(texts, " ")
	}
	return list
}

// shownMeasures are those that a table of trials has, if any of its trials does: what tests may name, but for what is made of others.
func shownMeasures(trials []trial.Trial) (list []*claims.Measure) {
	for _, m := range claims.Measures {
		if m.Key == "pss_per_idle" || m.Key == "exact" {
			continue
		}
		if slices.ContainsFunc(trials, func(t trial.Trial) bool { _, measured := measuredBy(m, t); return measured }) {
			list = append(list, m)
		}
	}
	return list
}

// measuredBy is a measure of a trial, whether it may be believed or not.
func measuredBy(m *claims.Measure, t trial.Trial) (float64, bool) {
	t.Verdict = trial.VerdictOK
	return m.Believed(t)
}

// newExperimentPart lists the trials in the order of blocks, and indexes them.
func newExperimentPart(e Experiment, asks claims.Experiment, idx index) experimentPart {
	p := experimentPart{ID: "trials-" + e.Name, Name: e.Name, Asks: asks.Asks, Descriptive: asks.Descriptive, Python: e.Python}
	if e.Python {
		p.ID = "trials-python-" + e.Name
	}
	trials := slices.Clone(e.Trials)
	slices.SortStableFunc(trials, func(a, b trial.Trial) int {
		return cmp.Or(cmp.Compare(a.Block.Or(0), b.Block.Or(0)), strings.Compare(a.StartedAt.String(), b.StartedAt.String()), cmp.Compare(a.OrderInBlock.Or(0), b.OrderInBlock.Or(0)))
	})
	measures := shownMeasures(trials)
	for _, m := range measures {
		p.Columns = append(p.Columns, m.Name)
	}
	for i, t := range trials {
		r := trialRow{ID: t.TrialID, Place: i, Block: t.Block.String(), Workload: t.Workload, Target: t.Target, Verdict: cmp.Or(t.Verdict, "without a verdict"),
			Reason: t.VerdictReason, Valid: t.Verdict == trial.VerdictOK}
		for _, m := range measures {
			v, measured := measuredBy(m, t)
			if !measured {
				r.Figures = append(r.Figures, valueText{})
				continue
			}
			r.Figures = append(r.Figures, valueText{m.Unit(v).Text(v), strconv.FormatFloat(v, 'g', 8, 64)})
		}
		p.Rows = append(p.Rows, r)
		if t.TrialID != "" {
			idx[t.TrialID] = place{e.Name, p.ID, i}
		}
	}
	p.Cells = cellRows(trials, measures)
	return p
}
