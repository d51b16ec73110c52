package claims

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// small is a file with a test of each kind.
const small = `source: An article
stand_ins:
  - {name: T, is: two cores, stands_for: threads}
  - {name: T1, is: one core, stands_for: threads under a GIL, python: py-threads}
  - {name: A, is: one loop, stands_for: asyncio, python: py-asyncio}
experiments:
  - {name: cpu, asks: Who computes?}
  - {name: idle, asks: What do quiet ones cost?}
  - {name: more, asks: And more?, descriptive: true}
claims:
  - id: 2
    claim: Two cores are faster
    place: somewhere
    technique: threading
    side: con
    kind: confirmatory
    tests:
      - {name: two over one, experiment: cpu, workload: spin, measure: throughput, ratio: T / T1, above: 1.3}
      - {name: heavy over light, experiment: cpu, measure: light_p99, ratio: T1@h4 / A@h4, below: 50%}
      - {name: equal, experiment: cpu, workload: spin, measure: p99, ratio: T / A, within: 10%}
      - {name: how long, experiment: cpu, workload: five, measure: max_latency, value: T, below: 1.2s}
      - {name: how much, experiment: cpu, workload: five, measure: pss, value: T, below: 4KiB}
      - {name: how many, experiment: cpu, workload: five, measure: throughput, value: T, above: 1.5k}
      - {name: which share, experiment: cpu, workload: exit, measure: conns_lost_share, value: T, below: 55%}
      - {name: how often, experiment: cpu, workload: count, measure: lost_updates, frequency: T, above: 0.5}
      - {name: for each, experiment: idle, measure: pss_per_idle, ratio: A / T, below: 0.5}
      - {name: seen, experiment: more, workload: spin, measure: cores, value: T, above: 1, context: true}
      - {name: lines, count: eventloop / goroutine, figure: lines, above: 2}
    python: It does.
    go: It does, too.
  - id: 1
    claim: No best
    place: "here: there"
    technique: choosing
    side: text
    kind: proxy
    factor: type
    tests:
      - {name: winners, winners: [T, A], cells: [cpu/spin/throughput, idle/i/pss]}
      - {name: states, count: goroutine --os-threads, figure: states}
    python: So.
    go: So.
`

func TestParse(t *testing.T) {
	t.Parallel()
	s, err := Parse("x.yaml", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	if s.Source != "An article" || len(s.StandIns) != 3 || s.StandIns[1] != (StandIn{"T1", "one core", "threads under a GIL", "py-threads"}) ||
		len(s.Experiments) != 3 || !s.Experiments[2].Descriptive || len(s.Claims) != 2 || s.Claims[0].ID != 1 || s.Claims[0].Place != "here: there" {
		t.Errorf("%+v", s)
	}
	tests := s.Claims[1].Tests
	for i, want := range []Test{
		{Name: "two over one", Experiment: "cpu", Workload: "spin", Measure: "throughput", Predicts: Prediction{Above: 1.3},
			Quantity: Quantity{Ratio: &[2]Operand{{"T", "spin"}, {"T1", "spin"}}}},
		{Name: "heavy over light", Experiment: "cpu", Measure: "light_p99", Predicts: Prediction{Below: 0.5},
			Quantity: Quantity{Ratio: &[2]Operand{{"T1", "h4"}, {"A", "h4"}}}},
		{Name: "equal", Experiment: "cpu", Workload: "spin", Measure: "p99", Predicts: Prediction{Within: 0.1},
			Quantity: Quantity{Ratio: &[2]Operand{{"T", "spin"}, {"A", "spin"}}}},
		{Name: "how long", Experiment: "cpu", Workload: "five", Measure: "max_latency", Predicts: Prediction{Below: 1.2e6}, Quantity: Quantity{Value: &Operand{"T", "five"}}},
		{Name: "how much", Experiment: "cpu", Workload: "five", Measure: "pss", Predicts: Prediction{Below: 4096}, Quantity: Quantity{Value: &Operand{"T", "five"}}},
		{Name: "how many", Experiment: "cpu", Workload: "five", Measure: "throughput", Predicts: Prediction{Above: 1500}, Quantity: Quantity{Value: &Operand{"T", "five"}}},
		{Name: "which share", Experiment: "cpu", Workload: "exit", Measure: "conns_lost_share", Predicts: Prediction{Below: 0.55}, Quantity: Quantity{Value: &Operand{"T", "exit"}}},
		{Name: "how often", Experiment: "cpu", Workload: "count", Measure: "lost_updates", Predicts: Prediction{Above: 0.5}, Quantity: Quantity{Frequency: &Operand{"T", "count"}}},
		{Name: "for each", Experiment: "idle", Measure: "pss_per_idle", Predicts: Prediction{Below: 0.5}, Quantity: Quantity{Ratio: &[2]Operand{{"A", ""}, {"T", ""}}}},
		{Name: "seen", Experiment: "more", Workload: "spin", Measure: "cores", Predicts: Prediction{Above: 1}, Context: true, Quantity: Quantity{Value: &Operand{"T", "spin"}}},
		{Name: "lines", Predicts: Prediction{Above: 2}, Quantity: Quantity{Count: &Count{"eventloop", "goroutine", "lines"}}},
	} {
		if !reflect.DeepEqual(tests[i], want) {
			t.Errorf("got\n%+v\nwant\n%+v", tests[i], want)
		}
	}
	want := Quantity{Winners: &Winners{[]string{"T", "A"}, []Cell{{"cpu", "spin", "throughput"}, {"idle", "i", "pss"}}}}
	if got := s.Claims[0].Tests[0].Quantity; !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got.Winners)
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ old, new, says string }{
		{"source: An", "sauce: An", `x.yaml:1:1: unknown field "sauce"`},
		{"source: An article", "source: [An, article]", "x.yaml:1:9: one value is expected here"},
		{"claim: No best", "claim:", "x.yaml:32:11: there is no value here"},
		{"asks: Who computes?", "asks: Who computes, then?", "there is no value here"},
		{"factor: type", "claim: twice", `mapping key "claim" already defined`},
		{"id: 1\n", "id: 2\n", "x.yaml:31:9: the id 2 is used twice"},
		{"id: 1\n", "id: 1.5\n", "1.5 is no id"},
		{"id: 1\n", "id: 0\n", "0 is no id"},
		{"    place: somewhere\n", "", "x.yaml:11:9: a claim needs the key place"},
		{"kind: proxy", "kind: sure", `"sure" is not one of confirmatory, proxy`},
		{"side: con", "side: left", `"left" is not one of pro, con, text`},
		{"technique: threading", "technique: magic", `"magic" is not one of threading`},
		{"{name: cpu, asks", "{name: idle, asks", "another experiment of the name idle"},
		{"{name: A, is", "{name: T, is", "another stand-in of the name T"},
		{"{name: A, is", "{name: A/B, is", `"A/B" is no name`},
		{"experiment: cpu, workload: spin, measure: throughput", "experiment: cup, workload: spin, measure: throughput", `"cup" is none of the experiments`},
		{"measure: throughput, ratio", "measure: speed, ratio", `"speed" is no measure: known are throughput, cpu_per_request`},
		{"ratio: T / T1", "ratio: T / B", `"B" is none of the stand-ins`},
		{"ratio: T / T1", "ratio: T", `"T" is no ratio`},
		{"ratio: T / T1", "ratio: T / T", "a ratio of something to itself"},
		{"workload: spin, measure: throughput, ratio", "measure: throughput, ratio", "which workload is T measured in"},
		{"ratio: T1@h4 / A@h4", "ratio: T1@h/4 / A@h4", "which workload is T1 measured in"},
		{"experiment: idle, measure: pss_per_idle", "experiment: idle, workload: i, measure: pss_per_idle", "taken over all workloads"},
		{"measure: conns_lost_share, value: T", "measure: conns_lost_share, ratio: T / A", "conns_lost_share can be 0 and then has no ratio"},
		{"measure: lost_updates, frequency: T", "measure: p99, frequency: T", "p99 is always above 0"},
		{"value: T, below: 1.2s", "value: T, below: 1.2m/s", `"1.2m/s" is no time`},
		{"value: T, below: 4KiB", "value: T, below: 4kg", `"4kg" is no size`},
		{"value: T, above: 1.5k", "value: T, above: fast", `"fast" is no rate`},
		{"value: T, below: 55%", "value: T, below: half", `"half" is no number`},
		{"frequency: T, above: 0.5", "frequency: T, above: 0", "a threshold is more than 0"},
		{"frequency: T, above: 0.5", "frequency: T, above: 100%", "a frequency is a share of trials"},
		{"frequency: T, above: 0.5", "frequency: T, within: 0.5", "within does not go with frequency"},
		{"above: 1.3", "above: .inf", `".inf" is no number`},
		{"above: 1.3", "above: 1.3, below: 2", "a test predicts one thing at most"},
		{"above: 1.3", "above: 1.3, value: T", "exactly one of ratio, value"},
		{"ratio: T / T1, above: 1.3", "above: 1.3", "exactly one of ratio, value"},
		{"above: 1.3", "above: 1.3, cells: [a]", "cells does not go with ratio"},
		{"above: 1, context: true", "above: 1", "x.yaml:27:34: the experiment more is descriptive"},
		{"context: true", "context: perhaps", `"perhaps" is neither true nor false`},
		{"{name: heavy over light,", "{name: two over one,", `another test of this claim has the name "two over one"`},
		{"figure: states", "figure: beauty", `"beauty" is not one of files, lines`},
		{"count: eventloop / goroutine", "count: eventloop / ", "neither a model nor two of them"},
		{", figure: states", "", "a count needs the key figure"},
		{"winners: [T, A]", "winners: [T]", "at least two targets"},
		{"winners: [T, A]", "winners: [T, T]", "T is named twice"},
		{"winners: [T, A]", "winners: [T, B]", `"B" is none of the stand-ins`},
		{"idle/i/pss]}", "idle/pss]}", `"idle/pss" is no cell`},
		{"idle/i/pss]}", "idle/i/cores]}", "of cores neither more nor less is better"},
		{"idle/i/pss]}", "idle/i/pss], beaten: some}", `"some" is not all`},
		{"idle/i/pss]}", "idle/i/pss], beaten: all}", "a proxy has no verdict"},
		{", cells: [cpu/spin/throughput, idle/i/pss]", "", "winners need cells"},
		{"kind: proxy", "kind: confirmatory", "no test of this claim predicts anything"},
		{"python: So.", "python: &a So.", "no anchors"},
		{"    go: So.\n", "    go: So.\n---\nmore: x\n", "a second document begins"},
	} {
		if !strings.Contains(small, c.old) {
			t.Fatalf("%q is not in the file", c.old)
		}
		_, err := Parse("x.yaml", []byte(strings.Replace(small, c.old, c.new, 1)))
		var faults Faults
		if !errors.As(err, &faults) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s for %s: %v, want %q", c.new, c.old, err, c.says)
			continue
		}
		for _, f := range faults {
			if f.Line == 0 || f.Column == 0 {
				t.Errorf("%s: no place in %v", c.new, f)
			}
		}
	}
}

func TestParseNothing(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"": "there is nothing in it", "# only\n": "there is nothing in it", strings.Repeat("#", mostBytes+1): "are more than the",
		"source: x\n": "there is no claim in it", "a: [": "x:1:", "\t- x": "x:1:",
	} {
		if _, err := Parse("x", []byte(text)); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%.10q: %v", text, err)
		}
	}
}

// The mark stands under the place, and what is wrong twice is told twice.
func TestFaults(t *testing.T) {
	t.Parallel()
	_, err := Parse("x", []byte(strings.NewReplacer("ratio: T / T1", "ratio: T / X", "side: con", "side: off").Replace(small)))
	want := "x:15:11: \"off\" is not one of pro, con, text\n   15 |     side: off\n      |           ^\n" +
		"x:18:91: \"X\" is none of the stand-ins\n" +
		"   18 |       - {name: two over one, experiment: cpu, workload: spin, measure: throughput, ratio: T / X, above: 1.3}\n" +
		"      | " + strings.Repeat(" ", 90) + "^"
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// A file that ends anywhere is refused or is what it was, but never half of it without a word.
func TestCutAnywhere(t *testing.T) {
	t.Parallel()
	whole, err := Parse("x", []byte(small))
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(small) {
		s, err := Parse("x", []byte(small[:n]))
		if err == nil && len(s.Claims) == len(whole.Claims) && len(s.Claims[0].Tests) == 2 && s.Claims[0].Go == "So." && !reflect.DeepEqual(s, whole) {
			t.Errorf("%d bytes: %+v", n, s)
		}
		if err == nil && len(s.Claims[len(s.Claims)-1].Tests) == 0 {
			t.Errorf("%d bytes: a claim without tests", n)
		}
	}
}

// Whatever is read is never a panic, and what is accepted can be judged.
func FuzzParse(f *testing.F) {
	f.Add([]byte(small))
	f.Add([]byte("claims: [{id: 1}]"))
	f.Add([]byte("? [a]\n: *b"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse("x", text)
		if err != nil {
			var faults Faults
			if !errors.As(err, &faults) || len(faults) == 0 || err.Error() == "" {
				t.Fatalf("%v", err)
			}
			return
		}
		for _, c := range s.Claims {
			for _, test := range c.Tests {
				if test.Decides() && c.Kind == Proxy || test.Name == "" {
					t.Fatalf("accepted: %+v", test)
				}
			}
		}
	})
}
