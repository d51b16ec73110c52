package change

import (
	"modelbench/results/analysis"
	"modelbench/results/gate"
)

// Findings are the comparisons with the baseline of an analysis that has one, for a gate.
func Findings(a *analysis.Analysis) []gate.Finding {
	var list []gate.Finding
	for _, w := range a.Workloads {
		for _, s := range w.Sections {
			for _, r := range s.Rows {
				if s.Baseline && r.Versus != nil {
					list = append(list, gate.Finding{Workload: w.Name, Target: r.Target, Measure: s.Measure, Comparison: *r.Versus})
				}
			}
		}
	}
	return list
}
