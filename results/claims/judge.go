package claims

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"modelbench/results/claims/complexity"
	"modelbench/results/stats"
)

// Measured is what a folder of claims holds. The zero value is one in which nothing was measured.
type Measured struct {
	Experiments map[string]Campaign // by name
	Python      map[string]Campaign // CPython's twins, by the names of the experiments
	Code        []complexity.Row
	Run         *Run // nil: it is not known how it came about
}

// Only leaves the claims of these ids. The error names one that is not there.
func (s Set) Only(ids ...int) (Set, error) {
	for _, id := range ids {
		if !slices.ContainsFunc(s.Claims, func(c Claim) bool { return c.ID == id }) {
			return Set{}, fmt.Errorf("there is no claim %d", id)
		}
	}
	s.Claims = slices.DeleteFunc(slices.Clone(s.Claims), func(c Claim) bool { return !slices.Contains(ids, c.ID) })
	return s, nil
}

// judge is a set with what was measured of it.
type judge struct {
	set     Set
	code    []complexity.Row // a row a model
	rows    map[string][]row // by experiment
	python  map[string][]row
	dropped map[string]string
}

// pending is a test whose p value waits for the others'.
type pending struct {
	to      *Outcome
	of      seen
	decides bool
}

// Judge judges claims. It is a function of its arguments: the same trials in any order give the same report.
func Judge(set Set, m Measured) Report {
	j := &judge{set: set, code: complexity.Models(m.Code), rows: map[string][]row{}, python: map[string][]row{}, dropped: map[string]string{}}
	for name, c := range m.Experiments {
		j.rows[name] = rows(c)
	}
	for name, c := range m.Python {
		j.python[name] = rows(c)
	}
	r := Report{Source: set.Source, StandIns: append([]StandIn{}, set.StandIns...), Findings: make([]Finding, len(set.Claims)), Remarks: []string{}}
	if m.Run != nil {
		r.Remarks = append(r.Remarks, m.Run.Notes...)
		for _, failure := range m.Run.Failures {
			r.Remarks = append(r.Remarks, "failed: "+failure)
		}
		for _, d := range m.Run.Dropped {
			if !d.Python {
				j.dropped[d.Experiment] = d.Why
			}
		}
	}
	var all []pending
	for i, c := range set.Claims {
		all = append(all, j.find(&r.Findings[i], c)...)
	}
	correctAll(&r, all, j.designed)
	for i := range r.Findings {
		r.Findings[i].Verdict = verdict(r.Findings[i])
	}
	r.Experiments, r.Python = j.runs(m.Experiments, j.rows, m.Run, false), j.runs(m.Python, j.python, m.Run, true)
	r.AA = j.aa()
	return r
}

// find fills a finding but for its answers.
func (j *judge) find(f *Finding, c Claim) (all []pending) {
	f.Claim, f.Outcomes = c, make([]Outcome, len(c.Tests))
	behind, invalid := map[string]bool{}, map[string]bool{}
	for i, t := range c.Tests {
		o, samples := j.look(t)
		if o.Answer == Unasked && len(j.rows[t.Experiment]) == 0 && t.Experiment != "" {
			o.Why = "the experiment " + t.Experiment + " was not run"
			if why := j.dropped[t.Experiment]; why != "" {
				o.Why += ": " + why
			}
		}
		for _, id := range o.Trials {
			behind[id] = true
		}
		for _, s := range samples {
			for id := range s.invalid {
				invalid[id] = true
			}
		}
		o.Test, o.Python = t, j.counterpart(t)
		f.Outcomes[i] = o.Outcome
		if o.Answer == "" {
			all = append(all, pending{&f.Outcomes[i], o, c.Kind == Confirmatory && t.Decides()})
		}
	}
	f.Trials, f.Invalid = len(behind), len(invalid)
	return all
}

// look estimates what a test asks for. Answer is empty if that is for the p values to say.
func (j *judge) look(t Test) (o seen, samples []*sample) {
	self := func(name string) string { return name }
	switch q := t.Quantity; {
	case q.Count != nil:
		o = j.counted(*q.Count, t.Predicts)
	case q.Winners != nil:
		o, samples = j.ofWinners(q.Winners, t.Predicts, self)
	default:
		o, samples = j.estimate(t, self)
	}
	if o.Values == nil {
		o.Values = []float64{}
	}
	if o.Trials == nil {
		o.Trials = []string{}
	}
	if o.Answer == "" && t.Predicts == (Prediction{}) {
		o.Answer, o.P = Observed, 0
	}
	return o, samples
}

// estimate is of quantities of one measure. name gives the target that an operand stands for.
func (j *judge) estimate(t Test, name func(string) string) (o seen, samples []*sample) {
	m, err := MeasureOf(t.Measure)
	if err != nil {
		return seen{Outcome: Outcome{Answer: Unasked, Why: err.Error()}}, nil
	}
	of := func(op Operand) sample {
		s := j.sample(t.Experiment, m, Operand{name(op.Target), op.Workload})
		samples = append(samples, &s)
		return s
	}
	s := logarithmic
	if m.Zero {
		s = linear
	}
	switch q := t.Quantity; {
	case q.Ratio != nil:
		a, b := of(q.Ratio[0]), of(q.Ratio[1])
		p := a.over(b, false)
		o = ofValues(p, t.Predicts, logarithmic)
		for i, missing := range []sample{a, b} {
			if o.Answer == Unasked && len(missing.values) == 0 {
				o.Why += ": none of " + q.Ratio[i].String()
			}
		}
	case q.Value != nil:
		o = ofValues(of(*q.Value).alone(), t.Predicts, s)
	case q.Frequency != nil:
		o = ofFrequency(of(*q.Frequency), t.Predicts)
	}
	return o, samples
}

// sample is that of an operand in an experiment, or in CPython's twin of it, whose names of targets are others.
func (j *judge) sample(experiment string, m *Measure, o Operand) sample {
	all := j.rows[experiment]
	if twin, python := strings.CutPrefix(experiment, PythonName+"/"); python {
		all = j.python[twin]
	}
	return take(all, m, o)
}

// counted looks a figure up. Nothing about it is random.
func (j *judge) counted(c Count, p Prediction) (o seen) {
	of, ok := j.figure(c.Of, c.Figure)
	to, also := 1, true
	if c.To != "" {
		to, also = j.figure(c.To, c.Figure)
	}
	if !ok || !also || to == 0 {
		o.Answer, o.Why = Unasked, "it was not counted"
		if ok && also {
			o.Why = fmt.Sprintf("%s has none, so there is no ratio", c.To)
		}
		return o
	}
	v := float64(of) / float64(to)
	o.Estimate, o.Lo, o.Hi, o.Level, o.Answer = v, v, v, 1, No
	switch {
	case p == (Prediction{}):
		o.Answer = Observed
	case p.Above > 0 && v > p.Above, p.Below > 0 && v < p.Below, p.Within > 0 && math.Abs(math.Log(v)) <= math.Log1p(p.Within):
		o.Answer = Yes
	}
	return o
}

func (j *judge) figure(model, figure string) (int, bool) {
	for _, r := range j.code {
		if r.Model == model {
			return r.Figure(figure)
		}
	}
	return 0, false
}

// counterpart is the same quantity of CPython's stand-ins, without an answer: nil if they have none, or none was measured.
func (j *judge) counterpart(t Test) *Outcome {
	names := map[string]string{}
	for _, s := range j.set.StandIns {
		if s.Python != "" {
			names[s.Name] = s.Python
		}
	}
	for _, o := range t.Quantity.operands() {
		if names[o.Target] == "" {
			return nil
		}
	}
	if q := t.Quantity; q.Winners != nil || q.Count != nil || q.Ratio != nil && names[q.Ratio[0].Target] == names[q.Ratio[1].Target] && q.Ratio[0].Workload == q.Ratio[1].Workload {
		return nil
	}
	t.Experiment, t.Predicts = PythonName+"/"+t.Experiment, Prediction{}
	o, _ := j.estimate(t, func(name string) string { return names[name] })
	if o.Answer == Unasked {
		return nil
	}
	o.Answer, o.P, o.Test = Observed, 0, t
	return &o.Outcome
}

// operands are the targets in workloads that a quantity is made of; none of Winners and Count.
func (q Quantity) operands() []Operand {
	switch {
	case q.Ratio != nil:
		return q.Ratio[:]
	case q.Value != nil:
		return []Operand{*q.Value}
	case q.Frequency != nil:
		return []Operand{*q.Frequency}
	}
	return nil
}

// String is the operand as the file may have it.
func (o Operand) String() string {
	if o.Workload == "" {
		return o.Target
	}
	return o.Target + "@" + o.Workload
}

// correctAll answers what waits: tests that decide after Holm over all of them, the others each by itself.
//
// Whether they can be corrected at all is a matter of the blocks that were run (designed), not of those that are left when trials
// that may not be believed are gone: else a test would become easier to pass by losing a block.
func correctAll(r *Report, all []pending, designed func(Test) int) {
	var ps []float64
	for _, p := range all {
		if p.decides {
			ps = append(ps, p.of.P)
		}
	}
	r.Family = len(ps)
	r.MinBlocks = stats.MinBlocksFor(r.Family, stats.Level)
	adjusted := stats.Holm(ps)
	const alpha = 1 - stats.Level + 1e-12
	for _, p := range all {
		counts := p.of.P
		p.to.Adjusted = p.of.P
		if p.decides {
			p.to.Adjusted, adjusted = adjusted[0], adjusted[1:]
			few := p.of.least*float64(r.Family) > alpha
			p.to.Screening = few && p.of.least <= alpha && designed(p.to.Test) < r.MinBlocks
			r.Screening = r.Screening || p.to.Screening
			if !p.to.Screening {
				counts = p.to.Adjusted
			}
		}
		switch p.to.Answer = Unknown; {
		case p.of.lean != Unknown && counts <= alpha:
			p.to.Answer = p.of.lean
		case p.of.lean != Unknown && p.of.P <= alpha:
			p.to.Why = fmt.Sprintf("the interval says %s, and p does not survive the correction", p.of.lean)
			if p.decides && p.of.least*float64(r.Family) > alpha {
				p.to.Why += ", for which too many blocks were lost"
			}
		case p.of.least > alpha:
			p.to.Why = "too few for any answer"
		}
	}
}

// designed is how many blocks the test's experiments have, whatever became of their trials: of several the fewest.
func (j *judge) designed(t Test) int {
	names := []string{t.Experiment}
	if t.Quantity.Winners != nil {
		names = names[:0]
		for _, c := range t.Quantity.Winners.Cells {
			names = append(names, c.Experiment)
		}
	}
	fewest := math.MaxInt
	for _, name := range names {
		blocks := map[blockKey]bool{}
		for _, r := range j.rows[name] {
			blocks[r.in] = true
		}
		fewest = min(fewest, len(blocks))
	}
	return fewest
}

// verdict follows from the answers of the tests that decide.
func verdict(f Finding) Verdict {
	n := map[Answer]int{}
	asked, measured := 0, false
	for _, o := range f.Outcomes {
		measured = measured || o.Answer != Unasked
		if o.Test.Decides() {
			asked++
			n[o.Answer]++
		}
	}
	switch {
	case !measured:
		return NotMeasured
	case f.Claim.Kind == Proxy:
		return NoVerdict
	case n[Unasked] == asked:
		return NotMeasured
	case n[Yes] == asked:
		return Holds
	case n[No] == asked:
		return Refuted
	case n[Yes] > 0 && n[No] > 0:
		return Depends
	}
	return Undecided
}
