package main

import (
	"fmt"
	"slices"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

// need is what some claims need of an experiment: targets in workloads. A target whose workload is empty is needed in all.
type need map[claims.Operand]bool

// needsOf collects what the tests of claims name, by experiment; bare: but for those that are context beside others. What is
// counted from source needs none.
func needsOf(set claims.Set, ids []int, bare bool) (map[string]need, error) {
	needs := map[string]need{}
	add := func(experiment string, o claims.Operand) {
		if needs[experiment] == nil {
			needs[experiment] = need{}
		}
		needs[experiment][o] = true
	}
	for _, id := range ids {
		at := slices.IndexFunc(set.Claims, func(c claims.Claim) bool { return c.ID == id })
		if at < 0 {
			return nil, &campaign.UsageError{Flag: "--claim", Problem: fmt.Sprintf("there is no claim %d: --list shows them", id)}
		}
		tests := set.Claims[at].Tests
		if bare && slices.ContainsFunc(tests, func(t claims.Test) bool { return !t.Context }) {
			tests = slices.DeleteFunc(slices.Clone(tests), func(t claims.Test) bool { return t.Context })
		}
		for _, t := range tests {
			for _, o := range operands(t) {
				if o.Workload == "" {
					o.Workload = t.Workload
				}
				add(t.Experiment, o)
			}
			if w := t.Quantity.Winners; w != nil {
				for _, c := range w.Cells {
					for _, target := range w.Targets {
						add(c.Experiment, claims.Operand{Target: target, Workload: c.Workload})
					}
				}
			}
		}
	}
	return needs, nil
}

// operands are the targets that a test names by themselves.
func operands(t claims.Test) []claims.Operand {
	switch q := t.Quantity; {
	case q.Ratio != nil:
		return q.Ratio[:]
	case q.Value != nil:
		return []claims.Operand{*q.Value}
	case q.Frequency != nil:
		return []claims.Operand{*q.Frequency}
	}
	return nil
}

// twin is the same need of CPython's counterparts, as far as there are any and its campaign has them: a twin may be smaller.
func (n need) twin(set claims.Set, cfg campaign.Config) need {
	twins := need{}
	for o := range n {
		for _, s := range set.StandIns {
			if s.Name == o.Target && s.Python != "" && takesPart(cfg, s.Python, o.Workload) {
				twins[claims.Operand{Target: s.Python, Workload: o.Workload}] = true
			}
		}
	}
	return twins
}

// takesPart tells whether a campaign has a target in a workload; in any, if that is empty.
func takesPart(cfg campaign.Config, target, workload string) bool {
	return slices.ContainsFunc(cfg.Targets, func(t campaign.Target) bool { return t.Name == target }) &&
		slices.ContainsFunc(cfg.Workloads, func(w campaign.Workload) bool {
			return (workload == "" || w.Name == workload) && (w.Only == nil || slices.Contains(w.Only, target))
		})
}

// has tells whether the target is needed in the workload.
func (n need) has(target, workload string) bool {
	return n[claims.Operand{Target: target, Workload: workload}] || n[claims.Operand{Target: target}]
}

// narrow leaves out of the campaign what is not needed: whole targets and workloads, and targets of single workloads. There is
// no A/A arm either: it would take the time of a target.
func (t *task) narrow(n need) error {
	for o := range n {
		known := slices.ContainsFunc(t.cfg.Targets, func(have campaign.Target) bool { return have.Name == o.Target })
		if !known {
			return &campaign.UsageError{Flag: "--rules", Problem: fmt.Sprintf("the experiment %s has no target %s", t.name, o.Target)}
		}
		known = slices.ContainsFunc(t.cfg.Workloads, func(have campaign.Workload) bool { return have.Name == o.Workload })
		if o.Workload != "" && !known {
			return &campaign.UsageError{Flag: "--rules", Problem: fmt.Sprintf("the experiment %s has no workload %s", t.name, o.Workload)}
		}
	}
	var workloads []campaign.Workload
	part := map[string]bool{} // targets that take part
	for _, w := range t.cfg.Workloads {
		var only []string
		for _, target := range t.cfg.Targets {
			if n.has(target.Name, w.Name) {
				only = append(only, target.Name)
				part[target.Name] = true
			}
		}
		if len(only) > 0 {
			w.Only = only
			workloads = append(workloads, w)
		}
	}
	t.cfg.Workloads = workloads
	t.cfg.Targets = slices.DeleteFunc(slices.Clone(t.cfg.Targets), func(have campaign.Target) bool { return !part[have.Name] })
	t.cfg.Again = campaign.NoAgain
	return nil
}
