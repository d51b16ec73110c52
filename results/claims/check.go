package claims

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/token"

	"modelbench/results/claims/complexity"
)

// set makes the claims of what a file says, and finds what is wrong with that.
func (r *reader) set(f file) Set {
	s := Set{Source: f.Source.s}
	r.need("the file", "source", nil, f.Source)
	names := map[string]bool{}
	for _, in := range f.StandIns {
		r.need("a stand-in", "name", where(in.Is, in.StandsFor, in.Python), in.Name)
		r.need("a stand-in", "is", in.Name.at, in.Is)
		r.need("a stand-in", "stands_for", in.Name.at, in.StandsFor)
		r.name(in.Name, names, "stand-in")
		if in.Python.given() {
			r.form(in.Python)
		}
		s.StandIns = append(s.StandIns, StandIn{in.Name.s, in.Is.s, in.StandsFor.s, in.Python.s})
	}
	names = map[string]bool{}
	for _, in := range f.Experiments {
		r.need("an experiment", "name", where(in.Asks, in.Descriptive), in.Name)
		r.need("an experiment", "asks", in.Name.at, in.Asks)
		r.name(in.Name, names, "experiment")
		s.Experiments = append(s.Experiments, Experiment{in.Name.s, in.Asks.s, r.truth(in.Descriptive)})
	}
	if len(f.Claims) == 0 && len(r.faults) == 0 {
		r.fault(nil, "there is no claim in it")
	}
	ids := map[int]bool{}
	for _, in := range f.Claims {
		c := r.claim(in, s)
		if ids[c.ID] && c.ID != 0 {
			r.fault(in.ID.at, "the id %d is used twice", c.ID)
		}
		ids[c.ID] = true
		s.Claims = append(s.Claims, c)
	}
	slices.SortStableFunc(s.Claims, func(a, b Claim) int { return a.ID - b.ID })
	return s
}

// nameForm is that of a target, a workload or an experiment, which becomes a folder.
var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._+-]{0,63}$`)

func (r *reader) form(t text) bool {
	if !t.given() || nameForm.MatchString(t.s) {
		return t.given()
	}
	r.fault(t.at, "%q is no name: letters, digits and . _ + - (at most 64, the first a letter or digit)", t.s)
	return false
}

func (r *reader) name(t text, seen map[string]bool, what string) {
	if !r.form(t) {
		return
	}
	if seen[t.s] {
		r.fault(t.at, "there is another %s of the name %s", what, t.s)
	}
	seen[t.s] = true
}

// need asks for a key; at is where what lacks it is.
func (r *reader) need(what, key string, at *token.Token, t text) {
	switch {
	case !t.given():
		r.fault(at, "%s needs the key %s", what, key)
	case strings.TrimSpace(t.s) == "":
		r.fault(t.at, "%s is empty", key)
	}
}

func (r *reader) truth(t text) bool {
	if t.given() && t.s != "true" && t.s != "false" {
		r.fault(t.at, "%q is neither true nor false", t.s)
	}
	return t.s == "true"
}

func oneOf[T ~string](r *reader, t text, all ...T) T {
	if t.given() && !slices.Contains(all, T(t.s)) {
		var list []string
		for _, v := range all {
			list = append(list, string(v))
		}
		r.fault(t.at, "%q is not one of %s", t.s, strings.Join(list, ", "))
	}
	return T(t.s)
}

func (r *reader) claim(in claimForm, s Set) Claim {
	at := where(in.ID, in.Claim, in.Place, in.Technique, in.Side, in.Kind)
	for _, k := range []struct {
		key string
		t   text
	}{{"id", in.ID}, {"claim", in.Claim}, {"place", in.Place}, {"technique", in.Technique}, {"side", in.Side}, {"kind", in.Kind}, {"python", in.Python}, {"go", in.Go}} {
		r.need("a claim", k.key, at, k.t)
	}
	c := Claim{
		Claim: in.Claim.s, Place: in.Place.s, Python: in.Python.s, Go: in.Go.s, Factor: in.Factor.s,
		Technique: oneOf(r, in.Technique, Threading, Processes, Asyncio, All, Choosing),
		Side:      oneOf(r, in.Side, Pro, Con, Text),
		Kind:      oneOf(r, in.Kind, Confirmatory, Proxy),
	}
	if in.ID.given() {
		id, err := strconv.Atoi(in.ID.s)
		if c.ID = id; err != nil || id < 1 || id > 9999 {
			c.ID = 0
			r.fault(in.ID.at, "%s is no id: a whole number from 1", in.ID.s)
		}
	}
	counts := 0
	for _, t := range in.Tests {
		test := r.test(t, s)
		place := where(t.Name, t.Experiment, t.Measure)
		if test.Decides() {
			counts++
			if c.Kind == Proxy {
				r.fault(where(t.Above, t.Below, t.Within, t.Beaten), "a proxy has no verdict, so nothing is predicted of it: leave this out, or say context: true")
			}
			if i := slices.IndexFunc(s.Experiments, func(e Experiment) bool { return e.Name == test.Experiment }); i >= 0 && s.Experiments[i].Descriptive {
				r.fault(t.Experiment.at, "the experiment %s is descriptive: no test that decides may use it", test.Experiment)
			}
		}
		if slices.ContainsFunc(c.Tests, func(other Test) bool { return other.Name == test.Name }) && test.Name != "" {
			r.fault(place, "another test of this claim has the name %q", test.Name)
		}
		c.Tests = append(c.Tests, test)
	}
	switch {
	case len(in.Tests) == 0:
		r.fault(at, "a claim needs tests")
	case counts == 0 && c.Kind == Confirmatory:
		r.fault(at, "no test of this claim predicts anything that counts: then its kind is %s", Proxy)
	}
	return c
}

func (r *reader) test(in testForm, s Set) Test {
	at := where(append([]text{in.Name, in.Experiment, in.Workload, in.Measure, in.Ratio, in.Value, in.Frequency, in.Count, in.Figure,
		in.Above, in.Below, in.Within, in.Beaten, in.Context}, append(in.Winners, in.Cells...)...)...)
	r.need("a test", "name", at, in.Name)
	t := Test{Name: in.Name.s, Experiment: in.Experiment.s, Workload: in.Workload.s, Measure: in.Measure.s, Context: r.truth(in.Context)}
	var kinds []string
	for _, k := range []struct {
		key   string
		given bool
	}{{"ratio", in.Ratio.given()}, {"value", in.Value.given()}, {"frequency", in.Frequency.given()}, {"winners", len(in.Winners) > 0}, {"count", in.Count.given()}} {
		if k.given {
			kinds = append(kinds, k.key)
		}
	}
	if len(kinds) != 1 {
		r.fault(at, "a test needs exactly one of ratio, value, frequency, winners and count")
		return t
	}
	r.belongs(in, kinds[0])
	switch kinds[0] {
	case "winners":
		t.Quantity.Winners = r.winners(in, s, at)
	case "count":
		t.Quantity.Count = r.count(in, at)
	default:
		r.measured(in, kinds[0], &t, s, at)
	}
	t.Predicts = r.prediction(in, kinds[0], t)
	return t
}

// belongs refuses keys of other quantities.
func (r *reader) belongs(in testForm, kind string) {
	trials := []string{"ratio", "value", "frequency"}
	for _, k := range []struct {
		key  string
		t    text
		with []string
	}{
		{"experiment", in.Experiment, trials}, {"workload", in.Workload, trials}, {"measure", in.Measure, trials},
		{"figure", in.Figure, []string{"count"}}, {"cells", text{at: where(in.Cells...)}, []string{"winners"}}, {"beaten", in.Beaten, []string{"winners"}},
		{"within", in.Within, []string{"ratio", "count"}}, {"above", in.Above, append(trials, "count")}, {"below", in.Below, append(trials, "count")},
	} {
		if k.t.given() && !slices.Contains(k.with, kind) {
			r.fault(k.t.at, "%s does not go with %s", k.key, kind)
		}
	}
}

// measured is a quantity of a measure of one experiment.
func (r *reader) measured(in testForm, kind string, t *Test, s Set, at *token.Token) {
	r.need("a test of "+kind, "experiment", at, in.Experiment)
	r.need("a test of "+kind, "measure", at, in.Measure)
	r.experiment(in.Experiment.at, in.Experiment.s, s)
	r.form(in.Workload)
	m := r.measure(in.Measure.at, in.Measure.s)
	operand := func(at *token.Token, text string) Operand {
		o := Operand{Workload: in.Workload.s}
		target, workload, has := strings.Cut(strings.TrimSpace(text), "@")
		if o.Target = target; has {
			o.Workload = workload
		}
		switch {
		case !slices.ContainsFunc(s.StandIns, func(x StandIn) bool { return x.Name == target }):
			r.fault(at, "%q is none of the stand-ins", target)
		case m != nil && m.overWorkloads && o.Workload != "":
			r.fault(at, "%s is taken over all workloads of an experiment: name none", m.Key)
		case m != nil && !m.overWorkloads && !nameForm.MatchString(o.Workload):
			r.fault(at, "which workload is %s measured in? Name one with the key workload, or as %s@WORKLOAD", target, target)
		}
		return o
	}
	switch kind {
	case "ratio":
		of, to, ok := strings.Cut(in.Ratio.s, " / ")
		if !ok {
			r.fault(in.Ratio.at, "%q is no ratio such as T / T1 or T1@h4 / A@h4", in.Ratio.s)
			return
		}
		t.Quantity.Ratio = &[2]Operand{operand(in.Ratio.at, of), operand(in.Ratio.at, to)}
		if m != nil && m.Zero {
			r.fault(in.Measure.at, "%s can be 0 and then has no ratio: test its value or its frequency", m.Key)
		}
		if q := t.Quantity.Ratio; q[0] == q[1] {
			r.fault(in.Ratio.at, "a ratio of something to itself is 1")
		}
	case "value":
		o := operand(in.Value.at, in.Value.s)
		t.Quantity.Value = &o
	case "frequency":
		o := operand(in.Frequency.at, in.Frequency.s)
		t.Quantity.Frequency = &o
		if m != nil && !m.Zero {
			r.fault(in.Measure.at, "%s is always above 0, so how often it is says nothing", m.Key)
		}
	}
}

func (r *reader) experiment(at *token.Token, name string, s Set) {
	if name != "" && !slices.ContainsFunc(s.Experiments, func(e Experiment) bool { return e.Name == name }) {
		r.fault(at, "%q is none of the experiments", name)
	}
}

func (r *reader) measure(at *token.Token, key string) *Measure {
	m, err := MeasureOf(key)
	if err != nil && key != "" {
		r.fault(at, "%v", err)
	}
	return m
}

func (r *reader) winners(in testForm, s Set, at *token.Token) *Winners {
	w := &Winners{}
	for _, t := range in.Winners {
		switch {
		case slices.Contains(w.Targets, t.s):
			r.fault(t.at, "%s is named twice", t.s)
		case !slices.ContainsFunc(s.StandIns, func(x StandIn) bool { return x.Name == t.s }):
			r.fault(t.at, "%q is none of the stand-ins", t.s)
		}
		w.Targets = append(w.Targets, t.s)
	}
	if len(w.Targets) < 2 {
		r.fault(at, "winners are of at least two targets")
	}
	if len(in.Cells) == 0 {
		r.fault(at, "winners need cells such as [cpu/spin/throughput]")
	}
	for _, t := range in.Cells {
		parts := strings.Split(t.s, "/")
		if len(parts) != 3 {
			r.fault(t.at, "%q is no cell: EXPERIMENT/WORKLOAD/MEASURE", t.s)
			continue
		}
		c := Cell{parts[0], parts[1], parts[2]}
		r.experiment(t.at, c.Experiment, s)
		if m := r.measure(t.at, c.Measure); m != nil && !m.Ranks {
			r.fault(t.at, "of %s neither more nor less is better: it makes no winner", m.Key)
		}
		if !nameForm.MatchString(c.Workload) {
			r.fault(t.at, "%q is no name of a workload", c.Workload)
		}
		if slices.Contains(w.Cells, c) {
			r.fault(t.at, "%s is named twice", t.s)
		}
		w.Cells = append(w.Cells, c)
	}
	return w
}

func (r *reader) count(in testForm, at *token.Token) *Count {
	of, to, ratio := strings.Cut(in.Count.s, " / ")
	c := &Count{Of: strings.TrimSpace(of), To: strings.TrimSpace(to), Figure: in.Figure.s}
	if c.Of == "" || strings.Contains(c.Of+c.To, "/") || ratio && c.To == "" {
		r.fault(in.Count.at, "%q is neither a model nor two of them such as eventloop / goroutine", in.Count.s)
	}
	r.need("a count", "figure", at, in.Figure)
	oneOf(r, in.Figure, complexity.Figures...)
	return c
}

func (r *reader) prediction(in testForm, kind string, t Test) (p Prediction) {
	var given []text
	for _, k := range []text{in.Above, in.Below, in.Within, in.Beaten} {
		if k.given() {
			given = append(given, k)
		}
	}
	if len(given) > 1 {
		r.fault(given[1].at, "a test predicts one thing at most")
	}
	if in.Beaten.given() && in.Beaten.s != "all" {
		r.fault(in.Beaten.at, "%q is not all: that every target is beaten somewhere is what can be asked", in.Beaten.s)
	}
	p.Beaten = in.Beaten.s == "all"
	parse := plainOrPercent
	if m, err := MeasureOf(t.Measure); err == nil && kind == "value" {
		parse = m.threshold
	}
	for _, k := range []struct {
		t  text
		to *float64
	}{{in.Above, &p.Above}, {in.Below, &p.Below}, {in.Within, &p.Within}} {
		if !k.t.given() {
			continue
		}
		v, err := parse(k.t.s)
		switch {
		case err != nil:
			r.fault(k.t.at, "%v", err)
		case v <= 0:
			r.fault(k.t.at, "a threshold is more than 0, and %s is not; how often something happens at all is a frequency", k.t.s)
		case kind == "frequency" && v >= 1:
			r.fault(k.t.at, "a frequency is a share of trials: no threshold of it is %s", k.t.s)
		default:
			*k.to = v
		}
	}
	return p
}
