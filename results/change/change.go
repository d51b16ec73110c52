// Package change says what became of targets after a change: how many times as much as before, with an interval.
//
// There are two ways to know what was before:
//
//   - Within one campaign, both versions side by side (Within). Blocks are paired, so whatever the machine does happens to both.
//     This is the better way.
//   - Two campaigns (Between). The machine was not the same at both times, even if nobody touched it: the same executable costs
//     5 to 30% more or less some minutes later. So targets of ours of which executable and arguments are the same in both campaigns are
//     taken as controls, and others that the user names, and what is compared is the target's ratio to them. Without a control the change cannot be told from
//     the machine's, and nothing is decided.
//
// It takes trials and manifests as other packages read them and does no input or output.
package change

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/gate"
	"modelbench/results/stats"
)

// Change is what a change did.
type Change struct {
	Doubts   []string `json:"doubts"`   // what a reader must know before believing the figures
	Controls []string `json:"controls"` // targets that are the same in both campaigns; none within one
	Rows     []Row    `json:"rows"`
	// Silent are targets that were to be compared with what they were before, and have no value to do so in some measure.
	Silent []gate.Finding `json:"-"`
	// Comparisons is over how many rows of one measure, at most, p values were corrected together.
	Comparisons int `json:"comparisons"`
}

// Row is one target in one measure of a workload.
type Row struct {
	Workload string            `json:"workload"`
	Title    string            `json:"conditions"`
	Measure  *analysis.Measure `json:"measure"`
	Target   string            `json:"target"`
	Control  bool              `json:"control"` // it is the same in both: what is seen here is noise
	Alone    bool              `json:"alone"`   // of two campaigns, and no control has values to compare it with: nothing is decided
	Before   float64           `json:"before"`  // medians, as they were measured
	After    float64           `json:"after"`
	// Versus is after as a multiple of before; between campaigns, relative to the controls.
	Versus analysis.Comparison `json:"versus"`

	noise float64 // how far the A/A arm of one campaign may be from itself, or controls from each other between two; 0: not known
}

// ErrNothing is wrapped by errors that say that before and after have nothing in common.
var ErrNothing = errors.New("nothing to compare")

// Within compares each target with its namesake that has the suffix: "goroutine" with "goroutine@main" for "@main".
func Within(a *analysis.Analysis, suffix string) (*Change, error) {
	c := &Change{Doubts: []string{}, Controls: []string{}, Rows: []Row{}}
	var found []comparison
	for _, w := range a.Workloads {
		for _, s := range w.Sections {
			c.Silent = append(c.Silent, silent(w, s, suffix)...)
			for _, after := range s.Rows {
				before, has := rowOf(s, after.Target+suffix)
				if !has {
					continue
				}
				x, y := paired(after.Values, before.Values)
				cmp, err := stats.Compare(x, y, s.ROPE, 1)
				if err != nil {
					return nil, err
				}
				c.Rows = append(c.Rows, Row{Workload: w.Name, Title: w.Title, Measure: s.Measure, Target: after.Target,
					Before: before.Median, After: after.Median, Versus: analysis.Comparison{With: before.Target}, noise: s.Noise})
				found = append(found, comparison{cmp, stats.MinBlocksFor})
			}
		}
	}
	if len(c.Rows) == 0 {
		return nil, fmt.Errorf("%w: no target has a namesake that ends in %q", ErrNothing, suffix)
	}
	c.decide(found)
	return c, nil
}

// silent are the targets of which one of the two has values and the other has none.
func silent(w analysis.Workload, s analysis.Section, suffix string) []gate.Finding {
	var list []gate.Finding
	for _, name := range w.Targets {
		_, is := rowOf(s, name)
		_, was := rowOf(s, name+suffix)
		if is != was && slices.Contains(w.Targets, name+suffix) {
			list = append(list, gate.Finding{Workload: w.Name, Target: name, Measure: s.Measure, Comparison: analysis.Comparison{With: name + suffix}})
		}
	}
	return list
}

func rowOf(s analysis.Section, target string) (analysis.Row, bool) {
	i := slices.IndexFunc(s.Rows, func(r analysis.Row) bool { return r.Target == target })
	if i < 0 {
		return analysis.Row{}, false
	}
	return s.Rows[i], true
}

// paired returns the values of the blocks that both have.
func paired(a, b []analysis.Value) (x, y []float64) {
	type key struct {
		campaign string
		block    int64
	}
	others := map[key]float64{}
	for _, v := range b {
		others[key{v.Campaign, v.Block}] = v.Value
	}
	for _, v := range a {
		if other, both := others[key{v.Campaign, v.Block}]; both && v.Block > 0 {
			x, y = append(x, v.Value), append(y, other)
		}
	}
	return x, y
}

// comparison is a row's figures before p values are corrected.
type comparison struct {
	stats.Comparison
	least func(comparisons int, level float64) int
}

// decide corrects the p values of each measure's rows together and judges them. Controls are not judged with the others: that they
// are equal is known.
func (c *Change) decide(found []comparison) {
	families := map[*analysis.Measure][]int{}
	for i, r := range c.Rows {
		if !r.Control && found[i].Ratio.Pairs > 0 {
			families[r.Measure] = append(families[r.Measure], i)
		}
	}
	adjusted := make([]float64, len(c.Rows))
	family := make([]int, len(c.Rows))
	for i := range c.Rows {
		adjusted[i], family[i] = found[i].P, 1
	}
	for _, members := range families {
		c.Comparisons = max(c.Comparisons, len(members))
		ps := make([]float64, len(members))
		for i, row := range members {
			ps[i] = found[row].P
		}
		for i, p := range stats.Holm(ps) {
			adjusted[members[i]], family[members[i]] = p, len(members)
		}
	}
	for i := range c.Rows {
		f, v, m := found[i], &c.Rows[i].Versus, c.Rows[i].Measure
		v.Pairs, v.P, v.AdjustedP, v.EquivalenceP = f.Ratio.Pairs, f.P, adjusted[i], f.EquivalenceP
		if v.Pairs > 0 {
			v.Estimate, v.Lo, v.Hi, v.Level = f.Ratio.Estimate, f.Ratio.Interval.Lo, f.Ratio.Interval.Hi, f.Ratio.Interval.Level
		}
		d := stats.Decide(f.Comparison, adjusted[i], family[i], m.Better)
		if v.Screening = v.Pairs < f.least(family[i], stats.Level); v.Screening {
			d = stats.Judge(f.Ratio, f.ROPE, m.Better)
		}
		if c.Rows[i].Alone {
			d = stats.Decision{Verdict: stats.Undecided}
		}
		v.Verdict, v.BlocksNeeded = d.Verdict, d.Blocks
		v.KeepWithin(c.Rows[i].noise)
	}
}

// Findings are the rows that a gate judges: all but the controls; and what has no value to be judged by.
func (c *Change) Findings() []gate.Finding {
	list := slices.Clone(c.Silent)
	for _, r := range c.Rows {
		if !r.Control {
			list = append(list, gate.Finding{Workload: r.Workload, Target: r.Target, Measure: r.Measure, Comparison: r.Versus, Noise: r.noise, Unproven: r.Alone})
		}
	}
	return list
}

// Sentence says what changed, from verdicts alone.
func (c *Change) Sentence() string {
	said := map[string][]string{}
	for _, r := range c.Rows {
		if r.Control || r.Measure.Detail {
			continue
		}
		ratio, _ := r.Versus.RatioText()
		switch r.Versus.Verdict {
		case stats.Slower:
			said["worse"] = append(said["worse"], fmt.Sprintf("%s of %s in %s (%s)", r.Measure.Brief, r.Target, r.Workload, ratio))
		case stats.Faster:
			said["better"] = append(said["better"], fmt.Sprintf("%s of %s in %s (%s)", r.Measure.Brief, r.Target, r.Workload, ratio))
		case stats.NoDifference:
			said["same"] = append(said["same"], "")
		default:
			said["open"] = append(said["open"], "")
		}
	}
	var parts []string
	for _, side := range []string{"worse", "better"} {
		if len(said[side]) > 0 {
			parts = append(parts, side+" than before: "+strings.Join(said[side], ", "))
		}
	}
	if n := len(said["same"]); n > 0 {
		parts = append(parts, analysis.Count(n, "comparison makes", "comparisons make")+" no difference")
	}
	if n := len(said["open"]); n > 0 {
		parts = append(parts, fmt.Sprintf("%d undecided", n))
	}
	if len(parts) == 0 {
		return "Only controls were compared."
	}
	return strings.Join(parts, "; ") + "."
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
