package change

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/gate"
	"modelbench/results/stats"
)

// Options say what two campaigns may differ in.
type Options struct {
	analysis.Options
	// Controls are targets that are known to be the same in both, beside those that the manifests show to be. Each must have
	// trials in both.
	Controls []string
	// AcrossMachines compares campaigns of two machines, with a doubt instead of a refusal.
	AcrossMachines bool
}

// MachinesError says that two campaigns ran on two machines.
type MachinesError struct{ Before, After string }

func (e *MachinesError) Error() string {
	return fmt.Sprintf("the campaigns ran on two machines (host_id %s and %s): what differs may be the machine", e.Before, e.After)
}

// Between compares what targets of the same name measured in two campaigns under equal conditions. The error is a *MachinesError where
// they ran on two machines, a *ControlError for a control that is in one of them only, and wraps ErrNothing where they have
// nothing in common.
func Between(before, after []folder.Folder, opts Options) (*Change, error) {
	c := &Change{Doubts: []string{}, Rows: []Row{}}
	if err := c.checkMachines(before, after, opts); err != nil {
		return nil, err
	}
	old, err := analyse(before, opts)
	if err != nil {
		return nil, fmt.Errorf("before: %w", err)
	}
	now, err := analyse(after, opts)
	if err != nil {
		return nil, fmt.Errorf("after: %w", err)
	}
	if err := checkControls(opts.Controls, before, after); err != nil {
		return nil, err
	}
	c.Controls = controls(before, after, opts.Controls)
	if len(c.Controls) == 0 {
		c.Doubts = append(c.Doubts, "no target is known to be the same in both campaigns (executable and arguments), so that a change of the "+
			"machine cannot be told from one of the targets: nothing is decided. Measure both versions side by side in one campaign, or name a control")
	}
	var found []comparison
	for _, w := range now.Workloads {
		i := slices.IndexFunc(old.Workloads, func(o analysis.Workload) bool { return maps.Equal(o.Factors, w.Factors) })
		if i < 0 {
			c.doubtConditions(w, old)
			continue
		}
		for _, was := range old.Workloads[i].Sections {
			is := analysis.Section{Measure: was.Measure}
			if j := slices.IndexFunc(w.Sections, func(s analysis.Section) bool { return s.Measure == was.Measure }); j >= 0 {
				is = w.Sections[j]
			}
			more, err := c.compare(w, was, is)
			if err != nil {
				return nil, err
			}
			found = append(found, more...)
		}
	}
	if len(c.Rows) == 0 {
		return nil, fmt.Errorf("%w: the campaigns have no target and conditions in common%s", ErrNothing, strings.Join(append([]string{""}, c.Doubts...), "; "))
	}
	c.decide(found)
	return c, nil
}

func analyse(folders []folder.Folder, opts Options) (*analysis.Analysis, error) {
	trials := folders[0].Trials
	for _, f := range folders[1:] {
		trials = append(slices.Clip(trials), f.Trials...)
	}
	return analysis.Of(trials, opts.Options)
}

// compare adds the rows of one measure and workload.
func (c *Change) compare(w analysis.Workload, old, now analysis.Section) ([]comparison, error) {
	for _, before := range old.Rows {
		if _, is := rowOf(now, before.Target); !is && !slices.Contains(c.Controls, before.Target) {
			c.Silent = append(c.Silent, gate.Finding{Workload: w.Name, Target: before.Target, Measure: old.Measure, Comparison: analysis.Comparison{With: "before"}})
		}
	}
	var found []comparison
	first := len(c.Rows)
	for _, after := range now.Rows {
		before, has := rowOf(old, after.Target)
		if !has {
			continue
		}
		others := slices.DeleteFunc(slices.Clone(c.Controls), func(name string) bool {
			_, was := rowOf(old, name)
			_, is := rowOf(now, name)
			return name == after.Target || !was || !is
		})
		x, err := relative(old, before, others)
		if err != nil {
			return nil, err
		}
		y, err := relative(now, after, others)
		if err != nil {
			return nil, err
		}
		cmp, err := stats.CompareLogs(x, y, now.ROPE)
		if err != nil {
			return nil, fmt.Errorf("%s, %s of %s: %w", w.Name, now.Measure.Key, after.Target, err)
		}
		c.Rows = append(c.Rows, Row{Workload: w.Name, Title: w.Title, Measure: now.Measure, Target: after.Target,
			Control: slices.Contains(c.Controls, after.Target), Alone: len(others) == 0, Before: before.Median, After: after.Median,
			Versus: analysis.Comparison{With: "before"}})
		found = append(found, comparison{cmp, stats.MinBlocksUnpaired})
	}
	c.keepWithinControls(c.Rows[first:], found)
	return found, nil
}

// keepWithinControls takes what the controls show against each other for the machine's noise between the two campaigns: a target may
// have been slowed down alone, by where its memory happened to lie, say, and no interval within a campaign knows of that. In simulations of
// unchanged targets among two controls, where each campaign favours a target by 2%, it is called different in about one campaign of four;
// side by side in one of twenty at most.
func (c *Change) keepWithinControls(rows []Row, found []comparison) {
	noise := 0.0
	for i, r := range rows {
		if ci := found[i].Ratio.Interval; r.Control && !r.Alone && found[i].Ratio.Pairs > 0 {
			noise = max(noise, math.Expm1(math.Log(ci.Hi)), math.Expm1(-math.Log(ci.Lo)))
		}
	}
	for i := range rows {
		if !rows[i].Control {
			rows[i].noise = max(rows[i].noise, noise)
		}
	}
}

// relative returns the logs of a target's values, block by block relative to the controls; without controls the logs themselves.
func relative(s analysis.Section, target analysis.Row, controls []string) ([]float64, error) {
	blocks := values(target)
	lists := make([]map[string]float64, len(controls))
	for i, name := range controls {
		r, _ := rowOf(s, name)
		lists[i] = values(r)
	}
	var own []float64
	others := make([][]float64, len(lists))
	for _, key := range sortedKeys(blocks) {
		if slices.ContainsFunc(lists, func(l map[string]float64) bool { _, has := l[key]; return !has }) {
			continue
		}
		own = append(own, blocks[key])
		for i, l := range lists {
			others[i] = append(others[i], l[key])
		}
	}
	if len(controls) == 0 {
		for i, v := range own {
			own[i] = math.Log(v) // values are positive: see analysis.Measure.Believed
		}
		return own, nil
	}
	return stats.AgainstControls(own, others...)
}

// values are a row's by block. A trial outside any block has a key that no other target's has.
func values(r analysis.Row) map[string]float64 {
	m := map[string]float64{}
	for i, v := range r.Values {
		key := fmt.Sprintf("%s/%08d", v.Campaign, v.Block)
		if v.Block == 0 {
			key = fmt.Sprintf("%s/alone/%s/%08d", v.Campaign, r.Target, i)
		}
		m[key] = v.Value
	}
	return m
}

// doubtConditions says why a workload of that name is left out, if there was one before.
func (c *Change) doubtConditions(w analysis.Workload, old *analysis.Analysis) {
	for _, o := range old.Workloads {
		if o.Name != w.Name {
			continue
		}
		var differ []string
		for _, key := range sortedKeys(w.Factors) {
			if o.Factors[key] != w.Factors[key] {
				differ = append(differ, fmt.Sprintf("%s %s before, %s after", key, orNone(o.Factors[key]), orNone(w.Factors[key])))
			}
		}
		hint := ""
		if o.Factors["offered_rps"] != w.Factors["offered_rps"] {
			hint = ": repeat a campaign with its own rates by giving its campaign.yaml to --campaign"
		}
		c.Doubts = append(c.Doubts, fmt.Sprintf("%s is left out: %s%s", w.Name, strings.Join(differ, ", "), hint))
		return
	}
}

func orNone(text string) string {
	if text == "" {
		return "none"
	}
	return text
}

// checkMachines refuses two machines, and doubts what else differs.
func (c *Change) checkMachines(before, after []folder.Folder, opts Options) error {
	type fact struct{ name, before, after string }
	var facts []fact
	for _, f := range []struct {
		name string
		of   func(folder.Folder) []string
	}{
		{"host_id", func(f folder.Folder) []string { return column(f, "host_id") }},
		{"kernel", func(f folder.Folder) []string { return column(f, "kernel") }},
		{"cpu_model", func(f folder.Folder) []string { return column(f, "cpu_model") }},
		{"cpus", func(f folder.Folder) []string { return column(f, "cpus") }},
		{"go_version", func(f folder.Folder) []string { return column(f, "go_version") }},
	} {
		facts = append(facts, fact{f.name, together(before, f.of), together(after, f.of)})
	}
	for _, f := range facts {
		switch {
		case f.before == f.after:
		case f.name == "host_id" && !opts.AcrossMachines:
			return &MachinesError{f.before, f.after}
		default:
			c.Doubts = append(c.Doubts, fmt.Sprintf("%s differs: %s before, %s after", f.name, orNone(f.before), orNone(f.after)))
		}
	}
	return nil
}

func together(folders []folder.Folder, of func(folder.Folder) []string) string {
	set := map[string]bool{}
	for _, f := range folders {
		for _, v := range of(f) {
			set[v] = true
		}
	}
	return strings.Join(sortedKeys(set), " and ")
}
