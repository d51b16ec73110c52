package campaign

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/scripts/campaign/spec"
)

// What answers wrongly is left out of that workload alone, in words, and the rest goes on.
func TestPreflightLeavesOutWhatAnswersWrongly(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{Servers: map[string]string{"prefork": notFound}})
	var err error
	cfg.Workloads, err = PickWorkloads(Workloads(2), []string{"echo", "plaintext", "wait"})
	must(t, err)
	cfg.Blocks = 1
	var told []string
	cfg.Events = func(e Event) {
		if e.Kind == Failure {
			told = append(told, e.Text)
		}
	}
	report, err := Run(t.Context(), cfg)
	must(t, err)
	want := []string{
		"prefork gives no echo of 64 bytes (other bytes came back): left out of echo",
		"prefork answers GET /task?wait=10ms with 404: left out of wait",
	}
	m := readManifest(t, cfg.Out)
	for _, got := range [][]string{told, report.Failures, report.LeftOut, m.Failures} {
		if !slices.Equal(got, want) {
			t.Errorf("said\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	if len(m.LeftOut) != 2 || m.LeftOut[1] != (LeftOut{Target: "prefork", Workload: "wait", Why: "answers GET /task?wait=10ms with 404"}) {
		t.Errorf("the manifest has %+v", m.LeftOut)
	}
	var cells []string
	for _, r := range report.Trials {
		cells = append(cells, r.Workload+" "+r.Target)
	}
	slices.Sort(cells)
	wantCells := []string{"echo eventloop", "echo goroutine", "plaintext eventloop", "plaintext goroutine", "plaintext prefork", "wait eventloop", "wait goroutine"}
	if !slices.Equal(cells, wantCells) {
		t.Errorf("trials %q, want %q", cells, wantCells)
	}
}

// Who keeps us waiting twice is not asked for more.
func TestPreflightOfWhatHangs(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{Servers: map[string]string{"eventloop": hangs}})
	var err error
	cfg.Workloads, err = PickWorkloads(Workloads(2), []string{"plaintext", "spin", "wait"})
	must(t, err)
	cfg.Blocks = 1
	report, err := Run(t.Context(), cfg)
	must(t, err)
	want := []string{
		"eventloop does not answer GET /plaintext within 5s: left out of plaintext",
		"eventloop does not answer GET /task?spin=400000 within 5s: left out of spin",
		"eventloop was not asked for GET /task?wait=10ms, as it had not answered 2 times before: left out of wait",
	}
	if !slices.Equal(report.LeftOut, want) || len(report.Trials) != 6 {
		t.Errorf("%d trials; left out\n%s", len(report.Trials), strings.Join(report.LeftOut, "\n"))
	}
}

// What completes nothing in the calibration tells no rate: it is left out of that workload, with its A/A arm, and the
// rate is the others'. A campaign that is taken up keeps to that.
func TestUncalibratedIsLeftOut(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{Loadgen: refusesFirst, Victim: "goroutine"})
	cfg.Again = "goroutine"
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Events = func(e Event) {
		if e.Kind == BlockBegins && e.Block == 2 {
			cancel()
		}
	}
	want := []string{
		"goroutine could not be calibrated (errors: all requests failed): left out of plaintext",
		"goroutine-again could not be calibrated (errors: all requests failed): left out of plaintext",
	}
	report, err := Run(ctx, cfg)
	if !errors.Is(err, context.Canceled) || !slices.Equal(report.LeftOut, want) || !slices.Equal(report.Failures, want) || len(report.Trials) != 6 {
		t.Errorf("%v; %d trials; left out %q, failures %q", err, len(report.Trials), report.LeftOut, report.Failures)
	}
	if m := readManifest(t, cfg.Out); len(m.Rates) != 1 || m.Rates[0].RPS != 5000 || m.Rates[0].Slowest != "prefork" || len(m.LeftOut) != 2 {
		t.Errorf("rates %+v, left out %+v", m.Rates, m.LeftOut)
	}
	again, err := Resume(cfg.Out)
	must(t, err)
	again.Bin, again.presence = cfg.Bin, cfg.presence
	report, err = Run(t.Context(), again)
	must(t, err)
	if report.Status != Complete || len(report.Trials) != 12 || !slices.Equal(report.LeftOut, want) {
		t.Errorf("resumed: %s, %d trials, left out %q", report.Status, len(report.Trials), report.LeftOut)
	}
}

// The method, headers and body of a workload are those of its preflight and of its load.
func TestRequestOfAWorkload(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	cfg.Blocks = 1
	cfg.Workloads = []Workload{{Name: "post", Path: "/x", Method: "POST", Headers: map[string]string{"X-A": "b", "Accept": "c, d"}, Body: "{}",
		Connections: 4, Slice: 50 * time.Millisecond, Rate: spec.Rate{RPS: 1500}}}
	report, err := Run(t.Context(), cfg)
	must(t, err)
	loads := notes(t, cfg.Bin, "loads")
	if len(loads) != 1 || !strings.Contains(loads[0], "-R 1500 -m POST -H Accept: c, d -H X-A: b -b {}") {
		t.Errorf("loadgen was called with %q", loads)
	}
	m := readManifest(t, cfg.Out)
	if len(report.Trials) != 3 || len(m.Rates) != 1 || m.Rates[0].RPS != 1500 || m.Rates[0].Slowest != "" {
		t.Errorf("%d trials, rates %+v", len(report.Trials), m.Rates)
	}
	requests := notes(t, cfg.Bin, "requests")
	if len(requests) != 3 || requests[0] != "POST /x b c, d {}" {
		t.Errorf("asked for %q", requests)
	}
}
