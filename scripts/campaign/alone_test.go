package campaign

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

// heavyWorkload is one of light echoes beside so many heavy connections.
func heavyWorkload(name string, connections int) Workload {
	return Workload{Name: name, TCPEcho: true, PayloadBytes: 64, Connections: 4, Pipeline: 3, Rate: spec.Rate{RPS: 500}, Labels: map[string]string{"beside": "yes"},
		Alone: true, Measure: 100 * time.Millisecond, Warmup: 2 * time.Millisecond, Heavy: spec.Heavy{Connections: connections, Spin: 77}}
}

// countedWorkload is one of increments.
func countedWorkload() Workload {
	return Workload{Name: "count", Path: "/count", Method: "POST", Connections: 4, Alone: true, Measure: 100 * time.Millisecond, Requests: 1000, Count: true, Fresh: true}
}

// aloneConfig is a campaign of two blocks and three targets.
func aloneConfig(t *testing.T, s script, workloads ...Workload) Config {
	t.Helper()
	cfg := config(t, s)
	cfg.Workloads = workloads
	return cfg
}

// starts are the executables that were run, loadgen among them.
func starts(t *testing.T, cfg Config) (started []string) {
	t.Helper()
	for _, line := range notes(t, cfg.Bin, "cpus") {
		name, _, _ := strings.Cut(line, " ")
		started = append(started, name)
	}
	return started
}

func times(all []string, what string) (n int) {
	for _, s := range all {
		if s == what {
			n++
		}
	}
	return n
}

// Each target of such a workload has loads of its own, in an order of the seed's, beside a rotation that takes place as ever.
func TestAlone(t *testing.T) {
	t.Parallel()
	spin := Workloads(2)[2]
	spin.Only = []string{"goroutine", "prefork"}
	h2, h0 := heavyWorkload("h2", 2), heavyWorkload("h0", 0)
	h2.Only, h0.Only = []string{"goroutine", "prefork"}, []string{"prefork"}
	// The fake waits for heavy load: what is not beside any has a campaign of its own.
	cfg := aloneConfig(t, script{Loadgen: besideHeavy}, h2)
	cfg.Targets, cfg.Again = cfg.Targets[:2], "goroutine"
	report, err := Run(t.Context(), cfg)
	must(t, err)
	if report.Blocks != 2 || len(report.Trials) != 6 || report.Valid != 6 || report.Loose != 0 || len(report.Failures) != 0 {
		t.Fatalf("report %+v", report)
	}
	for i, r := range report.Trials {
		if r.OrderInBlock != trial.I(i%3+1) || r.HeavyConnections != trial.I(2) || r.LightP99Us != trial.F(250) || r.ServerCPUUsPerReq != (trial.Float{}) ||
			r.OfferedRPS != trial.F(500) || r.Labels != "beside=yes" || !strings.Contains(r.CellID, "heavy_connections=2") {
			t.Errorf("row %+v", r)
		}
	}
	for _, l := range notes(t, cfg.Bin, "loads") {
		heavy, light := strings.Contains(l, "/task?spin=77"), strings.Contains(l, "-c 4 -d 100ms -w 2ms") && strings.Contains(l, "-p 3") && strings.Contains(l, "-R 500") && strings.Contains(l, "=tcp://")
		if heavy == light || heavy && (!strings.Contains(l, "-c 2 ") || strings.Contains(l, "--pid")) {
			t.Errorf("loadgen %s", l)
		}
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Out, "*.csv")); err != nil || len(left) != 1 {
		t.Errorf("files %q, %v", left, err)
	}
	checkLatencies(t, cfg.Out, report.Trials)
	// Three servers for each block; two loads for each trial.
	allGone(t, cfg.Bin, 2*(3+3*2))

	control := aloneConfig(t, script{}, spin, h0)
	control.Targets = control.Targets[:2]
	report, err = Run(t.Context(), control)
	must(t, err)
	if len(report.Trials) != 2*(2+1) || report.Valid != 6 {
		t.Errorf("report %+v", report)
	}
	for _, r := range report.Trials {
		if r.Workload == "h0" && (r.HeavyConnections != trial.I(0) || r.LightP99Us != trial.F(250) || r.ServerCPUUsPerReq == (trial.Float{})) {
			t.Errorf("control %+v", r)
		}
	}
}

// Where each trial has a server of its own, no block starts any.
func TestFreshServers(t *testing.T) {
	t.Parallel()
	cfg := aloneConfig(t, script{Servers: map[string]string{"prefork": countsApart, "eventloop": notFound}}, countedWorkload())
	cfg.Workloads[0].Only = []string{"goroutine", "prefork"}
	cfg.Targets = cfg.Targets[:2]
	report, err := Run(t.Context(), cfg)
	must(t, err)
	// One for the request that is put before the first block, and one for each trial.
	if all := starts(t, cfg); times(all, "goroutine") != 3 || times(all, "prefork") != 3 || len(report.Trials) != 4 {
		t.Errorf("started %q, %d trials", all, len(report.Trials))
	}
	for _, r := range report.Trials {
		switch {
		case r.Target == "goroutine" && (r.Verdict != trial.VerdictOK || r.LostUpdates != trial.I(10)): // 1000 sent, from 5 to 995
			t.Errorf("row %+v", r)
		case r.Target == "prefork" && (r.LostUpdates != trial.Int{} || r.Verdict != trial.VerdictErrors || !strings.Contains(r.VerdictReason, "count for themselves, from 0 to 5")):
			t.Errorf("row %+v", r)
		}
	}
	for _, l := range notes(t, cfg.Bin, "loads") {
		if !strings.Contains(l, "-n 1000") || !strings.Contains(l, "-w 0s") || !strings.Contains(l, "-m POST") {
			t.Errorf("loadgen %s", l)
		}
	}
}

// Heavy load that was not there is no heavy load; a target that answers nothing costs its own trials.
func TestAloneThatFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		script        script
		workload      Workload
		verdict, says string
		valid         int
	}{
		{script{Loadgen: heavyFails}, heavyWorkload("h", 2), trial.VerdictErrors, "heavy requests: none of 9 completed (all failed)", 0},
		{script{Loadgen: heavyEnds}, heavyWorkload("h", 2), trial.VerdictErrors, "heavy requests: they ended ", 0},
		{script{}, func() Workload { w := heavyWorkload("h", 2); w.Warmup = 3 * time.Second; return w }(), trial.VerdictErrors, "heavy requests: the load ended before they began", 0},
		{script{Loadgen: failsAll, Victim: "prefork"}, heavyWorkload("h", 0), trial.VerdictErrors, "all requests failed", 2},
		{script{Loadgen: invalidFor, Victim: "tcp://"}, heavyWorkload("h", 0), trial.VerdictOK, "", 3},
	} {
		cfg := aloneConfig(t, tt.script, tt.workload)
		cfg.Blocks = 1
		report, err := Run(t.Context(), cfg)
		must(t, err)
		if len(report.Trials) != 3 || report.Valid != tt.valid {
			t.Errorf("%+v: %+v", tt.script, report)
		}
		if !slices.ContainsFunc(report.Trials, func(r trial.Trial) bool {
			return r.Verdict == tt.verdict && strings.HasPrefix(r.VerdictReason, tt.says)
		}) {
			t.Errorf("%+v: trials %+v", tt.script, report.Trials)
		}
	}
}

// Stopped while heavy load runs beside another: both end.
func TestHeavyInterrupted(t *testing.T) {
	t.Parallel()
	cfg := aloneConfig(t, script{Loadgen: tellsAndHang}, heavyWorkload("h", 2))
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Events = func(e Event) {
		if e.Kind == Rotating {
			go func() {
				waitUntil(t, "both loads", func() bool { return len(notes(t, cfg.Bin, "hanging")) > 1 })
				cancel()
			}()
		}
	}
	report, err := Run(ctx, cfg)
	if !errors.Is(err, context.Canceled) || report.Status != Interrupted || len(report.Failures) != 0 {
		t.Errorf("%v, %+v", err, report)
	}
	if left, err := filepath.Glob(filepath.Join(cfg.Out, "*.csv")); err != nil || len(left) > 0 {
		t.Errorf("files %q, %v", left, err)
	}
	allGone(t, cfg.Bin, 3+2)
}

// What the server did is the result; what the client failed at is none.
func TestJudgeStudied(t *testing.T) {
	t.Parallel()
	late := ownPart{MeasuredS: 1, Latency: p99{1000}, Late: p99{101}}
	late.Late.Us = 150
	var busy, absent, stolen ownPart
	busy.MeasuredS, busy.Client.BusiestShare = 1, 0.96
	absent.MeasuredS, absent.Client.AbsentS = 2, 0.03
	stolen.MeasuredS, stolen.StealPct = 1, 6
	closed := func(verdict string, completed int64) trial.Trial {
		return trial.Trial{Verdict: verdict, VerdictReason: "why", Completed: trial.I(completed), Arrivals: trial.ArrivalsClosed}
	}
	open := func(verdict string) trial.Trial {
		row := closed(verdict, 100)
		row.Arrivals = trial.ArrivalsConstant
		return row
	}
	for name, tt := range map[string]struct {
		row  trial.Trial
		own  ownPart
		want string
	}{
		"few":                   {closed(trial.VerdictTooFew, 5), ownPart{MeasuredS: 1}, trial.VerdictOK},
		"errors":                {open(trial.VerdictErrors), ownPart{MeasuredS: 1}, trial.VerdictOK},
		"missed":                {open(trial.VerdictRateMissed), ownPart{MeasuredS: 1}, trial.VerdictOK},
		"changing":              {open(trial.VerdictNonstationary), ownPart{MeasuredS: 1}, trial.VerdictOK},
		"nothing":               {closed(trial.VerdictErrors, 0), ownPart{MeasuredS: 1}, trial.VerdictErrors},
		"lagging":               {open(trial.VerdictLagging), ownPart{MeasuredS: 1}, trial.VerdictLagging},
		"errors, and late":      {open(trial.VerdictErrors), late, trial.VerdictLagging},
		"missed, and absent":    {open(trial.VerdictRateMissed), absent, trial.VerdictLagging},
		"missed, and busy":      {open(trial.VerdictRateMissed), busy, trial.VerdictClientBound},
		"errors at rate, busy":  {open(trial.VerdictErrors), busy, trial.VerdictOK},
		"errors, closed, busy":  {closed(trial.VerdictErrors, 9), busy, trial.VerdictClientBound},
		"few, and stolen":       {closed(trial.VerdictTooFew, 5), stolen, trial.VerdictSteal},
		"believed all the same": {open(trial.VerdictOK), late, trial.VerdictOK},
	} {
		judgeStudied(&tt.row, tt.own)
		if tt.row.Verdict != tt.want || (tt.row.Verdict == trial.VerdictOK) != (tt.row.VerdictReason == "") && name != "believed all the same" {
			t.Errorf("%s: %s (%s), want %s", name, tt.row.Verdict, tt.row.VerdictReason, tt.want)
		}
	}
}
