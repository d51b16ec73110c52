package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// warnings are what a reader must know before believing anything.
func warnings(a *analysis.Analysis, members [][]analysis.Member, sources []Source) []string {
	var list []string
	for _, wl := range a.Workloads {
		for _, doubt := range wl.UnlikeItself() {
			list = append(list, wl.Title+": "+doubt+".")
		}
	}
	if o := a.Overview; o.Valid < o.Trials {
		var kinds []string
		for _, v := range verdictCounts(members) {
			if v.Verdict != trial.VerdictOK {
				kinds = append(kinds, fmt.Sprintf("%d %s", v.Trials, v.Verdict))
			}
		}
		list = append(list, fmt.Sprintf("%d of %s may not be believed, or not in full: %s. Each workload says what was left out, and why.",
			o.Trials-o.Valid, analysis.Count(o.Trials, "trial", "trials"), strings.Join(kinds, ", ")))
	}
	least, screened := 0, 0
	for _, f := range a.Families {
		least, screened = max(least, f.LeastBlocks), screened+f.Screened
	}
	if screened > 0 {
		list = append(list, fmt.Sprintf("Screening: %s too few blocks to be corrected for how many there are (that takes %d blocks). "+
			"Of equal targets about 1 in 20 is called different.", analysis.Count(screened, "comparison has", "comparisons have"), least))
	}
	for _, s := range sources {
		if s.Torn {
			list = append(list, s.Name+": the last line of the trials has no end, and was left out.")
		}
		if s.Loose > 0 {
			list = append(list, fmt.Sprintf("%s: %s of blocks that were not finished: left out.", s.Name, analysis.Count(s.Loose, "trial is", "trials are")))
		}
		if m := s.Manifest; m != nil {
			for _, l := range m.LeftOut {
				list = append(list, fmt.Sprintf("%s was not measured in %s: it %s.", l.Target, l.Workload, l.Why))
			}
			if m.Status != "complete" {
				list = append(list, fmt.Sprintf("%s: the campaign is not complete: %s.", s.Name, cmp.Or(m.Status, "no status is known")))
			}
			if n := len(m.Failures); n > 0 {
				list = append(list, fmt.Sprintf("%s: %s during the campaign: see its setup.", s.Name, analysis.Count(n, "failure", "failures")))
			}
		}
	}
	if unlike := machines(members); len(unlike) > 1 {
		list = append(list, "The trials come from "+strconv.Itoa(len(unlike))+" machines: medians mix them, ratios do not.")
	}
	return list
}

func machines(members [][]analysis.Member) []string {
	hosts := map[string]bool{}
	for _, list := range members {
		for _, m := range list {
			if m.Trial.HostID != "" {
				hosts[m.Trial.HostID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(hosts))
}
