package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/folder"
	"modelbench/results/histlog"
	"modelbench/results/trial"
)

// campaignFolder is the folder of a campaign of two blocks, with latencies.
func campaignFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for block, target := range []string{"goroutine", "eventloop", "goroutine", "eventloop"} {
		tr := trial.Trial{CampaignID: "c", TrialID: "c/" + target + string(rune('1'+block)), Block: trial.I(block / 2), Target: target, Workload: "plaintext",
			LatP50Us: trial.F(float64(100 + 7*block)), Verdict: trial.VerdictOK}
		h := hdrhistogram.New(1, int64(time.Hour), 3)
		for v := range int64(1000) {
			if err := h.RecordValue(100_000 + v*int64(1000+block)); err != nil {
				t.Fatal(err)
			}
		}
		if err := trial.Append(filepath.Join(dir, folder.TrialsName), tr); err != nil {
			t.Fatal(err)
		}
		if err := histlog.Append(filepath.Join(dir, folder.HistogramsName), time.Now(), histlog.Entry{TrialID: tr.TrialID, Start: time.Now(), Latency: h}); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A campaign's histograms become curves, in every format asked for; a broken log is no reason to draw without.
func TestPlotFolder(t *testing.T) {
	t.Parallel()
	dir := campaignFolder(t)
	out := filepath.Join(t.TempDir(), "new", "charts")
	var stdout, stderr bytes.Buffer
	if err := run([]string{"plot", "--format", "png,svg", "--width", "600", "-o", out, dir}, &stdout, &stderr); err != nil {
		t.Fatal(err)
	}
	want := []string{"p50.png", "p50.svg", "percentiles.png", "percentiles.svg"}
	entries, err := os.ReadDir(out)
	if err != nil {
		t.Fatal(err)
	}
	var names, printed []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	for line := range strings.Lines(stdout.String()) {
		printed = append(printed, filepath.Base(strings.TrimSpace(line)))
	}
	if !slices.Equal(names, want) || !slices.Equal(printed, want) || stderr.Len() > 0 {
		t.Errorf("wrote %q, said %q and %q", names, printed, &stderr)
	}
	if err := os.WriteFile(filepath.Join(dir, folder.HistogramsName), []byte("time,value\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := run([]string{"plot", "-o", out, dir}, &stdout, &stderr); err == nil || !strings.Contains(err.Error(), folder.HistogramsName) {
		t.Errorf("a broken log: %v", err)
	}
}
