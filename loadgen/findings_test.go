package main

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
	"modelbench/loadgen/search"
	"modelbench/loadgen/slo"
)

// judgement is a result of which only this matters.
func judgement(v record.Verdict, o slo.Outcome) result {
	s := &record.Samples{Due: 100, Completed: 100}
	return result{target: &target{name: "a"}, samples: s, verdict: v, goal: &slo.Result{Outcome: o, Checks: []slo.Check{{Bound: "p99<5ms", Outcome: o, Figure: "p99 is 7ms"}}}}
}

// The exit code follows from verdicts and objectives in an order that is written down.
func TestOutcome(t *testing.T) {
	bare := func(v record.Verdict) result {
		r := judgement(v, slo.Met)
		r.goal = nil
		return r
	}
	for _, tt := range []struct {
		name    string
		results []result
		want    int
	}{
		{"valid", []result{bare(record.OK)}, 0},
		{"not valid", []result{bare(record.Lagging)}, 4},
		{"one of two is", []result{bare(record.Lagging), bare(record.OK)}, 0},
		{"met", []result{judgement(record.OK, slo.Met)}, 0},
		{"missed", []result{judgement(record.OK, slo.Missed)}, 3},
		{"not known", []result{judgement(record.OK, slo.Unknown)}, 4},
		{"missed by the server", []result{judgement(record.Errors, slo.Missed)}, 3},
		{"missed, and the rate too", []result{judgement(record.RateMissed, slo.Missed)}, 3},
		{"missed by a late generator", []result{judgement(record.Lagging, slo.Missed)}, 4},
		{"missed by a busy generator", []result{judgement(record.ClientBound, slo.Missed)}, 4},
		{"missed while time was stolen", []result{judgement(record.Steal, slo.Missed)}, 4},
		{"missed in a few requests", []result{judgement(record.TooFew, slo.Missed)}, 4},
		{"met at another rate", []result{judgement(record.RateMissed, slo.Met)}, 4},
		{"missed by one of two", []result{judgement(record.OK, slo.Met), judgement(record.OK, slo.Missed)}, 3},
		{"not known of one of two", []result{judgement(record.OK, slo.Met), judgement(record.OK, slo.Unknown)}, 4},
		{"missed by one, not known of the other", []result{judgement(record.OK, slo.Unknown), judgement(record.OK, slo.Missed)}, 3},
	} {
		f := &findings{rep: &engine.Report{}, results: tt.results}
		if err := f.outcome(); exitCode(err) != tt.want {
			t.Errorf("%s: exit %d (%v), want %d", tt.name, exitCode(err), err, tt.want)
		}
	}
}

// Whoever gets exit code 4 is told what it means and what to do, whatever the verdict.
func TestRemedies(t *testing.T) {
	for _, v := range []record.Verdict{record.ClientBound, record.RateMissed, record.Lagging, record.Errors, record.TooFew, record.Steal, record.Nonstationary} {
		r := judgement(v, slo.Met)
		r.goal, r.reason = nil, "some figures"
		err := (&findings{rep: &engine.Report{}, results: []result{r}}).outcome()
		if want := "these figures may not be believed: " + string(v) + ": some figures: "; exitCode(err) != 4 || !strings.HasPrefix(err.Error(), want) || err.Error() == want {
			t.Errorf("%s: %v", v, err)
		}
		err = (&findings{rep: &engine.Report{}, results: []result{r, r}}).outcome()
		if exitCode(err) != 4 || strings.Count("\n"+err.Error(), "\na: these") != 2 {
			t.Errorf("%s of two: %v", v, err)
		}
	}
}

func TestNothingSucceeded(t *testing.T) {
	none := func(s *record.Samples) *findings {
		return &findings{rep: &engine.Report{}, results: []result{{target: &target{}, samples: s, verdict: record.Errors, goal: &slo.Result{Outcome: slo.Missed}}}}
	}
	failed := &record.Samples{Due: 5}
	failed.Errors[record.EOF] = 5
	interrupted := none(&record.Samples{})
	interrupted.rep.Interrupted = true
	for want, f := range map[string]*findings{
		"5 failed by err_eof": none(failed),
		"no connection could carry one: 7 attempts to connect failed, the last with: nobody there": none(&record.Samples{ConnectFailed: 7, ConnectError: "nobody there"}),
		"no reply to any of the 8 requests sent before the window":                                 none(&record.Samples{Waiting: 8}),
		"none was answered before the end":                                                         none(&record.Samples{Due: 3, Unfinished: 3}),
		"interrupted before":                                                                       interrupted,
	} {
		if err := f.outcome(); exitCode(err) != 1 || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: exit %d, %v", want, exitCode(err), err)
		}
	}
	warm := none(&record.Samples{Due: 3, Unfinished: 3, Replies: 100})
	warm.results[0].verdict, warm.results[0].goal = record.RateMissed, nil
	if err := warm.outcome(); exitCode(err) != 4 {
		t.Errorf("replies to the warm-up alone: exit %d, %v", exitCode(err), err)
	}
	f := none(&record.Samples{})
	f.found = &finding{result: search.Result{}}
	if err := f.outcome(); !errors.Is(err, errMissed) {
		t.Errorf("a search that found nothing: %v", err)
	}
}

// threeTargets is a rotation of three targets in so many rounds, visited in changing order, the
// last of which is not whole.
func threeTargets(n int) (*engine.Report, []sliceCost) {
	rep := &engine.Report{Plan: engine.Plan{Targets: make([]engine.Target, 3)}}
	var costs []sliceCost
	for i := range 3*n - 1 {
		target := (i%3 + i/3) % 3
		rep.Slices = append(rep.Slices, engine.Slice{Target: target, Measured: time.Second, Replies: uint64(1000 + 100*target + i/3%5)})
		costs = append(costs, sliceCost{time.Duration(10+target) * time.Millisecond, target != 1})
	}
	return rep, costs
}

// The best is the base, what is not known of a target is not compared, and a round counts
// when it is whole.
func TestCompare(t *testing.T) {
	rep, costs := threeTargets(41)
	got := map[string]comparison{}
	for _, c := range compare(rep, costs) {
		got[c.measure+string(rune('0'+c.target))] = c
	}
	if len(got) != 3 {
		t.Fatalf("%d comparisons", len(got))
	}
	for key, want := range map[string]struct {
		base  int
		ratio float64
	}{byThroughput + "0": {2, 1002. / 1202}, byThroughput + "1": {2, 1102. / 1202}, byCPU + "2": {0, 12. / 1202 / (10. / 1002)}} {
		c, there := got[key]
		if !there || c.base != want.base || math.Abs(c.ratio.Estimate/want.ratio-1) > 0.01 || c.ratio.Pairs != 40 || c.ratio.Interval.Lo > c.ratio.Estimate {
			t.Errorf("%s: %+v, want %+v", key, c, want)
		}
	}
	rep.Plan.Rate = 1000
	if all := compare(rep, nil); all != nil {
		t.Errorf("an open loop without processes is compared: %+v", all)
	}
	if all := compare(&engine.Report{Plan: engine.Plan{Targets: make([]engine.Target, 3)}}, nil); all != nil {
		t.Errorf("nothing is compared: %+v", all)
	}
}
