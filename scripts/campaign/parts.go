package campaign

import (
	"fmt"
	"maps"
	"slices"

	"modelbench/results/trial"
)

// takesPart tells whether the target is among those of the workload, an A/A arm with its target. Whether it serves what is
// asked for is another question: see serves.
func (w Workload) takesPart(t Target) bool {
	if w.Only == nil {
		return true
	}
	of, _ := trial.Trial{Target: t.Name, Variant: t.Variant}.Again()
	return slices.Contains(w.Only, t.Name) || of != "" && slices.Contains(w.Only, of)
}

// loads tells whether the target is loaded with w.
func (w Workload) loads(t Target) bool { return w.takesPart(t) && t.serves(w) }

// parts are the targets that are loaded with w.
func (c *Config) parts(w Workload) []Target {
	return slices.DeleteFunc(slices.Clone(c.Targets), func(t Target) bool { return !w.loads(t) })
}

// validateParts refuses workloads that load nobody, targets that have no part in any.
func (c *Config) validateParts() error {
	for _, w := range c.Workloads {
		if !slices.ContainsFunc(c.Targets, w.loads) {
			return &UsageError{"--workloads", fmt.Sprintf("none of the targets serves %s", w.Name)}
		}
		if err := w.checkLabels(); err != nil {
			return &UsageError{"--campaign", err.Error()}
		}
	}
	for _, t := range c.Targets {
		if !slices.ContainsFunc(c.Workloads, func(w Workload) bool { return w.takesPart(t) }) {
			return &UsageError{"--campaign", fmt.Sprintf("%s takes part in no workload: each has only others", t.Name)}
		}
	}
	return nil
}

// checkLabels refuses labels that would pass for something that the campaign fills in itself.
func (w Workload) checkLabels() error {
	columns := trial.Columns()
	for _, key := range slices.Sorted(maps.Keys(w.Labels)) {
		if slices.ContainsFunc(columns, func(c trial.Column) bool { return c.Name == key }) {
			return fmt.Errorf("workload %s: label %s: that is a column of the trials, which the campaign fills in: a label needs another name", w.Name, key)
		}
	}
	return nil
}
