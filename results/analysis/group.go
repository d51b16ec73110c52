package analysis

import (
	"cmp"
	"slices"
	"strings"

	"modelbench/results/trial"
)

// What makes a target what it is. The url belongs here and not to the conditions because each target has its own; it
// does not tell targets apart, because a server that picks a free port has another one in each block.
var targetColumns = []string{"target", "model", "procs", "workers", "loops", "variant", "listener"}

// group is the trials that were made under equal conditions.
type group struct {
	first  trial.Trial // any of them, for the heading
	trials []trial.Trial
}

// groupByConditions sorts trials into groups, in the order of workload, connections, loop and rate.
func groupByConditions(trials []trial.Trial) []group {
	byKey := map[string]*group{}
	for _, t := range trials {
		key := conditions(t)
		if byKey[key] == nil {
			byKey[key] = &group{first: t}
		}
		byKey[key].trials = append(byKey[key].trials, t)
	}
	var all []group
	for _, g := range byKey {
		all = append(all, *g)
	}
	slices.SortFunc(all, func(a, b group) int {
		x, y := a.first, b.first
		return cmp.Or(
			strings.Compare(x.Workload, y.Workload),
			cmp.Compare(x.Connections.Or(0), y.Connections.Or(0)),
			boolCompare(x.OpenLoop(), y.OpenLoop()),
			cmp.Compare(x.OfferedRPS.Or(0), y.OfferedRPS.Or(0)),
			strings.Compare(conditions(x), conditions(y)),
		)
	})
	return all
}

func boolCompare(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// conditions is a key made of all factors but the target's.
func conditions(t trial.Trial) string {
	var b strings.Builder
	for _, c := range trial.Columns() {
		if c.Group == trial.Factors && c.Name != "url" && !slices.Contains(targetColumns, c.Name) {
			b.WriteString(c.Text(t))
			b.WriteByte(0)
		}
	}
	return b.String()
}

// TargetNames returns each trial's target by the shortest name that tells it from the others of the group: its target
// column, or the url where there is none, and those of the other target columns in which namesakes differ.
func TargetNames(trials []trial.Trial) []string {
	type identity struct{ base, rest string }
	of := make([]identity, len(trials))
	variants := map[string]map[string]bool{} // base -> the rests that occur
	values := map[string]map[string]bool{}   // base and column -> the values that occur
	for i, t := range trials {
		of[i] = identity{cmp.Or(t.Target, t.URL, "(no name)"), rest(t, nil)}
		add(variants, of[i].base, of[i].rest)
		for _, c := range targetRest() {
			add(values, of[i].base+"\x00"+c.Name, c.Text(t))
		}
	}
	names := make([]string, len(trials))
	for i, t := range trials {
		base := of[i].base
		names[i] = base
		if len(variants[base]) > 1 {
			names[i] += rest(t, func(column string) bool { return len(values[base+"\x00"+column]) > 1 })
		}
	}
	return names
}

func add(m map[string]map[string]bool, key, value string) {
	if m[key] == nil {
		m[key] = map[string]bool{}
	}
	m[key][value] = true
}

// targetRest is the target columns apart from the name.
func targetRest() []trial.Column {
	return slices.DeleteFunc(trial.Columns(), func(c trial.Column) bool {
		return c.Name == "target" || !slices.Contains(targetColumns, c.Name)
	})
}

// rest spells the other target columns, those that keep says or all of them.
func rest(t trial.Trial, keep func(column string) bool) string {
	var b strings.Builder
	for _, c := range targetRest() {
		if keep == nil || keep(c.Name) {
			b.WriteString(" " + c.Name + "=" + cmp.Or(c.Text(t), "?"))
		}
	}
	return b.String()
}
