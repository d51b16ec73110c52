package choose

import (
	"fmt"
	"math"
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/stats"
	"modelbench/results/trial"
)

// check puts every candidate under every constraint.
func (c *chooser) check() {
	objective := measureOf(c.need.Objectives[0])
	for _, k := range c.candidates {
		k.compared = len(c.gaps) == 0 && len(c.sources) > 0
		for _, g := range c.gaps {
			k.add(Check{Constraint: "cell", Status: NotMeasured, Sentence: Sentence{Text: g.why, Evidence: Evidence{Metric: "workload", Workload: g.share.Workload, Target: k.Target}}})
			c.capacity(k, g)
		}
		over := k.compared && c.overBudget(k)
		if over {
			c.lessen(k)
		}
		for _, s := range c.sources {
			if over {
				break
			}
			c.rate(k, s)
			if len(s.values(k.Target, objective)) == 0 {
				k.compared = false
				if !k.fails("rate") {
					k.add(c.noValue("cell", k, s, objective))
				}
				continue
			}
			if c.need.P99 > 0 {
				c.atMost("p99", k, s, measureOf("p99"), c.need.P99)
			}
			if c.need.Memory > 0 {
				c.atMost("memory", k, s, measureOf("memory"), c.need.Memory)
			}
		}
		c.cores(k)
		c.isolation(k)
		c.sharedState(k)
		k.Status = k.worst()
	}
}

func (k *Candidate) add(check Check) { k.Checks = append(k.Checks, check) }

func (k *Candidate) fails(constraint string) bool {
	return slices.ContainsFunc(k.Checks, func(c Check) bool { return c.Constraint == constraint && c.Status == Rejected })
}

func measureOf(key string) *analysis.Measure {
	m, err := analysis.MeasureOf(key)
	if err != nil {
		panic(err) // Need.Validate knows them all
	}
	return m
}

func (c *chooser) noValue(constraint string, k *Candidate, s source, m *analysis.Measure) Check {
	return Check{Constraint: constraint, Status: NotMeasured, Sentence: Sentence{
		Text:     fmt.Sprintf("no %s of it that may be believed in %s", m.Name, s.name()),
		Evidence: Evidence{Metric: m.Key, Workload: s.share.Workload, Target: k.Target}}}
}

// atMost is the constraint that a measure's median over blocks is not above a limit.
func (c *chooser) atMost(constraint string, k *Candidate, s source, m *analysis.Measure, limit float64) {
	own := s.values(k.Target, m)
	if len(own) == 0 {
		k.add(c.noValue(constraint, k, s, m))
		return
	}
	u := m.Unit(limit)
	blocks := own.blocks()
	e, interval := c.median(own.over(blocks))
	e.Metric, e.Workload, e.Target, e.Trials = m.Key, s.share.Workload, k.Target, own.trials(blocks)
	check := Check{Constraint: constraint, Status: against(interval, limit)}
	if check.Status == Uncertain {
		check.Blocks = blocksFor(own.over(blocks), limit)
	}
	check.Sentence = Sentence{fmt.Sprintf("%s in %s is %s, %s %s", m.Name, s.name(), m.Unit(*e.Estimate).Text(*e.Estimate), verdicts[check.Status], u.Text(limit)), e}
	k.add(check)
}

// verdicts are the words between a value and its upper limit.
var verdicts = map[Status]string{Feasible: "within", Uncertain: "not surely within", Rejected: "over"}

// against judges an interval against an upper limit: by its bad end whether it is met, by its good end whether it is not.
func against(i stats.Interval, limit float64) Status {
	switch {
	case !i.Reaches(stats.Level):
		return Uncertain
	case i.Hi <= limit:
		return Feasible
	case i.Lo > limit:
		return Rejected
	}
	return Uncertain
}

func (c *chooser) median(values []float64) (Evidence, stats.Interval) {
	m, i := stats.Median(values, stats.Level)
	return Evidence{Estimate: &m, Lo: &i.Lo, Hi: &i.Hi, Level: i.Level, N: len(values)}, i
}

// blocksFor is about how many blocks would tell the median from the limit.
func blocksFor(values []float64, limit float64) int {
	limits := make([]float64, len(values))
	for i := range limits {
		limits[i] = limit
	}
	r, err := stats.CompareRatio(values, limits, stats.Level)
	if err != nil {
		return 0
	}
	return max(stats.Judge(r, 0, stats.LowerIsBetter).Blocks, len(values)+1)
}

// rate is the constraint that the offered rate is met. A trial that was offered it and kept up has shown that.
func (c *chooser) rate(k *Candidate, s source) {
	if c.need.Rate == 0 {
		return
	}
	missed, met := map[block]point{}, map[block]point{}
	for _, t := range c.trials {
		if !isOf(t, k.Target) || !s.holds(t) {
			continue
		}
		b := block{campaign: t.CampaignID, number: t.Block.Or(0)}
		if b.number == 0 {
			b.alone = t.TrialID
		}
		switch t.Verdict {
		case trial.VerdictRateMissed:
			missed[b] = point{0, append(missed[b].trials, t.TrialID)}
		case trial.VerdictOK, trial.VerdictLagging:
			met[b] = point{1, append(met[b].trials, t.TrialID)}
		}
	}
	n := len(series(missed).blocks())
	if n+len(met) == 0 {
		return // nothing that may be believed: said elsewhere
	}
	for b := range missed {
		delete(met, b)
	}
	all := n + len(met)
	share := float64(n) / float64(all)
	e := Evidence{Metric: "rate_missed", Workload: s.share.Workload, Target: k.Target, Estimate: &share, N: all,
		Trials: slices.Sorted(slices.Values(append(series(missed).trials(series(missed).blocks()), series(met).trials(series(met).blocks())...)))}
	check := Check{Constraint: "rate", Status: Feasible, Sentence: Sentence{fmt.Sprintf("keeps up with %s/s in %s in all of %s", analysis.Short(c.need.Rate), s.name(), blocksText(all)), e}}
	switch {
	case n > 0 && s.column != "": // it says nothing of what lies between
		check.Status, check.Text = NotMeasured, fmt.Sprintf("does not keep up in %s at one of the ends in %d of %s", s.name(), n, blocksText(all))
	case n == all:
		check.Status, check.Text = Rejected, fmt.Sprintf("does not keep up with %s/s in %s in any of %s", analysis.Short(c.need.Rate), s.name(), blocksText(all))
	case n > 0:
		check.Status, check.Text = Uncertain, fmt.Sprintf("does not keep up with %s/s in %s in %d of %s", analysis.Short(c.need.Rate), s.name(), n, blocksText(all))
	}
	k.add(check)
}

func blocksText(n int) string { return analysis.Count(n, "block", "blocks") }

// holds tells whether a trial is of one of the source's cells.
func (s source) holds(t trial.Trial) bool {
	return slices.ContainsFunc(s.cells, func(w *analysis.Workload) bool { return inCell(t, w) })
}

func inCell(t trial.Trial, w *analysis.Workload) bool {
	return !slices.ContainsFunc(trial.Columns(), func(col trial.Column) bool {
		return col.Group == trial.Factors && !slices.Contains(targetColumns, col.Name) && col.Text(t) != w.Factors[col.Name]
	})
}

// capacity rejects a candidate whose closed loop was slower than the rate asked for, where that rate itself was not measured: what it
// cannot serve to connections that never wait, it cannot serve when requests are due either. That it could is no proof of how it would.
func (c *chooser) capacity(k *Candidate, g gap) {
	if c.need.Rate == 0 {
		return
	}
	m := measureOf("throughput")
	for _, w := range c.measured(func(w *analysis.Workload) bool { return w.Name == g.share.Workload && w.Closed && c.sameButRate(w) }) {
		own := valuesIn(w, k.Target, m)
		if len(own) == 0 {
			continue
		}
		blocks := own.blocks()
		e, i := c.median(own.over(blocks))
		if !i.Reaches(stats.Level) || i.Hi >= c.need.Rate {
			continue
		}
		e.Metric, e.Workload, e.Target, e.Trials = m.Key, w.Name, k.Target, own.trials(blocks)
		k.add(Check{Constraint: "rate", Status: Rejected, Sentence: Sentence{
			fmt.Sprintf("its capacity in %s is %s, below %s/s", w.Title, m.Unit(*e.Estimate).Text(*e.Estimate), analysis.Short(c.need.Rate)), e}})
	}
}

// sameButRate tells whether a cell is as asked for in all but its rate.
func (c *chooser) sameButRate(w *analysis.Workload) bool {
	for column, value := range c.need.Where {
		if w.Factors[column] != value {
			return false
		}
	}
	return !slices.ContainsFunc(c.need.asked(), func(a asked) bool {
		v := number(w, a.column)
		return a.column != "offered_rps" && (math.IsNaN(v) || v != a.want)
	})
}
