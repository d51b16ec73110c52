package report

import (
	"math"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// A curve is of all trials that may be believed, and ends where fewer than ten samples are beyond.
func TestCurves(t *testing.T) {
	t.Parallel()
	f := fixture{[]string{"a", "b"}, []string{"echo"}, 6, 9}
	trials, entries := f.make()
	histograms := map[string]*hdrhistogram.Histogram{}
	var want []int64
	for i, e := range entries {
		histograms[e.TrialID] = e.Latency
		if trials[i].Target == "b" && trials[i].Verdict == trial.VerdictOK {
			want = append(want, e.Latency.TotalCount())
		}
	}
	a, err := analysis.Of(trials, defaults)
	if err != nil {
		t.Fatal(err)
	}
	members := analysis.Members(trials)
	list, err := curves(a.Workloads[0], append(members[0], members[0]...), histograms) // a folder that was given twice counts once
	if err != nil || len(list) != 3 {
		t.Fatalf("%d curves, %v", len(list), err)
	}
	b := list[1]
	if b.Target != "b" || b.Again || b.Trials != 5 || b.Count != 5*4000 || len(want) != 5 {
		t.Errorf("%s of %d trials and %d requests, again %v", b.Target, b.Trials, b.Count, b.Again)
	}
	if !list[2].Again || list[2].Target != "a-again" {
		t.Errorf("the A/A arm's curve is %+v", list[2])
	}
	last := b.Points[len(b.Points)-1]
	if last[0] > float64(b.Count)/beyond || last[0] < float64(b.Count)/beyond/2 {
		t.Errorf("the curve ends at 1/(1-p) = %v of %d requests", last[0], b.Count)
	}
	for i, p := range b.Points {
		if i > 0 && (p[0] <= b.Points[i-1][0] || p[1] < b.Points[i-1][1]) {
			t.Errorf("point %d falls: %v after %v", i, p, b.Points[i-1])
		}
	}
}

// Merged histograms say what one histogram of all values would, the ranges being unlike too.
func TestMerge(t *testing.T) {
	t.Parallel()
	narrow, wide, both := hdrhistogram.New(1, int64(time.Second), 3), hdrhistogram.New(1, int64(time.Hour), 3), hdrhistogram.New(1, int64(time.Hour), 3)
	for i := range int64(1000) {
		for _, h := range []*hdrhistogram.Histogram{narrow, both} {
			if err := h.RecordValue(1000 * i); err != nil {
				t.Fatal(err)
			}
		}
		for _, h := range []*hdrhistogram.Histogram{wide, both} {
			if err := h.RecordValue(int64(time.Minute) + 1e6*i); err != nil {
				t.Fatal(err)
			}
		}
	}
	sum, err := merge(nil, narrow)
	if err == nil {
		sum, err = merge(sum, wide)
	}
	if err != nil || sum.TotalCount() != 2000 || narrow.TotalCount() != 1000 {
		t.Fatalf("%v; %d values, %d in what was merged", err, sum.TotalCount(), narrow.TotalCount())
	}
	for _, q := range []float64{10, 50, 90, 99} {
		if got, want := float64(sum.ValueAtPercentile(q)), float64(both.ValueAtPercentile(q)); math.Abs(got/want-1) > 0.002 {
			t.Errorf("p%v is %v, not %v", q, got, want)
		}
	}
}
