package article

import (
	"cmp"
	"slices"

	"modelbench/results/claims"
	"modelbench/results/trial"
)

// faultRow is what a fault did to a target.
type faultRow struct {
	Fault, Name, Is           string
	Lost, NewFailed, Recovery string
	Trials, NotRecovered      int
}

// faultTable is a row for each fault and target, in the order in which faults are named first by the claims' experiments.
func faultTable(all []member) (rows []faultRow) {
	type key struct{ fault, name string }
	of := map[key][]member{}
	var keys []key
	var faults []string
	for _, one := range all {
		if one.Trial.Fault == "" {
			continue
		}
		k := key{one.Trial.Fault, one.Name}
		if of[k] == nil {
			keys = append(keys, k)
		}
		if !slices.Contains(faults, k.fault) {
			faults = append(faults, k.fault)
		}
		of[k] = append(of[k], one)
	}
	slices.SortStableFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(slices.Index(faults, a.fault), slices.Index(faults, b.fault)), cmp.Compare(of[a][0].Order, of[b][0].Order))
	})
	lost, failed, recovery := measureOf("conns_lost_share"), measureOf("new_failed_share"), measureOf("recovery")
	for _, k := range keys {
		r := faultRow{Fault: k.fault, Name: k.name, Is: of[k][0].Is, Trials: len(of[k])}
		trials := make([]trial.Trial, len(of[k]))
		for i, one := range of[k] {
			trials[i] = one.Trial
			_, known := measuredBy(lost, one.Trial)
			if _, recovered := one.Trial.RecoveryMs.Get(); known && !recovered {
				r.NotRecovered++
			}
		}
		cell := func(m *claims.Measure) string {
			s := spreadOf(trials, m)
			if s.N == 0 {
				return ""
			}
			return s.text(m.Unit)
		}
		r.Lost, r.NewFailed, r.Recovery = cell(lost), cell(failed), cell(recovery)
		rows = append(rows, r)
	}
	return rows
}

// faultPanels are the shares of connections lost: a panel for each fault, a point for each target.
func faultPanels(all []member) (multiples, bool) {
	m := multiples{ID: "faults-chart", Title: "Connections lost", XName: "target", YName: "connections lost"}
	lost := measureOf("conns_lost_share")
	var studied []member
	for _, one := range all {
		if one.Trial.Fault != "" {
			studied = append(studied, one)
		}
	}
	slices.SortStableFunc(studied, func(a, b member) int { return cmp.Compare(a.Order, b.Order) })
	of := map[string]map[string][]trial.Trial{}
	var faults []string
	for _, one := range all {
		if f := one.Trial.Fault; f != "" && !slices.Contains(faults, f) {
			faults = append(faults, f)
		}
	}
	for _, one := range studied {
		f := one.Trial.Fault
		if of[f] == nil {
			of[f] = map[string][]trial.Trial{}
		}
		if !slices.Contains(m.X, one.Name) {
			m.X = append(m.X, one.Name)
		}
		of[f][one.Name] = append(of[f][one.Name], one.Trial)
	}
	for _, f := range faults {
		p := panel{Name: f}
		for _, x := range m.X {
			if s := spreadOf(of[f][x], lost); s.N > 0 {
				p.Points = append(p.Points, panelPoint{x, s.Median, s.Lo, s.Hi, s.text(lost.Unit), s.Values})
			}
		}
		m.Panels = append(m.Panels, p)
	}
	return m, m.finish(lost, scale{zero: true})
}
