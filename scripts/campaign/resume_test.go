package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"modelbench/results/folder"
	"modelbench/results/histlog"
	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

// playKilled is what the test binary does as "killed": a campaign of three blocks, two
// workloads and two targets, for somebody to kill.
func playKilled(folder string) int {
	cfg, err := threeBlocks(folder)
	if err == nil {
		_, err = Run(context.Background(), cfg)
	}
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func threeBlocks(bin string) (Config, error) {
	workloads, err := PickWorkloads(Workloads(2), []string{"plaintext", "wait"})
	return Config{Bin: bin, Out: filepath.Join(bin, "out"), ID: "one", Seed: 7, Budget: time.Minute, Blocks: 3, Targets: Targets(2)[:2],
		Again: NoAgain, Workloads: workloads, presence: bin}, err
}

// killedAt runs that campaign and kills it with SIGKILL while loadgen runs for the nth time.
// The first time is the calibration, each block has two. Fakes do no wrong afterwards.
func killedAt(t *testing.T, n int) (bin string) {
	t.Helper()
	bin = fakes(t, script{Loadgen: hangsAt, Victim: fmt.Sprint(n)})
	cmd := exec.Command(filepath.Join(bin, "killed"))
	must(t, cmd.Start())
	waitUntil(t, "loadgen", func() bool { return len(notes(t, bin, "hanging")) > 0 })
	must(t, cmd.Process.Kill())
	_ = cmd.Wait() // "signal: killed"
	for _, p := range notes(t, bin, "pids") {
		waitUntil(t, "the end of "+p, func() bool { return gone(atoi(p)) })
	}
	must(t, os.WriteFile(filepath.Join(bin, "script.json"), []byte("{}"), 0o644))
	return bin
}

func resumed(t *testing.T, bin string) Config {
	t.Helper()
	cfg, err := Resume(filepath.Join(bin, "out"))
	must(t, err)
	cfg.Bin, cfg.presence, cfg.Command = bin, bin, []string{"compare", "--resume", "out"}
	return cfg
}

// Killed at any point, a campaign loses no finished trial, and what is resumed comes to
// three whole blocks, as if nothing had happened.
func TestKilledAndResumed(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 7; n++ {
		t.Run(fmt.Sprint("in load ", n), func(t *testing.T) {
			t.Parallel()
			bin := killedAt(t, n)
			csv := filepath.Join(bin, "out", trialsName)
			var before []trial.Trial
			if n > 2 {
				var err error
				before, _, err = trial.ReadFile(csv)
				must(t, err)
				tear(t, csv)
				tear(t, filepath.Join(bin, "out", histogramsName))
				// loadgen had written its rows, and nobody had read them.
				must(t, trial.Append(filepath.Join(bin, "out", measuredName), trial.Trial{Target: "prefork", Verdict: trial.VerdictErrors}))
			}
			if want := 2 * max(0, n-2); len(before) != want {
				t.Errorf("%d trials are left of the %d that were finished", len(before), want)
			}
			then := readManifest(t, filepath.Join(bin, "out"))
			report, err := Run(t.Context(), resumed(t, bin))
			must(t, err)
			loose := len(before) % 4
			if report.Status != Complete || report.Blocks != 3 || len(report.Trials) != 12 || report.Loose != loose || report.Valid != 12 || report.ID != "one" {
				t.Errorf("%s, %d blocks, %d trials, %d loose", report.Status, report.Blocks, len(report.Trials), report.Loose)
			}
			rows, torn, err := trial.ReadFile(csv)
			must(t, err)
			if torn || len(rows) != 12+loose {
				t.Errorf("%d rows, torn: %v", len(rows), torn)
			}
			for i := range before {
				if rows[i] != before[i] {
					t.Errorf("row %d has become %+v", i, rows[i])
				}
			}
			checkResumed(t, bin, rows, then)
			calibrations := 0
			for _, load := range notes(t, bin, "loads") {
				if !strings.Contains(load, "--hdr") {
					calibrations++
				}
			}
			if want := 1 + max(0, 2-n); calibrations != want { // it is made again if it was not finished
				t.Errorf("calibrated %d times, want %d", calibrations, want)
			}
		})
	}
}

// tear leaves a line without an end, as a crash in the middle of a write does.
func tear(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = f.WriteString("2,one,one/")
	must(t, errors.Join(err, f.Close()))
}

// checkResumed looks at what others will read of the folder.
func checkResumed(t *testing.T, bin string, rows []trial.Trial, then Manifest) {
	t.Helper()
	dir := filepath.Join(bin, "out")
	ids, byBlock := map[string]bool{}, map[int64]int{}
	for _, r := range rows {
		ids[r.TrialID] = true
		byBlock[r.Block.Or(0)]++
		if r.CampaignID != "one" || r.Seed != trial.I(7) {
			t.Errorf("row %+v", r)
		}
	}
	entries, torn, err := histlog.ReadFile(filepath.Join(dir, histogramsName))
	must(t, err)
	for _, e := range entries {
		delete(ids, e.TrialID)
	}
	if torn || len(ids) > 0 {
		t.Errorf("without a histogram: %v; torn: %v", ids, torn)
	}
	m := readManifest(t, dir)
	if m.Status != Complete || len(m.Whole) != 3 || len(m.Resumed) != 1 || m.Seed != 7 || m.Planned != 3 || !m.Started.Equal(then.Started) {
		t.Errorf("manifest: %s, whole %v, resumed %v, %d planned", m.Status, m.Whole, m.Resumed, m.Planned)
	}
	if len(then.Rates) > 0 && (len(m.Rates) != 1 || m.Rates[0].RPS != then.Rates[0].RPS) {
		t.Errorf("rates %+v became %+v", then.Rates, m.Rates)
	}
	for _, block := range m.Whole {
		if byBlock[int64(block)] != 4 {
			t.Errorf("block %d has %d trials", block, byBlock[int64(block)])
		}
	}
	// Whoever compares sees whole blocks alone.
	read, err := folder.Open(dir)
	must(t, err)
	if exists(filepath.Join(dir, measuredName)) || exists(filepath.Join(dir, latenciesName)) {
		t.Error("a rotation's files are still there")
	}
	if len(read.Trials) != 12 || read.Loose != len(rows)-12 {
		t.Errorf("results see %d trials, and leave %d out", len(read.Trials), read.Loose)
	}
}

func TestResumeRefuses(t *testing.T) {
	t.Parallel()
	edit := func(change func(*Manifest)) func(*testing.T, string) {
		return func(t *testing.T, bin string) {
			m := readManifest(t, filepath.Join(bin, "out"))
			change(&m)
			must(t, m.write(filepath.Join(bin, "out")))
		}
	}
	for _, tt := range []struct {
		name   string
		change func(t *testing.T, bin string)
		says   string
	}{
		{"complete", edit(func(m *Manifest) { m.Status, m.WholeBlocks = Complete, 3 }), "is complete: 3 whole blocks"},
		{"another machine", edit(func(m *Manifest) { m.Machine.HostID = "12345678" }), "the machine was 12345678 and is now "},
		{"another kernel", edit(func(m *Manifest) { m.Machine.Kernel = "2.6" }), "the kernel was 2.6 and is now "},
		{"another server", edit(func(m *Manifest) { m.Binaries["prefork"] = Binary{SHA256: "00"} }), "the executable of prefork is not the one that the campaign began with"},
		{"another version", edit(func(m *Manifest) { m.Config = Saved{} }), "was written by another version"},
		{"killed at once", func(t *testing.T, bin string) {
			must(t, os.WriteFile(filepath.Join(bin, "out", manifestName), nil, 0o644))
		}, "ended before it began"},
		{"no manifest", func(t *testing.T, bin string) { must(t, os.Remove(filepath.Join(bin, "out", manifestName))) }, "holds no campaign"},
		{"another file", func(t *testing.T, bin string) {
			must(t, os.WriteFile(filepath.Join(bin, "out", trialsName), []byte("time,value\n"), 0o644))
		}, "header: column 1"},
		{"still running", func(t *testing.T, bin string) {
			lock, err := claimFolder(filepath.Join(bin, "out"), true)
			must(t, err)
			t.Cleanup(func() { _ = lock.Close() })
		}, "a campaign is running in "},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			bin := killedAt(t, 4)
			loads := len(notes(t, bin, "loads"))
			tt.change(t, bin)
			before, _ := os.ReadFile(filepath.Join(bin, "out", manifestName))
			cfg, err := Resume(filepath.Join(bin, "out"))
			if err == nil {
				cfg.Bin, cfg.presence = bin, bin
				_, err = Run(t.Context(), cfg)
			}
			var usage *UsageError
			if !errors.As(err, &usage) || usage.Flag != "--resume" || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("%v, want %q", err, tt.says)
			}
			if after, _ := os.ReadFile(filepath.Join(bin, "out", manifestName)); string(after) != string(before) || len(notes(t, bin, "loads")) != loads {
				t.Error("it changed something all the same")
			}
		})
	}
}

// How much is left to do after two of three blocks.
func TestRestOfTheBudget(t *testing.T) {
	t.Parallel()
	bin := killedAt(t, 6)
	then := readManifest(t, filepath.Join(bin, "out"))
	left := resumed(t, bin)
	if then.SpentS <= 0 || left.Budget.Seconds() < 60-then.SpentS-0.01 || left.Budget.Seconds() > 60-then.SpentS+0.01 {
		t.Errorf("%v left of a minute after %v s", left.Budget, then.SpentS)
	}
	for _, tt := range []struct {
		budget  time.Duration // given to --resume; 0: none
		blocks  int           // asked for in all; 0: as many as the budget allows
		planned int           // then
		more    int           // at least
		most    int
		problem string
	}{
		{0, 3, 3, 1, 1, ""},
		{0, 0, 3, 1, 1, ""},
		{0, 2, 2, 0, 0, ""},
		{0, 0, 1000, 5, 30, ""}, // what is left of a minute
		{10 * time.Minute, 0, 3, 100, 1000, ""},
		{10 * time.Minute, 3, 3, 1, 1, ""},
		{2 * time.Second, 0, 3, 0, 0, "--budget: 2s is too short for one more block"},
	} {
		cfg := left
		cfg.Blocks = tt.blocks
		if tt.budget > 0 {
			cfg.Budget = tt.budget
		}
		r := &runner{cfg: cfg, first: 3, report: Report{Blocks: 2}}
		m := then
		m.Planned = tt.planned
		p, err := r.rest(&m)
		if tt.problem != "" {
			if err == nil || !strings.Contains(err.Error(), tt.problem) {
				t.Errorf("%+v: %v", tt, err)
			}
			continue
		}
		must(t, err)
		if p.Blocks < tt.more || p.Blocks > tt.most {
			t.Errorf("%+v: %d blocks", tt, p.Blocks)
		}
	}
}

// A folder that a killed campaign left says how to go on with it.
func TestFullFolderHintsAtResume(t *testing.T) {
	t.Parallel()
	bin := killedAt(t, 2)
	cfg, err := threeBlocks(bin)
	must(t, err)
	if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "or go on with the campaign in it: --resume "+cfg.Out) {
		t.Error(err)
	}
}

// What is saved reads as the same.
func TestSavedConfig(t *testing.T) {
	t.Parallel()
	want := Saved{Again: "goroutine", Blocks: 3, Targets: append(Targets(2), Stock(2)...), Workloads: append(Workloads(2), heavyWorkload("h", 2), countedWorkload())}
	want.Workloads[0].Only = []string{"goroutine"}
	want.Workloads[5].Fault = spec.Injection{Kind: "exit", After: time.Second, New: 3}
	text, err := json.Marshal(want)
	must(t, err)
	var got Saved
	must(t, json.Unmarshal(text, &got))
	if again, err := json.Marshal(got); err != nil || string(again) != string(text) || fmt.Sprintf("%+v", got) != fmt.Sprintf("%+v", want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
