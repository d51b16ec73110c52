package main

import (
	"strings"
	"syscall"
	"testing"

	"modelbench/servers/servertest"
)

// The supervisor shows each worker, asks it what only it knows, and forgets nothing
// of what a dead one has done.
func TestWorkersAreShown(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=2")
	c := servertest.Dial(t, s.Echo)
	if !echoes(c) {
		t.Fatal("no echo")
	}
	st := s.Stats()
	if len(st.Parts) != 2 {
		t.Fatalf("the parts are %+v", st.Parts)
	}
	busy := 0
	for i, p := range st.Parts {
		if w := p.Worker; p.Name != "worker" || p.Number != i || w.PID == 0 || w.State != "serving" || w.Process.Goroutines == 0 || w.Process.HeapBytes == 0 {
			t.Errorf("part %d is %+v", i, p)
		}
		if p.Open == 1 {
			busy = i
		}
	}
	for path, want := range map[string]string{
		"/worker/0/debug/pprof/goroutine?debug=1": "goroutine profile:",
		"/worker/1/debug/pprof/":                  "goroutine",
		"/worker/1/metrics":                       `modelbench_connections_open{part="worker-1"}`,
		"/worker/1/healthz":                       "ok",
		"/worker/2/stats":                         "no such worker",
		"/worker/x/stats":                         "no such worker",
		"/metrics":                                `modelbench_worker_restarts_total{part="worker-1"} 0`,
	} {
		if _, body := s.Look(path); !strings.Contains(body, want) {
			t.Errorf("%s: %q, want %q", path, body, want)
		}
	}

	if err := syscall.Kill(st.Parts[busy].Worker.PID, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	st = s.AwaitStats("a restart", func(st servertest.Stats) bool {
		w := st.Parts[busy].Worker
		return w.Restarts == 1 && w.State == "serving" && w.Process.Goroutines > 0
	})
	if p := st.Parts[busy]; p.Open != 0 || p.Accepted != 1 || p.BytesIn != 1 || p.BytesOut != 1 || p.Worker.LastDeath != "signal: killed" {
		t.Errorf("after its worker was killed, the part is %+v", p)
	}
	if st.Total.Accepted != 1 || st.Total.BytesOut != 1 {
		t.Errorf("the total is %+v", st.Total)
	}
}
