package choose

import (
	"fmt"
	"slices"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// overBudget tells whether a target was measured with more CPU than there is to be. What it would do with less was not measured then,
// unless a namesake had no more.
func (c *chooser) overBudget(k *Candidate) bool {
	return c.need.Cores > 0 && c.budget(k.Target) > c.need.Cores
}

// lessen says of a target that is over the budget what was measured within: a namesake that counts in its place, or nothing. No value of
// it is looked at.
func (c *chooser) lessen(k *Candidate) {
	k.compared = false
	own := float64(c.budget(k.Target))
	e := Evidence{Metric: "procs", Target: k.Target, Estimate: &own, Trials: []string{c.trialOf(k.Target).TrialID}, N: 1}
	text := fmt.Sprintf("was measured with a CPU budget of %v", own)
	within := slices.ContainsFunc(c.candidates, func(other *Candidate) bool {
		return other != k && c.trialOf(other.Target).Target == c.trialOf(k.Target).Target && c.budget(other.Target) > 0 && !c.overBudget(other)
	})
	if within {
		k.add(Check{"cores", Rejected, Sentence{fmt.Sprintf("%s, over %d; the one within it counts", text, c.need.Cores), e}, 0})
		return
	}
	k.add(Check{"cores", NotMeasured, Sentence{fmt.Sprintf("%s, not with one of %d", text, c.need.Cores), e}, 0})
}

// tooLarge are the targets of which it is open what they would do with the budget.
func (c *chooser) tooLarge() (names []string) {
	for _, k := range c.candidates {
		if k.Status == NotMeasured && c.overBudget(k) {
			names = append(names, k.Target)
		}
	}
	return names
}

// cores is the constraint on the CPU budget, of a target that is not over it. One that was given less is as it was measured, if the
// others show that the whole budget was there to be used.
func (c *chooser) cores(k *Candidate) {
	if c.need.Cores == 0 || !k.compared {
		return
	}
	own := c.budget(k.Target)
	most := int64(0)
	for _, other := range c.candidates {
		most = max(most, c.budget(other.Target))
	}
	v := float64(own)
	s := Sentence{fmt.Sprintf("was measured with a CPU budget of %d", own), Evidence{Metric: "procs", Target: k.Target, Estimate: &v, Trials: []string{c.trialOf(k.Target).TrialID}, N: 1}}
	switch {
	case own == 0:
		k.add(Check{"cores", NotMeasured, Sentence{"its CPU budget is not known: the column procs is empty", s.Evidence}, 0})
	case own < c.need.Cores && most < c.need.Cores:
		k.add(Check{"cores", NotMeasured, Sentence{fmt.Sprintf("no target was measured with a CPU budget of %d", c.need.Cores), s.Evidence}, 0})
	default:
		k.add(Check{"cores", Feasible, s, 0})
	}
}

func (c *chooser) budget(target string) int64 { return c.trialOf(target).Procs.Or(0) }

// crashes are the faults that end what they happen in.
var crashes = []string{"exit", "segv"}

// slack is by how much a crash may take more than its share before that counts: connections do not fall into equal parts.
const slack = 0.05

// isolated is the name of the constraint on crashes.
const isolated = "isolation"

// isolation is the constraint on what a crash takes with it: the share of connections that it ended, in trials with a fault. At most what one
// of as many processes as there are cores would hold, on the bad end of the interval.
func (c *chooser) isolation(k *Candidate) {
	if !c.need.Isolation {
		return
	}
	parts := c.need.Cores
	if parts == 0 {
		parts = c.budget(k.Target)
	}
	limit := 1/float64(max(2, parts)) + slack
	taken := false
	for _, fault := range crashes {
		own := c.lost(k.Target, fault)
		if len(own) == 0 {
			continue
		}
		taken = true
		blocks := own.blocks()
		e, i := c.median(own.over(blocks))
		e.Metric, e.Target, e.Trials = "conns_lost", k.Target, own.trials(blocks)
		check := Check{Constraint: isolated, Status: against(i, limit)}
		if check.Status == Uncertain {
			check.Blocks = max(6, len(blocks)+1)
		}
		check.Sentence = Sentence{fmt.Sprintf("a crash (%s) ends %s of the connections, %s %s", fault, analysis.Percent(*e.Estimate), verdicts[check.Status], analysis.Percent(limit)), e}
		k.add(check)
	}
	if !taken {
		k.add(Check{isolated, NotMeasured, Sentence{"what a crash takes with it was not measured", Evidence{Metric: "fault", Target: k.Target}}, 0})
	}
}

// lost is the share of connections that a fault ended, by block. Requests that failed, and a rate that was missed, are what a fault does; where the
// load generator or the machine was at fault, or was late to see it, the trial tells nothing.
func (c *chooser) lost(target, fault string) series {
	own := series{}
	for _, t := range c.trials {
		conns, known := t.Connections.Get()
		lost, seen := t.ConnsLost.Get()
		if t.Fault != fault || !isOf(t, target) || !known || !seen || conns < 1 ||
			!slices.Contains([]string{trial.VerdictOK, trial.VerdictErrors, trial.VerdictRateMissed, trial.VerdictNonstationary}, t.Verdict) {
			continue
		}
		at := block{campaign: t.CampaignID, number: t.Block.Or(0)}
		if _, twice := own[at]; twice || at.number == 0 {
			at.alone = t.TrialID
		}
		own[at] = point{min(1, float64(lost)/float64(conns)), []string{t.TrialID}}
	}
	return own
}

// shared is the name of the constraint on state that requests share.
const shared = "shared state"

// sharedState is the constraint that state which all requests share loses no update.
func (c *chooser) sharedState(k *Candidate) {
	if !c.need.SharedState {
		return
	}
	lost, n := int64(0), 0
	e := Evidence{Metric: "lost_updates", Target: k.Target}
	for _, t := range c.trials {
		v, known := t.LostUpdates.Get()
		if !known || !isOf(t, k.Target) || t.Verdict != trial.VerdictOK {
			continue
		}
		n++
		lost += v
		e.Trials = append(e.Trials, t.TrialID)
	}
	if n == 0 {
		k.add(Check{shared, NotMeasured, Sentence{"whether updates of shared state are lost was not measured", e}, 0})
		return
	}
	v := float64(lost)
	e.Estimate, e.N = &v, n
	check := Check{shared, Feasible, Sentence{fmt.Sprintf("no update of shared state was lost in %s", analysis.Count(n, "trial", "trials")), e}, 0}
	switch {
	case lost == 0 && c.racy(k) && !slices.Contains(c.need.Targets, k.Target):
		k.compared = false
		check.Status, check.Text = Uncertain, fmt.Sprintf("lost no update in %s, but nothing guards its counter: it is compared where --target names it", analysis.Count(n, "trial", "trials"))
	case lost > 0:
		check.Status, check.Text = Rejected, fmt.Sprintf("%s of shared state were lost in %s", analysis.Count(int(lost), "update", "updates"), analysis.Count(n, "trial", "trials"))
	}
	k.add(check)
}
