package choose

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"modelbench/results/folder"
	"modelbench/results/trial"
)

// world is a campaign whose truth is known: every target has a value of each measure in each cell, which a trial sees with noise.
type world struct {
	id     string
	blocks int
	noise  float64 // standard deviation of log values within a block
	drift  float64 // the same between blocks, for all targets alike
	cells  []cell
	edit   func(*trial.Trial)
}

// cell is a workload under conditions, and the truth of each target in it.
type cell struct {
	workload string
	conns    int
	rate     float64 // 0: closed loop
	payload  int
	truth    map[string]truth
}

type truth struct {
	cpu, p99, memory, throughput float64
	verdict                      string
}

// base are values that differ in nothing.
var base = truth{cpu: 40, p99: 2000, memory: 10 << 20, throughput: 10_000}

func (t truth) times(cpu, p99, memory float64) truth {
	t.cpu, t.p99, t.memory = t.cpu*cpu, t.p99*p99, t.memory*memory
	return t
}

// trials are the campaign's rows. Target names tell the model; the A/A arm is of the first by name.
func (w world) trials() []trial.Trial {
	rng := rand.New(rand.NewPCG(7, 11))
	var all []trial.Trial
	for b := 1; b <= w.blocks; b++ {
		drift := math.Exp(w.drift * rng.NormFloat64())
		for _, c := range w.cells {
			for i, name := range append(sortedTruths(c.truth), "") {
				again := name == ""
				if again {
					name = sortedTruths(c.truth)[0]
				}
				noisy := func(v float64) float64 { return v * drift * math.Exp(w.noise*rng.NormFloat64()) }
				v := c.truth[name]
				t := trial.Trial{
					CampaignID: w.id, Block: trial.I(b), OrderInBlock: trial.I(i + 1), Seed: trial.I(1),
					StartedAt: trial.T(time.Date(2026, 11, 23, 7, b, 0, 0, time.UTC)),
					Target:    name, Model: name, Procs: trial.I(2), Workload: c.workload, URL: "http://127.0.0.1:20001/task?wait=10ms",
					Connections: trial.I(c.conns), Pipeline: trial.I(1), Keepalive: trial.B(true), Arrivals: trial.ArrivalsClosed, WaitUs: trial.F(10_000),
					MeasureS: trial.F(0.5), ServerCPUUsPerReq: trial.F(noisy(v.cpu)), LatP99Us: trial.F(noisy(v.p99)),
					ServerPSSBytes: trial.I(int64(noisy(v.memory))), ThroughputRPS: trial.F(noisy(v.throughput)), LagP99Us: trial.F(1),
					Verdict: trial.VerdictOK,
				}
				t.HostID, t.Kernel, t.CPUModel, t.CPUs, t.GoVersion, t.GitRev = "host1", "6.18", "cpu", trial.I(2), "go1.26", "abc"
				if c.rate > 0 {
					t.Arrivals, t.OfferedRPS = trial.ArrivalsConstant, trial.F(c.rate)
				}
				if c.payload > 0 {
					t.PayloadBytes, t.URL, t.WaitUs = trial.I(c.payload), "tcp://127.0.0.1:20002", trial.Float{}
				}
				if v.verdict != "" {
					t.Verdict, t.VerdictReason = v.verdict, "as the test has it"
				}
				if again {
					t.Target += trial.AgainSuffix
					t.Variant = trial.AgainVariant
				}
				t.TrialID = fmt.Sprintf("%s/%d/%s-%d-%g-%d/%s", w.id, b, c.workload, c.conns, c.rate, c.payload, t.Target)
				if w.edit != nil {
					w.edit(&t)
				}
				all = append(all, t)
			}
		}
	}
	return all
}

func sortedTruths(m map[string]truth) []string {
	named := map[string]string{}
	for name := range m {
		named[name] = ""
	}
	return sortedKeys(named)
}

// folder is the campaign as it lies on the disk, with a manifest.
func (w world) folder() folder.Folder {
	f := folder.Folder{Path: "runs/" + w.id, CSV: "runs/" + w.id + "/trials.csv", Trials: w.trials(),
		Manifest: &folder.Manifest{CampaignID: w.id, Command: []string{"compare", "--seed", "1"}, Binaries: map[string]folder.Binary{}}}
	for _, c := range w.cells {
		for name := range c.truth {
			f.Manifest.Targets = append(f.Manifest.Targets, folder.Target{Name: name, Binary: name, Args: []string{"--procs", "2"}})
			f.Manifest.Binaries[name] = folder.Binary{SHA256: "0123456789abcdef" + name}
		}
	}
	return f
}

// wait is a world of one cell, twelve quiet blocks.
func wait(truths map[string]truth) world {
	return world{id: "c1", blocks: 12, noise: 0.01, drift: 0.2, cells: []cell{{workload: "wait", conns: 64, truth: truths}}}
}

// need is one workload, and what edit adds.
func need(workload string, edit ...func(*Need)) Need {
	mix, weighted, err := ParseMix([]string{workload})
	if err != nil {
		panic(err)
	}
	n := Need{Workloads: mix, Weighted: weighted}
	for _, e := range edit {
		e(&n)
	}
	return n
}

func advise(t interface {
	Helper()
	Fatalf(string, ...any)
}, n Need, worlds ...world) *Advice {
	t.Helper()
	var folders []folder.Folder
	for _, w := range worlds {
		folders = append(folders, w.folder())
	}
	a, err := Of(folders, n)
	if err != nil {
		t.Fatalf("%v", err)
	}
	return a
}

func refused(t *testing.T, n Need, worlds ...world) *NeedError {
	t.Helper()
	var folders []folder.Folder
	for _, w := range worlds {
		folders = append(folders, w.folder())
	}
	_, err := Of(folders, n)
	var e *NeedError
	if !errors.As(err, &e) {
		t.Fatalf("want a refusal of the need, got %v", err)
	}
	return e
}

func (a *Advice) candidate(name string) *Candidate {
	for _, k := range a.Candidates {
		if k.Target == name {
			return k
		}
	}
	return &Candidate{}
}

// times and more are a fifth more.
func times(v trial.Float) trial.Float { return trial.F(1.2 * v.Or(0)) }

func more(v trial.Int) trial.Int { return trial.I(v.Or(0) * 6 / 5) }
