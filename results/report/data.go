package report

import (
	"slices"
	"strings"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/analysis"
	"modelbench/results/stats"
	"modelbench/results/trial"
)

// data is what the charts are drawn from: JSON in the page. Values are in base units (per second, microseconds, bytes); texts are
// written here, so that a chart never words anything itself.
type data struct {
	Marks []mark `json:"marks"`
	// Again are the A/A arm's names, and of which target each is a copy.
	Again     map[string]string `json:"again"`
	Workloads []workloadData    `json:"workloads"`
}

type workloadData struct {
	Title       string        `json:"title"`
	Group       string        `json:"group"`       // the conditions but for the connections
	Connections int64         `json:"connections"` // 0: not known
	Measures    []measureData `json:"measures"`
	Curves      []curve       `json:"curves"`
	Times       times         `json:"times"`
}

type measureData struct {
	Key   string  `json:"key"`
	Name  string  `json:"name"`
	Kind  string  `json:"kind"` // rate, time or size
	ROPE  float64 `json:"rope"`
	Noise float64 `json:"noise"`
	First string  `json:"first"` // what the others are compared with
	// FirstIs is best, baseline, or empty when there is no other.
	FirstIs string    `json:"firstIs"`
	Rows    []rowData `json:"rows"`
	AA      *ratio    `json:"aa"`
}

type rowData struct {
	Target string    `json:"target"`
	Median float64   `json:"median"`
	Lo     float64   `json:"lo"`
	Hi     float64   `json:"hi"`
	Text   string    `json:"text"`
	Values []float64 `json:"values"` // of the blocks
	Ratio  *ratio    `json:"ratio"`  // nil for the first, and where no block is shared
}

type ratio struct {
	Target   string    `json:"target"`
	Estimate float64   `json:"estimate"`
	Lo       float64   `json:"lo"`
	Hi       float64   `json:"hi"`
	State    string    `json:"state"` // worse, better, equal or undecided
	Text     string    `json:"text"`
	Interval string    `json:"interval"`
	Word     string    `json:"word"` // the verdict in the measure's own words
	Verdict  string    `json:"verdict"`
	Blocks   []float64 `json:"blocks"` // each block's own ratio
}

func newData(a *analysis.Analysis, members [][]analysis.Member, histograms map[string]*hdrhistogram.Histogram, list []mark) (data, error) {
	begin := beginnings(members)
	d := data{Marks: list, Again: copies(members), Workloads: []workloadData{}}
	for i, wl := range a.Workloads {
		c, err := curves(wl, members[i], histograms)
		if err != nil {
			return data{}, err
		}
		w := workloadData{Title: wl.Title, Group: groupOf(wl), Connections: members[i][0].Trial.Connections.Or(0),
			Measures: []measureData{}, Curves: c, Times: newTimes(wl, members[i], begin)}
		for _, s := range wl.Sections {
			w.Measures = append(w.Measures, newMeasureData(s))
		}
		d.Workloads = append(d.Workloads, w)
	}
	return d, nil
}

func copies(members [][]analysis.Member) map[string]string {
	of := map[string]string{}
	for _, list := range members {
		for _, m := range list {
			if original, again := m.Trial.Again(); again {
				of[m.Target] = original
			}
		}
	}
	return of
}

// Compared tells whether there is a ratio to draw.
func (m measureData) Compared() bool {
	return m.AA != nil || slices.ContainsFunc(m.Rows, func(r rowData) bool { return r.Ratio != nil })
}

// groupOf is equal for workloads that differ in their connections alone. The offered rate may differ too, as a campaign finds one
// for each.
func groupOf(wl analysis.Workload) string {
	var b strings.Builder
	for _, c := range trial.Columns() {
		if text := wl.Factors[c.Name]; text != "" && c.Name != "connections" && c.Name != "offered_rps" {
			b.WriteString(c.Name + "=" + text + "\n")
		}
	}
	return b.String()
}

// kind follows from the column's suffix, which is its unit.
func kind(m *analysis.Measure) string {
	switch {
	case strings.HasSuffix(m.Column, "_rps"):
		return "rate"
	case strings.HasSuffix(m.Column, "_bytes"):
		return "size"
	}
	return "time"
}

func newMeasureData(s analysis.Section) measureData {
	better := "lower is better"
	if s.Measure.Better == stats.HigherIsBetter {
		better = "higher is better"
	}
	m := measureData{Key: s.Measure.Key, Name: s.Measure.Name + ", " + better, Kind: kind(s.Measure), ROPE: s.ROPE, Noise: s.Noise, First: s.Rows[0].Target}
	switch {
	case s.Baseline:
		m.FirstIs = "baseline"
	case len(s.Rows) > 1:
		m.FirstIs = "best"
	}
	u := s.Measure.Unit(s.Rows[0].Median)
	for _, r := range s.Rows {
		row := rowData{Target: r.Target, Median: r.Median, Lo: r.Lo, Hi: r.Hi, Text: u.Text(r.Median)}
		for _, v := range r.Values {
			row.Values = append(row.Values, v.Value)
		}
		if r.Versus != nil && r.Versus.Pairs > 0 {
			row.Ratio = newRatio(s, r.Target, r.Versus)
			row.Ratio.Blocks = blockRatios(r.Values, s.Rows[0].Values)
		}
		m.Rows = append(m.Rows, row)
	}
	if s.AA != nil && s.AA.Pairs > 0 {
		m.AA = newRatio(s, s.AA.With, s.AA)
	}
	return m
}

func newRatio(s analysis.Section, target string, c *analysis.Comparison) *ratio {
	r := &ratio{Target: target, Estimate: c.Estimate, Lo: c.Lo, Hi: c.Hi, Word: s.Measure.Word(c.Verdict), Verdict: s.Measure.VerdictText(c), Blocks: []float64{},
		State: map[stats.Verdict]string{stats.Slower: "worse", stats.Faster: "better", stats.NoDifference: "equal", stats.Undecided: "undecided"}[c.Verdict]}
	r.Text, r.Interval = c.RatioText()
	return r
}

// blockRatios are those of the blocks that hold one value of each. Values outside any block belong to no other.
func blockRatios(own, others []analysis.Value) []float64 {
	type key struct {
		campaign string
		block    int64
	}
	of := map[key][]float64{}
	for _, v := range others {
		k := key{v.Campaign, v.Block}
		of[k] = append(of[k], v.Value)
	}
	seen := map[key]int{}
	for _, v := range own {
		seen[key{v.Campaign, v.Block}]++
	}
	list := []float64{}
	for _, v := range own {
		k := key{v.Campaign, v.Block}
		if len(of[k]) == 1 && seen[k] == 1 {
			list = append(list, v.Value/of[k][0])
		}
	}
	return list
}
