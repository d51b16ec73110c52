package main

import (
	"os"
	"path/filepath"
	"testing"

	"modelbench/results/trial"
)

// Real servers, one at a time: heavy requests beside light ones, requests that are counted, a burst, idle connections.
func TestAlone(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file, out := filepath.Join(dir, "it.yaml"), filepath.Join(dir, "out")
	must(t, os.WriteFile(file, []byte(`
budget: 120s
blocks: 1
again: none
targets:
  - {name: own, model: prefork, procs: 2, workers: 2, flags: [--counter, mutex]}
  - {name: all, model: prefork, procs: 2, workers: 2, flags: [--counter, shm]}
  - {name: loop, model: eventloop, procs: 1, loops: 1}
workloads:
  - {name: count, only: [own, all], alone: true, fresh: true, method: POST, path: /count, connections: 64, requests: 640, count: true, measure: 20s}
  - {name: burst, only: [loop], alone: true, wait: 50ms, connections: 5, requests: 5, measure: 20s}
  - {name: light, only: [loop], alone: true, echo: true, payload: 8, connections: 4, pipeline: 8, rate: 200, arrivals: poisson, idle: 10,
     measure: 300ms, warmup: 600ms, heavy: {connections: 2, spin: 1000000}, labels: {beside: two}}
`), 0o644))
	code, stdout, stderr := call(t, "--campaign", file, "--out", out)
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stderr, stdout)
	}
	rows, _, err := trial.ReadFile(filepath.Join(out, "trials.csv"))
	must(t, err)
	if len(rows) != 4 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, r := range rows {
		lost, known := r.LostUpdates.Get()
		ok := false
		switch r.Target + " " + r.Workload {
		case "own count": // each worker has its own part, and nobody all of it
			ok = known && lost > 0 && lost < 640
		case "all count":
			ok = known && lost == 0
		case "loop burst":
			ok = r.Completed == trial.I(5) && r.LatMaxUs.Or(0) >= 50_000
		case "loop light":
			ok = r.Completed.Or(0) > 0 && r.HeavyConnections == trial.I(2) && r.IdleConnections == trial.I(10) && r.Pipeline == trial.I(8) &&
				r.Arrivals == trial.ArrivalsPoisson && r.Labels == "beside=two" && r.ServerCPUUsPerReq == (trial.Float{}) && r.ServerCPUUserS.Or(0) > 0
		}
		if !ok {
			t.Errorf("row %+v", r)
		}
	}
}
