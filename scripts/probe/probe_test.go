package main

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// measured runs the program and returns what it has printed, whose keys must be columns.
func measured(t *testing.T, args ...string) map[string]float64 {
	t.Helper()
	var out, diag bytes.Buffer
	if code := run(args, &out, &diag); code != 0 {
		t.Fatalf("probe %v: exit code %d: %s", args, code, &diag)
	}
	var got map[string]float64
	if err := json.Unmarshal(out.Bytes(), &got); err != nil || strings.Count(out.String(), "\n") != 1 {
		t.Fatalf("probe %v prints %q: %v", args, &out, err)
	}
	var row trial.Trial
	for key := range got {
		if err := trial.Set(&row, key, "1"); err != nil {
			t.Errorf("probe %v: %v", args, err)
		}
	}
	return got
}

// A round of a kind checks itself: that as many threads are new, or as many processes said
// so and ended as told.
func TestStart(t *testing.T) {
	t.Parallel()
	for kind := range kinds {
		got := measured(t, "start", "--kind", kind, "-n", "5", "--rounds", "3")
		if got["due"] != 5 || got["completed"] != 5 || !(got["start_to_ready_us"] > 0) {
			t.Errorf("%s: %v", kind, got)
		}
	}
}

func TestLockOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind        string
		least, most float64
	}{
		{"threads", 0, 30}, // who comes when is chance; each run ends, one way or the other
		{"loop", 30, 30},
		{"await", 0, 0},
	} {
		got := measured(t, "lock-order", "--kind", c.kind, "--runs", "30")
		if got["due"] != 30 || got["completed"]+got["unfinished"] != 30 || got["completed"] < c.least || got["completed"] > c.most {
			t.Errorf("%s: %v", c.kind, got)
		}
	}
}

// Two tasks of which one takes both locks before the other begins are no deadlock, and two
// that both hold one are.
func TestDeadlock(t *testing.T) {
	t.Parallel()
	var d dining
	if !d.task(&d.a, &d.b) || !d.task(&d.b, &d.a) {
		t.Error("a deadlock of tasks that run one after the other")
	}
	d.a.Lock()
	d.waiting.Add(1) // a task that holds a and waits for b
	if d.task(&d.b, &d.a) {
		t.Error("no deadlock, and both hold what the other wants")
	}
	if !d.b.TryLock() {
		t.Error("who finds a deadlock keeps its lock")
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                               "expected one of",
		"start":                          "--kind",
		"start --kind fiber":             "--kind",
		"start --kind goroutine -n 0":    "-n",
		"start --kind thread -n 10000":   "from 1 to 4000",
		"start --kind thread --rounds 0": "--rounds",
		"lock-order --procs -1":          "--procs",
		"lock-order --runs 0":            "--runs",
		"orders":                         "<address>",
		"orders localhost:80":            "IP:PORT",
		"orders 127.0.0.1:1 -n 1":        "--connections",
		"orders 127.0.0.1:1 --runs 0":    "--runs",
		"orders 127.0.0.1:1 --spin=-1":   "--spin",
	} {
		var out, diag bytes.Buffer
		if code := run(strings.Fields(args), &out, &diag); code != exitUsage || !strings.Contains(diag.String(), want) || out.Len() > 0 {
			t.Errorf("probe %s: exit code %d, want %q on stderr: %s%s", args, code, want, &diag, &out)
		}
	}
}
