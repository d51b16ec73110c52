package change

import (
	"fmt"
	"slices"
	"strings"

	"modelbench/results/folder"
)

// ControlError says that a target that was named as a control is not in both campaigns.
type ControlError struct{ Target, Missing string }

func (e *ControlError) Error() string {
	return fmt.Sprintf("%q is no target of the campaigns %s: a control has to be in both", e.Target, e.Missing)
}

// checkControls refuses a control that has no trial before or after: taken for one, it would let everything be decided without.
func checkControls(named []string, before, after []folder.Folder) error {
	for _, name := range named {
		for _, side := range []struct {
			what    string
			folders []folder.Folder
		}{{"before", before}, {"after", after}} {
			if !slices.ContainsFunc(side.folders, func(f folder.Folder) bool { return slices.Contains(column(f, "target"), name) }) {
				return &ControlError{name, side.what}
			}
		}
	}
	return nil
}

// controls are the targets of which executable and arguments are the same in all manifests, and those that were named, in order.
// A command of the user's is none unless it is named: its executable may be an interpreter, and what it runs another program.
func controls(before, after []folder.Folder, named []string) []string {
	count := map[string]int{}
	prints := map[string]map[string]bool{}
	all := append(slices.Clone(before), after...)
	for _, f := range all {
		if f.Manifest == nil {
			continue
		}
		for _, t := range f.Manifest.Targets {
			sum := f.Manifest.Binaries[t.Binary].SHA256
			if sum == "" || len(t.Command) > 0 {
				continue
			}
			if prints[t.Name] == nil {
				prints[t.Name] = map[string]bool{}
			}
			prints[t.Name][sum+" "+strings.Join(t.Args, "\x00")] = true
			count[t.Name]++
		}
	}
	list := slices.Clone(named)
	for name, n := range count {
		if n == len(all) && len(prints[name]) == 1 && !slices.Contains(list, name) {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}
