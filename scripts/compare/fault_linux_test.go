package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"modelbench/results/trial"
	"modelbench/scripts/campaign"
)

const faults = `
name: faults
budget: 60s
blocks: 1
again: none
targets:
  - {name: T, model: goroutine, procs: 2}
  - {name: P, model: prefork, procs: 2, workers: 2}
workloads:
  - {name: exit, alone: true, fresh: true, measure: 800ms, warmup: 100ms, path: /plaintext, connections: 32, rate: 500,
     fault: {kind: exit, after: 300ms, new: 50}}
  - {name: hang, alone: true, fresh: true, measure: 800ms, warmup: 100ms, path: /plaintext, connections: 32, rate: 500, only: [T],
     fault: {kind: hang, after: 300ms, new: 50}}
`

// Servers that go wrong under load: one that is one process takes all connections with it, of two workers one leaves the other's alone;
// and nothing is left, also of what was stopped.
func TestFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, out := filepath.Join(dir, "faults.yaml"), filepath.Join(dir, "out")
	must(t, os.WriteFile(file, []byte(faults), 0o644))
	cmd := exec.Command(link(t, dir, "compare"), "--campaign", file, "--out", out)
	cmd.Env = append(os.Environ(), "TMPDIR="+dir) // where executables and so all processes are from
	said, _ := cmd.CombinedOutput()               // what it exits with depends on whether a table comes of it
	rows, _, err := trial.ReadFile(filepath.Join(out, "trials.csv"))
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows, %v\n%s", len(rows), err, said)
	}
	for _, r := range rows {
		lost, n := r.ConnsLost.Or(-1), r.Connections.Or(0)
		tried, failed := r.NewConns.Or(-1), r.NewConnsFailed.Or(-1)
		late := r.Verdict == trial.VerdictLagging // on a busy machine it may strike when the first new connection has come and gone
		all := lost == n && (failed == tried || late) && r.RecoveryMs == (trial.Float{})
		part := lost < n && failed < tried
		if r.Fault != r.Workload || n != 32 || lost < 0 || tried != 25 || r.Verdict == trial.VerdictErrors ||
			r.Target == "T" && !all || r.Target == "P" && !part {
			t.Errorf("%s of %s: lost %d of %d, %d of %d new ones failed, back after %v ms; %s (%s)", r.Fault, r.Target, lost, n, failed, tried, r.RecoveryMs,
				r.Verdict, r.VerdictReason)
		}
	}
	if m := manifestOf(t, out); m.Status != campaign.Complete || len(m.Failures) > 0 {
		t.Errorf("%s, failures %q", m.Status, m.Failures)
	}
	nothingLeft(t, dir)
}
