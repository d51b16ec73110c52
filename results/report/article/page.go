package article

import (
	"fmt"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/claims"
	"modelbench/results/claims/complexity"
	"modelbench/results/report/sheet"
)

// page is all that the template writes.
type page struct {
	sheet.Sheet
	Title       string
	Source      string // the article's title
	Overview    string
	Sentence    string
	Tally       []count
	Glances     []glance
	Doubts      []doubt
	Sections    []section
	Choosing    *section
	Multiples   []numbered
	Faults      []faultRow
	FaultChart  *numbered
	StandIns    []claims.StandIn
	Complexity  []complexity.Row
	Figures     []string // that were counted
	Experiments []experimentPart
	Dropped     []claims.Dropped
	Noise       noise
	Facts       []fact
	Family      int
	MinBlocks   int
	Level       string
	ROPE, Tail  string
	Python      bool // CPython was measured too
	Downloads   []download
	Data        data
}

// newSheet is the page's style and code: what all pages have, and its own charts.
func newSheet() sheet.Sheet {
	return sheet.New(asset("article.css"), asset("tests.js"), asset("multiples.js"), asset("pick.js"))
}

// numbered is a figure with its place in the data.
type numbered struct {
	multiples
	Index int
}

func newPage(s Source) (*page, error) {
	p := &page{Sheet: newSheet(), Source: s.Report.Source, StandIns: s.Report.StandIns, Noise: newNoise(s.Report), Facts: facts(s),
		Dropped: s.Run.Dropped, Family: s.Report.Family, MinBlocks: s.Report.MinBlocks,
		Level: analysis.Percent(wanted), ROPE: analysis.Percent(analysis.DefaultROPE), Tail: analysis.Percent(analysis.DefaultTailROPE),
		Data: data{Marks: []mark{}, Again: map[string]string{}, Tests: []testChart{}, Multiples: []multiples{}}}
	p.Tally = tally(s.Report.Findings)
	p.Sentence = s.Report.Summary() + "."
	p.Title = fmt.Sprintf("Threads, processes, asyncio: %s put to the test", analysis.Count(len(s.Report.Findings), "claim", "claims"))
	p.Overview = overview(s)
	p.Doubts = doubts(s, p.Noise)
	idx := index{}
	for _, e := range s.Experiments {
		p.Python = p.Python || e.Python
		i := slices.IndexFunc(s.Report.Experiments, func(r claims.ExperimentRun) bool { return r.Experiment.Name == e.Name })
		var asks claims.Experiment
		if i >= 0 {
			asks = s.Report.Experiments[i].Experiment
		}
		part := newExperimentPart(e, asks, idx)
		runs := s.Report.Experiments
		if e.Python {
			runs = s.Report.Python
		}
		if at := slices.IndexFunc(runs, func(r claims.ExperimentRun) bool { return r.Experiment.Name == e.Name }); at >= 0 {
			part.Status = status(runs[at])
		}
		p.Experiments = append(p.Experiments, part)
	}
	var cards []card
	for _, f := range s.Report.Findings {
		p.Glances = append(p.Glances, newGlance(f))
		cards = append(cards, newCard(f, &p.Data, idx, s.Choices))
	}
	p.Sections = newSections(cards)
	if n := len(p.Sections); n > 0 && p.Sections[n-1].ID == strings.ToLower(choosingPlace) {
		p.Choosing, p.Sections = &p.Sections[n-1], p.Sections[:n-1]
	}
	p.pictures(s)
	p.Complexity = complexity.Models(s.Complexity)
	if len(p.Complexity) > 0 {
		p.Figures = complexity.Figures
	}
	var err error
	p.Downloads, err = downloads(s)
	return p, err
}

// status says how an experiment went.
func status(r claims.ExperimentRun) string {
	text := analysis.Count(r.Blocks, "whole block", "whole blocks")
	if r.Dropped != "" {
		text += "; " + r.Dropped
	}
	return text + "."
}

// pictures are the experiments that have a figure of their own.
func (p *page) pictures(s Source) {
	all := members(s)
	add := func(m multiples, ok bool) *numbered {
		if !ok {
			return nil
		}
		p.Data.Multiples = append(p.Data.Multiples, m)
		return &numbered{m, len(p.Data.Multiples) - 1}
	}
	p.Faults = faultTable(all)
	p.FaultChart = add(faultPanels(all))
	for _, m := range []*numbered{add(interference(all)), add(idleMemory(all)), add(starting(all, s.Report))} {
		if m != nil {
			p.Multiples = append(p.Multiples, *m)
		}
	}
}

// overview says where and when.
func overview(s Source) string {
	var parts []string
	bad, all := invalid(s.Experiments)
	trials := analysis.Count(all, "trial", "trials")
	if bad > 0 {
		trials += fmt.Sprintf(" (%d not valid)", bad)
	}
	parts = append(parts, trials+" in "+analysis.Count(len(s.Experiments), "campaign", "campaigns"))
	if m := firstManifest(s.Experiments); m != nil && m.Machine.CPUModel != "" {
		parts = append(parts, fmt.Sprintf("%s, %s", m.Machine.CPUModel, analysis.Count(int(m.Machine.CPUs), "CPU", "CPUs")))
	}
	if !s.Run.Started.IsZero() {
		parts = append(parts, "measured "+s.Run.Started.UTC().Format("2006-01-02 15:04")+" UTC")
	}
	return strings.Join(parts, " · ")
}

// Figure is the count of that name of a model.
func (p *page) Figure(r complexity.Row, name string) int {
	n, _ := r.Figure(name)
	return n
}
