package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/results/histlog"
	"modelbench/results/trial"
)

// config is a campaign of two blocks, two workloads and all targets but the last.
func config(t *testing.T, s script) Config {
	t.Helper()
	workloads, err := PickWorkloads(Workloads(2), []string{"plaintext", "wait"})
	must(t, err)
	return Config{
		Bin: fakes(t, s), Out: filepath.Join(t.TempDir(), "runs", "one"),
		ID: "one", Seed: 7, Budget: time.Minute, Blocks: 2,
		Targets: Targets(2)[:3], Again: NoAgain, Workloads: workloads,
		presence: t.TempDir(), Command: []string{"compare", "--seed", "7"}, Git: Git{Revision: "abc", Dirty: true},
	}
}

func readManifest(t *testing.T, dir string) (m Manifest) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	must(t, err)
	must(t, json.Unmarshal(text, &m))
	return m
}

func TestCampaign(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	var events []Event
	cfg.Events = func(e Event) { events = append(events, e) }
	report, err := Run(t.Context(), cfg)
	must(t, err)
	if report.Status != Complete || report.Blocks != 2 || len(report.Trials) != 12 || report.Valid != 12 ||
		report.Loose != 0 || len(report.Failures) != 0 || report.Rotations != 4 {
		t.Errorf("report %+v", report)
	}
	rows, torn, err := trial.ReadFile(report.CSV)
	must(t, err)
	if torn || !slices.Equal(rows, report.Trials) {
		t.Errorf("the file holds %d rows, the report %d", len(rows), len(report.Trials))
	}
	checkRows(t, rows)
	checkLatencies(t, cfg.Out, rows)
	checkLoads(t, notes(t, cfg.Bin, "loads"))

	m := readManifest(t, cfg.Out)
	if m.Status != Complete || m.WholeBlocks != 2 || m.Verdicts["ok"] != 12 || m.Ended.IsZero() || m.Git.Revision != "abc" ||
		len(m.Binaries) != 4 || m.Binaries["prefork"].Go == "" || m.Machine.CPUs == 0 {
		t.Errorf("manifest %+v", m)
	}
	// The slowest fake target reaches 10,000/s.
	if len(m.Rates) != 1 || m.Rates[0].RPS != 2500 || m.Rates[0].Slowest != "goroutine" {
		t.Errorf("rates %+v", m.Rates)
	}
	checkDescription(t, cfg)
	checkEvents(t, events)
	// 3 servers for the calibration and for each block; loadgen once and twice.
	allGone(t, cfg.Bin, 3*3+1+2*2)
}

func checkRows(t *testing.T, rows []trial.Trial) {
	t.Helper()
	ids := map[string]bool{}
	cells := map[string]int{}
	for _, r := range rows {
		ids[r.TrialID] = true
		cells[r.CellID]++
		if r.CampaignID != "one" || r.Seed != trial.I(7) || r.GitRev != "abc-dirty" || r.HostID == "" && r.Kernel == "" ||
			r.StartToReadyUs.Or(0) <= 0 || r.CalibBeforeNs.Or(0) <= 0 || r.CalibAfterNs.Or(0) <= 0 {
			t.Errorf("row %+v", r)
		}
	}
	if len(ids) != 12 || len(cells) != 6 {
		t.Errorf("trials %v, cells %v", ids, cells)
	}
	want := "prefork/wait/procs=2/workers=2/connections=64/arrivals=closed/wait_us=10000"
	if cells[want] != 2 {
		t.Errorf("cells %v, want %s twice", cells, want)
	}
	for _, r := range rows[:3] { // one rotation
		if r.Block != trial.I(1) || r.OrderInBlock != trial.I(1) || r.Workload != rows[0].Workload {
			t.Errorf("first rotation: %+v", r)
		}
	}
}

// checkDescription runs what the folder says the campaign was: the same loads, without a
// calibration.
func checkDescription(t *testing.T, cfg Config) {
	t.Helper()
	again, err := Load(filepath.Join(cfg.Out, describedName))
	must(t, err)
	again.Bin, again.Out, again.ID, again.presence = fakes(t, script{}), filepath.Join(t.TempDir(), "again"), "again", cfg.presence
	report, err := Run(t.Context(), again)
	must(t, err)
	load := func(bin string, from int) (all []string) {
		for _, l := range notes(t, bin, "loads")[from:] {
			before, _, _ := strings.Cut(l, " --csv ")
			_, after, _ := strings.Cut(l, " --interval ")
			after, _, _ = strings.Cut(after, " --pid ")
			all = append(all, before+" "+after)
		}
		return all
	}
	if was, is := load(cfg.Bin, 1), load(again.Bin, 0); !slices.Equal(was, is) || report.Seed != cfg.Seed {
		t.Errorf("loaded with %q\nbefore with %q", is, was)
	}
}

// checkLatencies finds the histogram of each trial by its id.
func checkLatencies(t *testing.T, dir string, rows []trial.Trial) {
	t.Helper()
	entries, torn, err := histlog.ReadFile(filepath.Join(dir, histogramsName))
	must(t, err)
	if torn || len(entries) != len(rows) {
		t.Fatalf("%d histograms of %d trials, torn %v", len(entries), len(rows), torn)
	}
	for i, e := range entries {
		if e.TrialID != rows[i].TrialID || e.Latency.TotalCount() != rows[i].Completed.Or(0) || e.Length != 500*time.Millisecond {
			t.Errorf("histogram %d is of %s, %d values in %v; the trial is %s", i, e.TrialID, e.Latency.TotalCount(), e.Length, rows[i].TrialID)
		}
	}
	for _, name := range []string{measuredName, latenciesName} {
		if exists(filepath.Join(dir, name)) {
			t.Errorf("%s is still there", name)
		}
	}
}

func checkLoads(t *testing.T, loads []string) {
	t.Helper()
	if len(loads) != 5 {
		t.Fatalf("loadgen ran %d times: %q", len(loads), loads)
	}
	if strings.Contains(loads[0], "-R") || !strings.Contains(loads[0], "/plaintext") {
		t.Errorf("the calibration was %q", loads[0])
	}
	for _, load := range loads[1:] {
		if strings.Contains(load, "/plaintext") != strings.Contains(load, "-R 2500") ||
			strings.Contains(load, "wait=10ms") != strings.Contains(load, "--slice 200ms") ||
			strings.Count(load, "--pid") != 3 {
			t.Errorf("loadgen was called with %q", load)
		}
	}
}

func checkEvents(t *testing.T, events []Event) {
	t.Helper()
	var kinds []Kind
	for i, e := range events {
		kinds = append(kinds, e.Kind)
		if i > 0 && e.Elapsed < events[i-1].Elapsed || e.Left < 0 || e.Step < 0 || e.Step > e.Left {
			t.Errorf("event %d: %+v", i, e)
		}
	}
	block := []Kind{BlockBegins, Rotating, Measured, Rotating, Measured}
	want := slices.Concat([]Kind{Planned, Notice, Calibrating, Notice}, block, block, []Kind{Ended})
	if !slices.Equal(kinds, want) {
		t.Errorf("events %v,\n want %v", kinds, want)
	}
	if last := events[len(events)-1]; last.Left != 0 {
		t.Errorf("%v left at the end", last.Left)
	}
}

// What fails costs its own trials, is said, and the rest goes on.
func TestFailuresCostTheirOwnTrials(t *testing.T) {
	t.Parallel()
	dies := func(mode string) map[string]string { return map[string]string{"prefork": mode} }
	tests := []struct {
		name   string
		script script
		trials int
		valid  int
		says   string // part of a failure; empty: there is none
	}{
		{"server does not come up", script{Servers: dies(diesAtOnce)}, 8, 8, "calibration: start prefork: it ended before it was ready: exit status 1; it said: cannot read its configuration; it is left out"},
		{"server has to be killed", script{Servers: dies(ignoresTerm)}, 12, 12, "stop prefork: it did not end within 2s of SIGTERM and was killed"},
		{"server leaves a child", script{Servers: dies(leavesChild)}, 12, 12, "stop prefork: it ended and left processes"},
		// It dies under each first load of its servers: in the calibration, so the row there is
		// its last, and in each block, where the row of that rotation is kept as what it is.
		{"server dies under load", script{Loadgen: killsServer, Victim: "prefork"}, 10, 8, "prefork ended in block 1, "},
		{"server dies in the calibration", script{Loadgen: killsServer, Victim: "prefork"}, 10, 8, "prefork ended in the calibration of plaintext: signal: killed"},
		{"loadgen fails", script{Loadgen: failsFor, Victim: "wait="}, 0, 0, "wait: loadgen: exit status 1; it said: something is wrong with this load"},
		{"loadgen leaves one out", script{Loadgen: omits, Victim: "eventloop"}, 8, 8, "loadgen wrote no trial for eventloop"},
		{"loadgen's file is torn", script{Loadgen: writesTorn}, 0, 0, "loadgen's trials: the last line is torn"},
		{"no histograms", script{Loadgen: noHistograms}, 12, 12, "loadgen's histograms: open "},
		{"the rate cannot be found", script{Loadgen: failsFor, Victim: "plaintext"}, 6, 6, "plaintext is left out"},
		{"a measurement is not valid", script{Loadgen: invalidFor, Victim: "wait="}, 12, 6, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, tt.script)
			told := 0
			cfg.Events = func(e Event) {
				if e.Kind == Failure {
					told++
				}
			}
			report, err := Run(t.Context(), cfg)
			if tt.trials > 0 {
				must(t, err)
			}
			if len(report.Trials) != tt.trials || report.Valid != tt.valid {
				t.Errorf("%d trials, %d of them valid; want %d and %d", len(report.Trials), report.Valid, tt.trials, tt.valid)
			}
			said := strings.Join(report.Failures, "\n")
			if !strings.Contains(said, tt.says) || tt.says == "" && said != "" {
				t.Errorf("failures:\n%s\nwant %q", said, tt.says)
			}
			if fell := strings.Contains(tt.name, "server does not") || strings.Contains(tt.name, "server dies"); fell != (len(report.Fallen) == 1 && report.Fallen[0].Target == "prefork") {
				t.Errorf("targets that failed: %q", report.Fallen)
			}
			m := readManifest(t, cfg.Out)
			if told != len(report.Failures) || len(m.Failures) < told {
				t.Errorf("%d failures told, %d reported, %d in the manifest", told, len(report.Failures), len(m.Failures))
			}
			waitUntil(t, "the end of all processes", func() bool {
				return !slices.ContainsFunc(notes(t, cfg.Bin, "pids"), func(p string) bool { return !gone(atoi(p)) })
			})
		})
	}
}

func TestCampaignWithoutAnyServer(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{Servers: map[string]string{"goroutine": diesAtOnce}})
	cfg.Targets = cfg.Targets[:1]
	report, err := Run(t.Context(), cfg)
	if err == nil || !strings.Contains(err.Error(), "no server came up") || report.Status != Failed {
		t.Errorf("%v, %+v", err, report)
	}
	if m := readManifest(t, cfg.Out); m.Status != Failed || len(m.Failures) != 2 {
		t.Errorf("manifest: %s, %q", m.Status, m.Failures)
	}
}

func TestCampaignWithoutAnExecutable(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	must(t, os.Remove(filepath.Join(cfg.Bin, "eventloop")))
	if _, err := Run(t.Context(), cfg); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "eventloop") {
		t.Error(err)
	}
}

// Stopped in the middle: the trials that are done stay, no process does.
func TestCampaignInterrupted(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{Loadgen: hangsFor, Victim: "wait="})
	ctx, cancel := context.WithCancel(t.Context())
	cfg.Events = func(e Event) {
		if e.Kind == Rotating && e.Workload == "wait" {
			go func() {
				waitUntil(t, "loadgen", func() bool { return len(notes(t, cfg.Bin, "hanging")) > 0 })
				cancel()
			}()
		}
	}
	report, err := Run(ctx, cfg)
	if !errors.Is(err, context.Canceled) || report.Status != Interrupted || report.Blocks != 0 || len(report.Trials) != 0 {
		t.Errorf("%v, %+v", err, report)
	}
	if order := Order(cfg.Seed, 1, 2); cfg.Workloads[order[0]].Name == "plaintext" && report.Loose != 3 {
		t.Errorf("%d trials of the unfinished block", report.Loose)
	}
	if m := readManifest(t, cfg.Out); m.Status != Interrupted {
		t.Errorf("manifest: %s", m.Status)
	}
	allGone(t, cfg.Bin, 7)
}

// Told to abort, it does not wait for those who take their time.
func TestCampaignAborted(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{Servers: map[string]string{"goroutine": ignoresTerm, "prefork": ignoresTerm}, Loadgen: tellsAndHang})
	cfg.Workloads = cfg.Workloads[1:]
	ctx, cancel := context.WithCancel(t.Context())
	abort := make(chan struct{})
	cfg.Abort = abort
	cfg.Events = func(e Event) {
		if e.Kind == Rotating {
			go func() {
				waitUntil(t, "loadgen", func() bool { return len(notes(t, cfg.Bin, "hanging")) > 0 })
				cancel()
				close(abort)
			}()
		}
	}
	report, err := Run(ctx, cfg)
	if !errors.Is(err, context.Canceled) || len(report.Failures) != 0 {
		t.Errorf("%v, failures %q", err, report.Failures)
	}
	allGone(t, cfg.Bin, 4)
}

// A budget that is spent in the middle of a block ends the campaign there.
func TestCampaignOverBudget(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{Loadgen: hangsFor, Victim: "wait="})
	cfg.Budget, cfg.Blocks = 6*time.Second, 1
	report, err := Run(t.Context(), cfg)
	if !errors.Is(err, errBudget) || report.Status != Failed {
		t.Errorf("%v, %+v", err, report)
	}
	allGone(t, cfg.Bin, 7)
}

// With time to spare a block that takes longer than the whole budget is measured all the same, and no block is planned longer.
func TestCampaignWithTimeToSpare(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	cfg.Workloads, cfg.Targets, cfg.Blocks = cfg.Workloads[1:], cfg.Targets[:2], 1
	cfg.Budget = 3500 * time.Millisecond
	plan, err := cfg.Plan()
	must(t, err)
	cfg.Spare = time.Hour
	spared, err := cfg.Plan()
	must(t, err)
	if !reflect.DeepEqual(plan, spared) {
		t.Errorf("plan %+v, with time to spare %+v", plan, spared)
	}
	cfg.Events = func(e Event) {
		if e.Kind == Rotating {
			time.Sleep(cfg.Budget) // a slow reader slows the campaign down
		}
	}
	report, err := Run(t.Context(), cfg)
	if err != nil || report.Blocks != 1 || len(report.Trials) != 2 {
		t.Errorf("%v, %+v", err, report)
	}
	cfg.Spare = -1
	if err := cfg.Validate(); err == nil || !strings.HasPrefix(err.Error(), "--budget: -1ns is not a time to spare") {
		t.Errorf("less than none: %v", err)
	}
}

func TestFolderIsNeverOverwritten(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	must(t, os.MkdirAll(cfg.Out, 0o755))
	must(t, checkFolder(cfg.Out)) // empty: fine
	lock, err := claimFolder(cfg.Out, false)
	must(t, err)
	must(t, lock.Close())
	before := readFile(t, filepath.Join(cfg.Out, manifestName))
	_, err = Run(t.Context(), cfg)
	var usage *UsageError
	if !errors.As(err, &usage) || usage.Flag != "--out" || !strings.Contains(err.Error(), "is not empty") {
		t.Error(err)
	}
	if after := readFile(t, filepath.Join(cfg.Out, manifestName)); after != before {
		t.Error("it was overwritten")
	}
	if len(notes(t, cfg.Bin, "pids")) > 0 {
		t.Error("processes were started")
	}
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o644))
	if _, err := claimFolder(file, false); !errors.As(err, &usage) {
		t.Errorf("a file as folder: %v", err)
	}
}

// Of campaigns that want the same folder at the same time one gets it.
func TestOneFolderForOneCampaign(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	cfg.Workloads, cfg.Blocks = cfg.Workloads[1:], 1
	const many = 4
	errs := make(chan error, many)
	for i := range many {
		one := cfg
		one.ID = fmt.Sprint("one", i)
		go func() {
			_, err := Run(t.Context(), one)
			errs <- err
		}()
	}
	refused := 0
	for range many {
		err := <-errs
		var usage *UsageError
		if errors.As(err, &usage) && usage.Flag == "--out" {
			refused++
		} else {
			must(t, err)
		}
	}
	rows, torn, err := trial.ReadFile(filepath.Join(cfg.Out, trialsName))
	must(t, err)
	if refused != many-1 || torn || len(rows) != 3 || rows[0].CampaignID != rows[2].CampaignID {
		t.Errorf("%d were refused, %d rows", refused, len(rows))
	}
}

func readFile(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	must(t, err)
	return string(text)
}

func TestValidate(t *testing.T) {
	t.Parallel()
	ok := Config{Bin: "b", Out: "o"}
	must(t, ok.Validate())
	if ok.Seed == 0 || ok.ID == "" || ok.Budget != DefaultBudget || len(ok.Targets) != 5 || len(ok.Workloads) != 5 {
		t.Errorf("filled in %+v", ok)
	}
	for _, tt := range []struct {
		cfg  Config
		flag string
	}{
		{Config{Bin: "b", Out: t.TempDir() + "/.."}, "--out"},
		{Config{Bin: "b", Out: "o", Budget: -1}, "--budget"},
		{Config{Bin: "b", Out: "o", Budget: time.Second}, "--budget"},
		{Config{Bin: "b", Out: "o", Blocks: -1}, "--blocks"},
		{Config{Bin: "b", Out: "o", Until: 0.03, Workloads: []Workload{heavyWorkload("h", 1)}}, "--until"},
		{Config{Bin: "b", Out: "o", Workloads: only(heavyWorkload("h", 1), "prefork")}, "--campaign"},
		{Config{Bin: "b", Out: "o", Workloads: only(heavyWorkload("h", 1), "nobody")}, "--workloads"},
		{Config{Bin: "b", Out: "o", Workloads: []Workload{{Name: "l", Path: "/", Alone: true, Measure: 1, Labels: map[string]string{"variant": "x"}}}}, "--campaign"},
	} {
		err := tt.cfg.Validate()
		var usage *UsageError
		if !errors.As(err, &usage) || usage.Flag != tt.flag {
			t.Errorf("%+v: %v", tt.cfg, err)
		}
	}
}

// only is a workload of one target.
func only(w Workload, target string) []Workload {
	w.Only = []string{target}
	return []Workload{w}
}

func TestRunNeedsItsFolders(t *testing.T) {
	t.Parallel()
	if _, err := Run(t.Context(), Config{Bin: "b"}); err == nil || !strings.Contains(err.Error(), "needs a folder") {
		t.Error(err)
	}
}

// A campaign that is killed with SIGKILL can do nothing any more; its processes end.
func TestKilledCampaignLeavesNothing(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		workload         string
		loads, processes int
	}{{"wait", 1, 5}, {"heavy", 2, 6}} {
		bin := fakes(t, script{Servers: map[string]string{"goroutine": ignoresTerm}, Loadgen: tellsAndHang, Victim: tt.workload})
		doomed := exec.Command(filepath.Join(bin, "doomed"))
		must(t, doomed.Start())
		waitUntil(t, "loadgen", func() bool { return len(notes(t, bin, "hanging")) == tt.loads })
		must(t, doomed.Process.Kill())
		_ = doomed.Wait() // "signal: killed"
		pids := notes(t, bin, "pids")
		if len(pids) != tt.processes {
			t.Errorf("%s: processes %v", tt.workload, pids)
		}
		for _, p := range pids {
			waitUntil(t, "the end of "+p, func() bool { return gone(atoi(p)) })
		}
	}
}

// playDoomedCampaign is what the test binary does as "doomed".
func playDoomedCampaign(folder string) int {
	workloads, err := PickWorkloads(Workloads(2), []string{"wait"})
	if readScript(folder).Victim == "heavy" {
		workloads = []Workload{heavyWorkload("heavy", 2)}
	}
	if err == nil {
		_, err = Run(context.Background(), Config{Bin: folder, Out: filepath.Join(folder, "out"), Again: NoAgain, Workloads: workloads, presence: folder})
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func atoi(s string) int {
	var n int
	_, _ = fmt.Sscan(s, &n)
	return n
}
