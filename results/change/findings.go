package change

import (
	"modelbench/results/analysis"
	"modelbench/results/gate"
)

// Findings are the comparisons with the baseline of an analysis that has one, for a gate. A target that has no value to compare, or
// whose baseline has none, is among them without blocks: a gate must not pass over what fell silent.
func Findings(a *analysis.Analysis) []gate.Finding {
	baseline := a.Options.Baseline
	if baseline == "" {
		return nil
	}
	var list []gate.Finding
	for _, w := range a.Workloads {
		for _, s := range w.Sections {
			silent := func(target string) {
				list = append(list, gate.Finding{Workload: w.Name, Target: target, Measure: s.Measure, Comparison: analysis.Comparison{With: baseline}})
			}
			for _, r := range s.Rows {
				switch {
				case !s.Baseline:
					silent(r.Target)
				case r.Versus != nil:
					list = append(list, gate.Finding{Workload: w.Name, Target: r.Target, Measure: s.Measure, Comparison: *r.Versus, Noise: s.Noise})
				}
			}
			for _, name := range s.Missing {
				if name != baseline {
					silent(name)
				}
			}
		}
	}
	return list
}
