package report

import (
	"bytes"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/folder"
	"modelbench/results/histlog"
	"modelbench/results/trial"
)

// fixture makes the folder of a campaign whose true ratios are known. Its names are what a page has to survive.
type fixture struct {
	targets   []string // the first runs a second time
	workloads []string
	blocks    int // of which the last is not whole
	seed      uint64
}

// hostile are names that mean something in HTML, JavaScript, CSS, JSON or a URL.
var hostile = []string{`</script><script>alert(1)</script>`, `"><img src=x onerror=alert(2)>`, `it's 🐎 & "co"` + "\u2028", `javascript:alert(3)//`}

var begun = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// write makes the folder: trials, manifest and histograms as a campaign leaves them.
func (f fixture) write(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	trials, entries := f.make()
	if err := trial.Append(filepath.Join(dir, folder.TrialsName), trials...); err != nil {
		t.Fatal(err)
	}
	if err := histlog.Append(filepath.Join(dir, folder.HistogramsName), begun, entries...); err != nil {
		t.Fatal(err)
	}
	var whole []string // all but the last, in which the campaign was interrupted
	for block := 1; block < f.blocks; block++ {
		whole = append(whole, strconv.Itoa(block))
	}
	manifest := fmt.Sprintf(`{"manifest_version": 1, "campaign_id": "c1", "status": "interrupted", "command": ["compare", "--seed", "7", "a b"],
		"started_at_utc": "2026-11-23T12:00:00Z", "seed": 7, "budget_s": 90, "blocks_whole": %d, "whole_blocks": %s, "git": {"revision": "abcdef", "dirty": true},
		"machine": {"host_id": "0a1b2c3d", "kernel": "6.1", "cpu_model": "A CPU", "cpus": 2, "memory_bytes": 8589934592, "load_1m": 0.3, "go_version": "go1.26"},
		"binaries": {"b": {"sha256": "0123456789abcdef0123"}}, "targets": [{"name": "a", "binary": "b", "args": ["--x", "<y>"], "rev": "v1"},
			{"name": "b", "command": ["./own", "--port", "{port}"], "env": {"TOKEN": "secret"}}, {"name": "c", "url": "http://127.0.0.1:1/"}],
		"server_cpus": "0-1", "resumed": [{"at_utc": "2026-11-23T13:00:00Z", "block": 3}], "rotations": 24, "rotations_drifted": 2,
		"left_out": [{"target": "c", "workload": "echo", "why": "answers GET /x with <404>"}],
		"rates": [{"workload": "plaintext", "rps": 20000, "capacity_rps": {"a": 80000}, "slowest": "a"}],
		"notes": ["a note <b>"], "failures": ["a failure </p>"]}`, f.blocks-1, "["+strings.Join(whole, ", ")+"]")
	if err := os.WriteFile(filepath.Join(dir, folder.CampaignName), []byte("seed: 7\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, folder.ManifestName), []byte(manifest), 0o600); err != nil {
		t.Fatal(err)
	}
	return dir
}

// make draws the rows and the latencies behind them.
func (f fixture) make() (trials []trial.Trial, entries []histlog.Entry) {
	rng := rand.New(rand.NewPCG(f.seed, 1))
	at := begun
	for block := 1; block <= f.blocks; block++ {
		drift := math.Exp(0.1 * rng.NormFloat64())
		for w, workload := range f.workloads {
			for i := range len(f.targets) + 1 {
				k, name := i, ""
				if k == len(f.targets) {
					k, name = 0, f.targets[0]+trial.AgainSuffix
				} else {
					name = f.targets[k]
				}
				slow := drift * (1 + 0.15*float64((k+w)%len(f.targets))) * math.Exp(0.01*rng.NormFloat64())
				t := trial.Trial{CampaignID: "c1", Block: trial.I(block), OrderInBlock: trial.I(i + 1), Seed: trial.I(7), StartedAt: trial.T(at),
					Target: name, Model: "m", Workload: workload, Connections: trial.I(64), Arrivals: trial.ArrivalsClosed,
					Verdict: trial.VerdictOK, ThroughputRPS: trial.F(math.Round(90e3 / slow)), ServerCPUUsPerReq: trial.F(7 * slow),
					ServerPSSBytes: trial.I(int64(10 << 20 * (1 + k))),
					Machine:        trial.Machine{HostID: "0a1b2c3d", CPUModel: "A CPU", CPUs: trial.I(2)}}
				if k == 0 && name != f.targets[0] {
					t.Variant = trial.AgainVariant
				}
				if w == 1 {
					t.Arrivals, t.OfferedRPS = trial.ArrivalsConstant, trial.F(20e3)
				}
				if block == 2 && k == 1 {
					t.Verdict, t.VerdictReason = trial.VerdictDrift, "the fixed kernel took 9% <longer>"
				}
				t.TrialID = fmt.Sprintf("c1/%d/%s/%d", block, workload, i)
				t.CellID = trial.CellID(t)
				h := hdrhistogram.New(1, int64(time.Hour), 3)
				for range 4000 {
					_ = h.RecordValue(int64(400e3 * slow * math.Exp(0.5*math.Abs(rng.NormFloat64())+0.3*rng.NormFloat64())))
				}
				quantile := func(p float64) trial.Float { return trial.F(float64(h.ValueAtPercentile(p)) / 1e3) }
				t.LatP50Us, t.LatP90Us, t.LatP99Us = quantile(50), quantile(90), quantile(99)
				trials = append(trials, t)
				entries = append(entries, histlog.Entry{TrialID: t.TrialID, Start: at, Length: time.Second, Latency: h})
				at = at.Add(300 * time.Millisecond)
			}
		}
	}
	return trials, entries
}

// load reads folders or files as the command does.
func load(t *testing.T, paths ...string) []Source {
	t.Helper()
	folders, _, _, err := folder.OpenAll(paths)
	if err != nil {
		t.Fatal(err)
	}
	var sources []Source
	for _, f := range folders {
		s, doubts, err := Load(f)
		if err != nil || len(doubts) > 0 {
			t.Fatal(err, doubts)
		}
		sources = append(sources, s)
	}
	return sources
}

// page writes the report of folders or files.
func write(t *testing.T, paths ...string) string {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, load(t, paths...), defaults); err != nil {
		t.Fatal(err)
	}
	return buf.String()
}
