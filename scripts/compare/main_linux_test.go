package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"modelbench/results/histlog"
	"modelbench/results/trial"
	"modelbench/scripts/campaign"
)

// As a user runs it: the real servers, the real loadgen, from a folder inside the module.
func TestOneBlock(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := call(t, "--models", "goroutine,eventloop", "--workloads", "plaintext,wait",
		"--blocks", "1", "--budget", "25s", "--seed", "42", "--out", out)
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stderr, stdout)
	}
	for _, want := range []string{"plaintext, 64 connections", "wait 10.0 ms", "trials in 1 block are valid, seed 42",
		"go run modelbench/results compare " + out} {
		if !strings.Contains(stdout, want) {
			t.Errorf("the answer lacks %q:\n%s", want, stdout)
		}
	}
	for _, want := range []string{"1 block cannot reach p < 0.05", "block 1/1 wait", "left"} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, stderr)
		}
	}
	rows, torn, err := trial.ReadFile(filepath.Join(out, "trials.csv"))
	must(t, err)
	if torn || len(rows) != 6 { // two targets, the first of them twice
		t.Fatalf("%d rows, torn: %v", len(rows), torn)
	}
	for _, r := range rows {
		if r.Completed.Or(0) == 0 || r.ServerCPUUsPerReq.Or(0) == 0 || r.StartToReadyUs.Or(0) == 0 || r.Seed != trial.I(42) {
			t.Errorf("row %+v", r)
		}
	}
	latencies, torn, err := histlog.ReadFile(filepath.Join(out, "histograms.hlog"))
	must(t, err)
	if torn || len(latencies) != len(rows) {
		t.Fatalf("%d histograms, torn: %v", len(latencies), torn)
	}
	for i, e := range latencies {
		if r := rows[i]; e.TrialID != r.TrialID || e.Latency.TotalCount() != r.Completed.Or(0) {
			t.Errorf("histogram %d has %d values of %s, want %d of %s", i, e.Latency.TotalCount(), e.TrialID, r.Completed.Or(0), r.TrialID)
		}
	}
	var m campaign.Manifest
	text, err := os.ReadFile(filepath.Join(out, "manifest.json"))
	must(t, err)
	must(t, json.Unmarshal(text, &m))
	if m.Status != campaign.Complete || len(m.Failures) != 0 || m.Binaries["eventloop"].Modules["github.com/panjf2000/gnet/v2"] == "" {
		t.Errorf("manifest %s", text)
	}
}

// Popular libraries beside a model.
func TestWithStock(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	code, stdout, stderr := call(t, "--models", "goroutine", "--with-stock", "--again", "none", "--workloads", "plaintext",
		"--blocks", "1", "--budget", "25s", "--out", out)
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stderr, stdout)
	}
	rows, _, err := trial.ReadFile(filepath.Join(out, "trials.csv"))
	must(t, err)
	var targets []string
	for _, r := range rows {
		targets = append(targets, r.Target)
		if r.Completed.Or(0) == 0 || r.ServerCPUUsPerReq.Or(0) == 0 {
			t.Errorf("row %+v", r)
		}
	}
	slices.Sort(targets)
	if want := []string{"goroutine", "stock-fasthttp", "stock-fasthttp-prefork", "stock-nethttp"}; !slices.Equal(targets, want) {
		t.Errorf("targets %q, want %q", targets, want)
	}
}

// Stopped as by Ctrl-C in the middle of the first block.
func TestInterrupted(t *testing.T) {
	t.Parallel()
	cmd, dir := oneBlock(t, "wait")
	progress := &signalAt{sign: "block 1/1 wait", fire: func() { _ = cmd.Process.Signal(syscall.SIGINT) }}
	cmd.Stderr = progress
	must(t, cmd.Start())
	err := cmd.Wait()
	if cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("%v\n%s", err, progress.text.String())
	}
	if said := progress.text.String(); !strings.Contains(said, "stopped by a signal") || !strings.Contains(said, "nothing to compare") ||
		!strings.Contains(said, "modelbench/scripts/compare --resume "+filepath.Join(dir, "out")) {
		t.Errorf("it said\n%s", said)
	}
	nothingLeft(t, dir)
}

// Nobody reads its standard error any more, as of 2>&1 | head, while servers are up.
func TestNobodyReads(t *testing.T) {
	t.Parallel()
	cmd, dir := oneBlock(t, "plaintext")
	read, write, err := os.Pipe()
	must(t, err)
	cmd.Stderr = write
	must(t, cmd.Start())
	must(t, write.Close())
	for in := bufio.NewScanner(read); in.Scan() && !strings.Contains(in.Text(), "calibrating"); {
	}
	must(t, read.Close())
	err = cmd.Wait()
	if cmd.ProcessState.ExitCode() != exitInterrupted {
		t.Errorf("it ended with %v", err)
	}
	nothingLeft(t, dir)
}

func TestCancelledBeforeItBegins(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, diag bytes.Buffer
	if code := run(ctx, nil, []string{"--out", filepath.Join(t.TempDir(), "out")}, &out, &diag); code != exitInterrupted {
		t.Errorf("exit %d: %s", code, diag.String())
	}
}

// signalAt collects what a process prints and does something at the first sign.
type signalAt struct {
	text bytes.Buffer
	sign string
	fire func()
	done bool
}

func (s *signalAt) Write(b []byte) (int, error) {
	n, err := s.text.Write(b)
	if !s.done && strings.Contains(s.text.String(), s.sign) {
		s.done = true
		s.fire()
	}
	return n, err
}

// oneBlock is the command as a process of its own, whose temporary files go to dir.
func oneBlock(t *testing.T, workload string) (cmd *exec.Cmd, dir string) {
	t.Helper()
	dir = t.TempDir()
	self, err := os.Executable()
	must(t, err)
	link := filepath.Join(dir, "compare")
	must(t, os.Symlink(self, link))
	cmd = exec.Command(link, "--models", "prefork,eventloop", "--workloads", workload, "--blocks", "1", "--budget", "30s",
		"--out", filepath.Join(dir, "out"))
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	return cmd, dir
}

// nothingLeft checks that of the command nothing remains in dir but its results.
func nothingLeft(t *testing.T, dir string) {
	t.Helper()
	if left, _ := filepath.Glob(filepath.Join(dir, "modelbench-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	for _, pid := range runningUnder(t, dir) {
		t.Errorf("process %d is still there", pid)
	}
}

// runningUnder lists the processes whose executable lies, or lay, below dir.
func runningUnder(t *testing.T, dir string) []int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	must(t, err)
	var pids []int
	for _, link := range links {
		if exe, err := os.Readlink(link); err == nil && strings.HasPrefix(exe, dir+"/") {
			pid, err := strconv.Atoi(filepath.Base(filepath.Dir(link)))
			must(t, err)
			pids = append(pids, pid)
		}
	}
	return pids
}
