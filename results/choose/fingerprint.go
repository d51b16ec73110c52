package choose

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modelbench/results/folder"
	"modelbench/results/trial"
)

// machineColumns tell machines apart, as far as trials know them. git_rev is about the build: see oneBuild.
var machineColumns = []string{"host_id", "kernel", "cpu_model", "cpus", "go_version"}

// oneMachine refuses trials of several machines: what they spend and how fast they answer have nothing to do with each other.
func oneMachine(trials []trial.Trial) error {
	for _, c := range trial.Columns() {
		if !slices.Contains(machineColumns, c.Name) {
			continue
		}
		seen := map[string]string{} // value -> a trial
		for _, t := range trials {
			text := c.Text(t)
			if known, has := seen[text]; !has || t.TrialID < known {
				seen[text] = t.TrialID
			}
		}
		if len(seen) > 1 {
			return fmt.Errorf("%w: %s is %s: give those of one machine only", ErrMixed, c.Name, values(seen))
		}
	}
	return nil
}

// oneBuild refuses folders in which a target is not the same program: by its executable's checksum where the manifest has one, else
// by the trials' git_rev. Rows that know neither are taken as they are.
func oneBuild(folders []folder.Folder) error {
	sums, revs := map[string]map[string]string{}, map[string]map[string]string{}
	note := func(m map[string]map[string]string, target, build, id string) {
		if m[target] == nil {
			m[target] = map[string]string{}
		}
		if known, has := m[target][build]; !has || id < known {
			m[target][build] = id
		}
	}
	for _, f := range folders {
		for _, t := range f.Trials {
			if sum := checksum(f.Manifest, t.Target); sum != "" {
				note(sums, t.Target, sum, t.TrialID)
			} else if t.GitRev != "" {
				note(revs, t.Target, t.GitRev, t.TrialID)
			}
		}
	}
	for _, by := range []struct {
		what   string
		builds map[string]map[string]string
	}{{"executable", sums}, {"git_rev", revs}} {
		for _, target := range slices.Sorted(maps.Keys(by.builds)) {
			if builds := by.builds[target]; len(builds) > 1 {
				return fmt.Errorf("%w: the %s of %s is %s: give those of one build only", ErrMixed, by.what, target, values(builds))
			}
		}
	}
	return nil
}

// checksum is the target's executable's; empty: not known.
func checksum(m *folder.Manifest, target string) string {
	if m == nil {
		return ""
	}
	for _, t := range m.Targets {
		if t.Name == target {
			if sum := m.Binaries[t.Binary].SHA256; sum != "" {
				return sum[:min(12, len(sum))]
			}
		}
	}
	return ""
}

// values lists what was found, with a trial of each.
func values(seen map[string]string) string {
	var list []string
	for value, id := range seen {
		list = append(list, fmt.Sprintf("%s (%s)", cmp.Or(value, "empty"), id))
	}
	slices.Sort(list)
	return strings.Join(list, " and ")
}

// byIdentity orders trials, so that the order in which they were given is no matter.
func byIdentity(a, b trial.Trial) int {
	return cmp.Or(strings.Compare(a.CampaignID, b.CampaignID), cmp.Compare(a.Block.Or(0), b.Block.Or(0)), strings.Compare(a.TrialID, b.TrialID),
		strings.Compare(a.Target, b.Target))
}
