package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"modelbench/results/claims"
	"modelbench/results/folder"
)

// As a user runs it, with the real servers and the real loadgen: stopped as by Ctrl-C in the middle of its block, and taken up.
func TestInterruptedAndTakenUp(t *testing.T) {
	t.Parallel()
	if runtime.NumCPU() < twoCPUs {
		t.Skip("the command refuses to run on one CPU: see TestOneCPU")
	}
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	code, stdout, stderr := process(t, dir, "block 1/1", "--claim", "3", "--blocks", "1", "--budget", "5m", "--seed", "42", "--out", out)
	if code != exitInterrupted {
		t.Fatalf("exit %d\n%s\n%s", code, stderr, stdout)
	}
	for _, want := range []string{"1 experiment in about ", "seed 42", "experiment 1 of 1, cpu: ", "stopped by a signal", "modelbench/scripts/claims --resume " + out} {
		if !strings.Contains(stderr, want) {
			t.Errorf("stderr lacks %q:\n%s", want, stderr)
		}
	}
	if !strings.Contains(stdout, "NOT MEASURED") {
		t.Errorf("a block that is not whole was judged:\n%s", stdout)
	}

	code, stdout, stderr = process(t, dir, "", "--resume", out, "--budget", "5m")
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stderr, stdout)
	}
	f, err := folder.Open(filepath.Join(out, "cpu"))
	must(t, err)
	var cells []string
	for _, row := range f.Trials {
		cells = append(cells, row.Workload+" "+row.Target)
	}
	slices.Sort(cells)
	if want := []string{"cpu T", "cpu T1"}; !slices.Equal(cells, want) { // what the claim names, and no A/A arm
		t.Errorf("trials %q, want %q", cells, want)
	}
	run, err := readRun(out)
	must(t, err)
	if run.Status != claims.Finished || run.Seed != 42 || len(run.Resumed) != 1 || len(run.Dropped) > 0 || run.Executables["loadgen"] == "" {
		t.Errorf("run.json %+v", run)
	}
	for _, name := range []string{claims.RulesName, claims.CSVName, "complexity.csv"} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if code, _, stderr := call(t, "--resume", out); code != exitUsage || !strings.Contains(stderr, "is complete: go run ./results claims "+out) {
		t.Errorf("once more: exit %d, %s", code, stderr)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "modelbench-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

// process runs the command as a process of its own, whose temporary files go to dir, and interrupts it once it has said sign.
func process(t *testing.T, dir, sign string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	self, err := os.Executable()
	must(t, err)
	link := filepath.Join(dir, "claims")
	if err := os.Symlink(self, link); err != nil && !os.IsExist(err) {
		t.Fatal(err)
	}
	cmd := exec.Command(link, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	var out bytes.Buffer
	diag := &signalAt{sign: sign, fire: func() { _ = cmd.Process.Signal(syscall.SIGINT) }}
	cmd.Stdout, cmd.Stderr = &out, diag
	_ = cmd.Run() // the code says it
	return cmd.ProcessState.ExitCode(), out.String(), diag.text.String()
}

// signalAt collects what a process prints and does something at the first sign.
type signalAt struct {
	text bytes.Buffer
	sign string // empty: never
	fire func()
	done bool
}

func (s *signalAt) Write(b []byte) (int, error) {
	n, err := s.text.Write(b)
	if !s.done && s.sign != "" && strings.Contains(s.text.String(), s.sign) {
		s.done = true
		s.fire()
	}
	return n, err
}
