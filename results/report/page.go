package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/analysis"
	"modelbench/results/report/sheet"
)

// page is all that the template writes.
type page struct {
	sheet.Sheet
	Title     string
	Overview  string
	Marks     []mark
	Warnings  []warning
	Cards     []card
	Workloads []workloadPart
	Noise     noise
	Setups    []setup
	Verdicts  []verdictCount
	Trials    []trialRow
	// SeveralCampaigns says that the trials have to be told apart by campaign, too.
	SeveralCampaigns bool
	Method           method
	Downloads        []download
	Data             data
	Memory           bool // it was measured
	// ByConnections says that there are workloads which differ in their connections alone.
	ByConnections bool
}

// workloadPart is the part of the page about one workload.
type workloadPart struct {
	Index     int // in the data
	Data      workloadData
	ID, Title string
	Sentence  string
	Rows      []row
	Notes     []string
	Closed    bool
	NoCurves  string // why there is none, if so
}

func newPage(a *analysis.Analysis, members [][]analysis.Member, sources []Source) (*page, error) {
	histograms := map[string]*hdrhistogram.Histogram{}
	for _, s := range sources {
		for id, h := range s.Latencies {
			histograms[id] = h
		}
	}
	list := marks(a)
	p := &page{Sheet: newSheet(), Title: title(list), Overview: overview(a, members), Marks: list,
		Noise: newNoise(a), Verdicts: verdictCounts(members), Method: newMethod(a), Warnings: warnings(a, members, sources)}
	var err error
	if p.Data, err = newData(a, members, histograms, list); err != nil {
		return nil, err
	}
	p.Memory = slices.ContainsFunc(a.Workloads, func(wl analysis.Workload) bool {
		return slices.ContainsFunc(wl.Sections, func(s analysis.Section) bool { return s.Measure.Key == "memory" })
	})
	p.ByConnections = byConnections(p.Data.Workloads)
	l, measures := newLooks(list), columns(a)
	for i, wl := range a.Workloads {
		id := fmt.Sprintf("workload-%d", i+1)
		c := newCard(id, wl, members[i], measures, l)
		c.Trials = len(members[i])
		for _, left := range wl.LeftOut {
			c.LeftOut += left.Trials
		}
		p.Cards = append(p.Cards, c)
		p.Workloads = append(p.Workloads, workloadPart{Index: i, Data: p.Data.Workloads[i], ID: id, Title: wl.Title, Sentence: c.Sentence, Rows: tableRows(wl, l), Notes: wl.Notes(),
			Closed: wl.Closed, NoCurves: noCurves(histograms)})
	}
	for _, s := range sources {
		p.Setups = append(p.Setups, newSetup(s))
	}
	p.SeveralCampaigns = a.Overview.Campaigns > 1
	p.Trials = trialRows(a, members)
	if p.Downloads, err = downloads(a, sources); err != nil {
		return nil, err
	}
	return p, nil
}

func byConnections(workloads []workloadData) bool {
	of := map[string]int64{}
	for _, w := range workloads {
		if n, has := of[w.Group]; has && n != w.Connections {
			return true
		}
		of[w.Group] = w.Connections
	}
	return false
}

// title names what was compared, as long as it stays a title.
func title(list []mark) string {
	names := make([]string, len(list))
	for i, m := range list {
		names[i] = m.Target
	}
	text := strings.Join(names, ", ")
	switch {
	case len(names) == 1:
		return text + " measured alone: there is nothing to compare it with"
	case len(names) > 6 || len(text) > 90:
		return fmt.Sprintf("%d targets compared", len(names))
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1] + " compared"
}

// overview says what there is, where and when.
func overview(a *analysis.Analysis, members [][]analysis.Member) string {
	parts := []string{a.Overview.String()}
	t := members[0][0].Trial
	if a.Overview.Machines <= 1 && t.CPUModel != "" {
		parts = append(parts, fmt.Sprintf("%s, %s", t.CPUModel, analysis.Count(int(t.CPUs.Or(0)), "CPU", "CPUs")))
	}
	first := ""
	for _, list := range members {
		for _, m := range list {
			if at := m.Trial.StartedAt.String(); at != "" && (first == "" || at < first) {
				first = at
			}
		}
	}
	if first != "" {
		parts = append(parts, "measured from "+strings.Replace(first[:len("2006-01-02T15:04")], "T", " ", 1)+" UTC")
	}
	return strings.Join(parts, " · ")
}

func noCurves(histograms map[string]*hdrhistogram.Histogram) string {
	if len(histograms) == 0 {
		return "No curve of latency over percentiles: there is no log of histograms beside these trials."
	}
	return "No curve of latency over percentiles: no trial of this workload whose latency may be believed is in the log of histograms."
}
