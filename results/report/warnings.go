package report

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/stats"
	"modelbench/results/trial"
)

// warning is a doubt. Section is the id of the part of the page that holds the whole of it, Link that part's heading; both may be empty.
type warning struct {
	Text, Section, Link string
}

// What warnings lead to.
const (
	setupID, setupHeading   = "setup", "Machine and command"
	trialsID, trialsHeading = "trials", "Every trial"
	noiseID, noiseHeading   = "noise", "The machine's own noise"
)

// warnings are what a reader must know before believing anything.
func warnings(a *analysis.Analysis, members [][]analysis.Member, sources []Source) []warning {
	var list []warning
	for _, wl := range a.Workloads {
		for _, doubt := range wl.UnlikeItself() {
			list = append(list, warning{wl.Title + ": " + doubt + ".", noiseID, noiseHeading})
		}
	}
	for _, s := range sources {
		list = append(list, failures(s)...)
	}
	few := tooFew(a)
	if few != "" {
		list = append(list, warning{Text: few})
	}
	if o := a.Overview; o.Valid < o.Trials {
		var kinds []string
		for _, v := range verdictCounts(members) {
			if v.Verdict != trial.VerdictOK {
				kinds = append(kinds, fmt.Sprintf("%d %s", v.Trials, v.Verdict))
			}
		}
		list = append(list, warning{fmt.Sprintf("%d of %s may not be believed, or not in full: %s. Each workload says what was left out, and why.",
			o.Trials-o.Valid, analysis.Count(o.Trials, "trial", "trials"), strings.Join(kinds, ", ")), trialsID, trialsHeading})
	}
	least, screened := 0, 0
	for _, f := range a.Families {
		least, screened = max(least, f.LeastBlocks), screened+f.Screened
	}
	if screened > 0 && few == "" {
		list = append(list, warning{Text: fmt.Sprintf("Screening: %s too few blocks to be corrected for how many there are (that takes %d blocks). "+
			"Of equal targets about 1 in 20 is called different.", analysis.Count(screened, "comparison has", "comparisons have"), least)})
	}
	for _, s := range sources {
		if s.Torn {
			list = append(list, warning{Text: s.Name + ": the last line of the trials has no end, and was left out."})
		}
		if s.Loose > 0 {
			list = append(list, warning{fmt.Sprintf("%s: %s of blocks that were not finished: left out.", s.Name, analysis.Count(s.Loose, "trial is", "trials are")), trialsID, trialsHeading})
		}
	}
	if unlike := machines(members); len(unlike) > 1 {
		list = append(list, warning{"The trials come from " + strconv.Itoa(len(unlike)) + " machines: medians mix them, ratios do not.", setupID, setupHeading})
	}
	return list
}

// failures are what went wrong while the source was measured, each in its own words: the first few of them.
func failures(s Source) (list []warning) {
	m := s.Manifest
	if m == nil {
		return nil
	}
	add := func(text string) { list = append(list, warning{text, setupID, setupHeading}) }
	for _, text := range leftOut(m) {
		add(text)
	}
	if m.Status != "complete" {
		add(fmt.Sprintf("%s: the campaign is not complete: %s.", s.Name, cmp.Or(m.Status, "no status is known")))
	}
	const most = 3
	if n := len(m.Failures); n > 0 {
		text := fmt.Sprintf("%s: %s during the campaign: %s.", s.Name, analysis.Count(n, "failure", "failures"), strings.Join(m.Failures[:min(n, most)], "; "))
		if n > most {
			text += fmt.Sprintf(" The section lists %d more.", n-most)
		}
		add(text)
	}
	return list
}

// leftOut are the targets that a campaign did not measure in a workload.
func leftOut(m *folder.Manifest) (list []string) {
	for _, l := range m.LeftOut {
		list = append(list, fmt.Sprintf("%s was not measured in %s: it %s.", l.Target, l.Workload, l.Why))
	}
	return list
}

// tooFew says that no two targets share as many blocks as any verdict takes. Empty: some do, or there is nothing to compare.
func tooFew(a *analysis.Analysis) string {
	compared, most := false, 0
	for _, wl := range a.Workloads {
		for _, s := range wl.Sections {
			for _, r := range s.Rows[1:] {
				compared, most = true, max(most, r.Versus.Pairs)
			}
		}
	}
	least := stats.MinPairs(stats.Level)
	if !compared || most >= least {
		return ""
	}
	return fmt.Sprintf("Too few blocks for any verdict: targets share %d at the most, and %d is the least.", most, least)
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
