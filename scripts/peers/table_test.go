package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"modelbench/results/trial"
	"modelbench/scripts/rig"
)

var update = flag.Bool("update", false, "rewrite testdata")

// golden compares what a table says with testdata/name.golden.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden")
	if *update {
		must(t, os.WriteFile(file, got, 0o644))
	}
	want, err := os.ReadFile(file)
	must(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("--- got\n%s--- want\n%s", got, want)
	}
}

// row is a made-up trial.
func row(server string, block, pipeline int, cost float64) trial.Trial {
	return trial.Trial{Target: server, Block: trial.I(block), Pipeline: trial.I(pipeline),
		ServerCPUUsPerReq: trial.F(cost), Verdict: trial.VerdictOK}
}

// drift is what the machine does from block to block; wobble what is left within one.
var (
	drift  = []float64{1, 1.3, 0.9, 1.1, 1.02, 1.4, 0.95, 1.2}
	wobble = []float64{0.99, 1.01, 1, 1.02, 0.98, 1.01, 1, 0.995}
)

func made(costs map[string]float64, pipeline int) (rows []trial.Trial) {
	for block := range drift {
		for server, cost := range costs {
			if server != rig.Bare {
				cost *= wobble[block]
			}
			rows = append(rows, row(server, block+1, pipeline, cost*drift[block]))
		}
	}
	return rows
}

func TestRotationTable(t *testing.T) {
	t.Parallel()
	rows := made(map[string]float64{"eventloop": 6.6, "goroutine": 7.5, "nginx": 7.2, rig.Bare: 6}, 1)
	for i := range rows {
		switch r := &rows[i]; {
		case r.Target == rig.Bare && r.Block.Or(0) < 4:
			r.Verdict, r.VerdictReason = trial.VerdictClientBound, "a client thread computed for 97% of the measured time"
		case r.Target == "nginx" && r.Block.Or(0) == 2:
			r.Verdict, r.VerdictReason = trial.VerdictErrors, "1% of 5000 requests failed"
			r.ServerCPUUsPerReq = trial.F(1000)
		}
	}
	var out bytes.Buffer
	table := rotationTable{mode: "plaintext", setting: "4s each, servers on core 0, loadgen on core 1", blocks: len(drift), rows: rows,
		servers: []string{"goroutine", "eventloop", "nginx", rig.Bare, "dead"}, to: []string{rig.Bare, "nginx"}}
	must(t, table.write(&out))
	golden(t, "plaintext", out.Bytes())
}

// Few blocks, which have to say so.
func TestPipelineTable(t *testing.T) {
	t.Parallel()
	rows := append(made(map[string]float64{"eventloop": 6.6, "nginx": 6.4}, 1), made(map[string]float64{"eventloop": 0.7, "nginx": 5.4}, pipelined)...)
	var few []trial.Trial
	for _, r := range rows {
		if r.Block.Or(0) > 3 {
			continue
		}
		if r.Target == "nginx" && r.Block.Or(0) == 1 && r.Pipeline == trial.I(1) {
			r.Verdict, r.VerdictReason = trial.VerdictErrors, "2% of 900 requests were unfinished"
		}
		few = append(few, r)
	}
	var out bytes.Buffer
	table := rotationTable{mode: "pipeline", setting: "4s each, servers on core 0, loadgen on core 1", blocks: 3, rows: few,
		servers: []string{"eventloop", "nginx"}, to: []string{"nginx"}}
	must(t, table.write(&out))
	golden(t, "pipeline", out.Bytes())
}

func TestIdleTable(t *testing.T) {
	t.Parallel()
	f := &flags{ServerCPU: 0, ClientCPU: 1, Active: 64, ActiveRate: 2000, ActiveFor: 2 * time.Second, Blocks: len(drift)}
	quiet := func(bytes uint64, after time.Duration) settled { return settled{bytes, after, true} }
	loop := idleRow{server: "eventloop", n: 15000, before: quiet(9<<20, 2*time.Second), with: quiet(9<<20+15000*700, 3200*time.Millisecond)}
	for i := range drift {
		off, on := row("eventloop", i+1, 1, 7), row("eventloop", i+1, 1, 7)
		off.LatP99Us, off.IdleConnections = trial.F(400*drift[i]), trial.I(0)
		on.LatP99Us, on.IdleConnections = trial.F(440*drift[i]*wobble[i]), trial.I(15000)
		switch i {
		case 2:
			on.Verdict, on.VerdictReason = trial.VerdictRateMissed, "1900 requests/s left where 2000 were offered"
		case 3: // and again
			late := off
			late.LatP99Us, late.Verdict, late.VerdictReason = trial.F(9000), trial.VerdictLagging, "the generator itself was late"
			loop.trials = append(loop.trials, late)
		}
		loop.trials = append(loop.trials, off, on)
	}
	busy := idleRow{server: "stock-nethttp", n: 15000, before: quiet(12<<20, 2*time.Second), with: settled{300 << 20, 15 * time.Second, false}}
	var out bytes.Buffer
	must(t, (&idleTable{flags: f, n: 15000, rows: []idleRow{loop, busy}}).write(&out))
	golden(t, "idle", out.Bytes())
	f.Active, loop.trials = 0, nil
	out.Reset()
	must(t, (&idleTable{flags: f, n: 15000, rows: []idleRow{loop}}).write(&out))
	golden(t, "idle-memory", out.Bytes())
}
