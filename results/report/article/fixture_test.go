package article

import (
	"cmp"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/results/claims"
	"modelbench/results/claims/complexity"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

// fixture makes a folder of claims from a seed: the experiments of claims.yaml, each with the cells that tests ask for.
type fixture struct {
	blocks int
	seed   uint64
	python bool
	drop   []string // experiments that were not run
	rules  []byte   // other claims; nil: claims.Default
}

var begun = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// cell is a target in a workload.
type cellName struct{ workload, target string }

// write makes the folder and returns its path.
func (f fixture) write(t testing.TB) string {
	t.Helper()
	dir := t.TempDir()
	f.writeTo(t, dir)
	return dir
}

func (f fixture) writeTo(t testing.TB, dir string) {
	t.Helper()
	rules := f.rules
	if rules == nil {
		rules = claims.Default
	}
	set, err := claims.Parse(claims.RulesName, rules)
	if err != nil {
		t.Fatal(err)
	}
	cells := cellsOf(set)
	run := claims.Run{Command: []string{"claims", "--out", "out"}, Started: begun, Ended: begun.Add(25 * time.Minute), Seed: int64(f.seed), BudgetS: 1800,
		Notes: []string{"a note <b>"}, Dropped: []claims.Dropped{}}
	for _, name := range f.drop {
		run.Dropped = append(run.Dropped, claims.Dropped{Experiment: name, Why: "no time was left"})
	}
	text, err := json.Marshal(run)
	if err != nil {
		t.Fatal(err)
	}
	must(t, os.WriteFile(filepath.Join(dir, claims.RunName), text, 0o600))
	must(t, os.WriteFile(filepath.Join(dir, claims.RulesName), rules, 0o600))
	code, err := os.Create(filepath.Join(dir, complexity.FileName))
	must(t, err)
	must(t, complexity.Write(code, []complexity.Row{
		{Model: "goroutine", Folder: "servers/goroutine", Files: 5, Lines: 410, Functions: 31, Branches: 77, Cognitive: 90, States: 2, Primitives: 21},
		{Model: "goroutine", Folder: "servers/blocking", Files: 3, Lines: 240, Functions: 15, Branches: 40, Cognitive: 44, States: 1, Primitives: 9},
		{Model: "prefork", Folder: "servers/prefork", Files: 9, Lines: 820, Functions: 60, Branches: 150, Cognitive: 170, States: 9, Primitives: 38},
		{Model: "eventloop", Folder: "servers/eventloop", Files: 8, Lines: 700, Functions: 52, Branches: 161, Cognitive: 190, States: 24, Primitives: 15}}))
	must(t, code.Close())
	for _, e := range set.Experiments {
		if slices.Contains(f.drop, e.Name) || len(cells[e.Name]) == 0 {
			continue
		}
		f.campaign(t, filepath.Join(dir, e.Name), e.Name, cells[e.Name], false, set)
		if f.python {
			f.campaign(t, filepath.Join(dir, claims.PythonName, e.Name), e.Name, cells[e.Name], true, set)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// cellsOf are those that tests ask for, and some that none does.
func cellsOf(set claims.Set) map[string][]cellName {
	all := map[string]map[cellName]bool{}
	add := func(experiment, workload, target string) {
		if all[experiment] == nil {
			all[experiment] = map[cellName]bool{}
		}
		all[experiment][cellName{workload, target}] = true
	}
	for _, c := range set.Claims {
		for _, t := range c.Tests {
			q := t.Quantity
			var operands []claims.Operand
			if q.Ratio != nil {
				operands = q.Ratio[:]
			}
			for _, o := range []*claims.Operand{q.Value, q.Frequency} {
				if o != nil {
					operands = append(operands, *o)
				}
			}
			for _, o := range operands {
				if t.Measure == "pss_per_idle" {
					for _, w := range []string{"idle-0", "idle-1000", "idle-2000"} {
						add(t.Experiment, w, o.Target)
					}
					continue
				}
				add(t.Experiment, cmp.Or(o.Workload, t.Workload), o.Target)
			}
			if q.Winners != nil {
				for _, cell := range q.Winners.Cells {
					for _, target := range q.Winners.Targets {
						add(cell.Experiment, cell.Workload, target)
					}
				}
			}
		}
	}
	for _, target := range []string{"T1", "T", "P", "A"} {
		for _, w := range []string{"h0", "h1", "h2", "h4"} {
			add("interference", w, target)
		}
	}
	for _, target := range []string{"T", "P", "Pr", "A"} {
		for _, w := range []string{"exit", "hang"} {
			add("faults", w, target)
		}
		for _, w := range []string{"segv", "spin", "leak"} {
			add("faults-more", w, target)
		}
		add("churn", "churn", target)
	}
	for _, target := range []string{"goroutine", "thread", "process"} {
		for _, w := range []string{"start-1", "start-8", "start-64"} {
			add("start", w, target)
		}
	}
	add("idle-8000", "idle-8000", "T")
	add("idle-8000", "idle-8000", "A")
	lists := map[string][]cellName{}
	for e, cells := range all {
		for c := range cells {
			lists[e] = append(lists[e], c)
		}
		slices.SortFunc(lists[e], func(a, b cellName) int {
			return cmp.Or(strings.Compare(a.workload, b.workload), strings.Compare(a.target, b.target))
		})
	}
	return lists
}

// campaign writes the folder of an experiment.
func (f fixture) campaign(t testing.TB, dir, name string, cells []cellName, python bool, set claims.Set) {
	t.Helper()
	must(t, os.MkdirAll(dir, 0o700))
	h := fnv.New64()
	h.Write([]byte(dir[len(filepath.Dir(dir)):] + name))
	rng := rand.New(rand.NewPCG(f.seed, h.Sum64()))
	var trials []trial.Trial
	n := 0
	for block := 1; block <= f.blocks; block++ {
		drift := math.Exp(0.08 * rng.NormFloat64())
		for i, c := range cells {
			target := c.target
			if python {
				at := slices.IndexFunc(set.StandIns, func(in claims.StandIn) bool { return in.Name == c.target })
				if at < 0 || set.StandIns[at].Python == "" {
					continue
				}
				target = set.StandIns[at].Python
			}
			names := []string{target}
			if c.target == "T" && !python {
				names = append(names, target+trial.AgainSuffix)
			}
			for _, as := range names {
				one := row(name, c, rng, drift, python)
				n++
				one.CampaignID, one.Block, one.OrderInBlock, one.Seed = name, trial.I(block), trial.I(i+1), trial.I(int(f.seed))
				one.Target, one.TrialID = as, fmt.Sprintf("%s-%d-%s-%s", filepath.Base(dir), n, c.workload, as)
				if python {
					one.TrialID = "python-" + one.TrialID
				}
				if as != target {
					one.Variant = trial.AgainVariant
				}
				one.StartedAt = trial.T(begun.Add(time.Duration(n) * time.Second))
				one.Verdict = trial.VerdictOK
				if rng.IntN(60) == 0 {
					one.Verdict, one.VerdictReason = trial.VerdictDrift, "the fixed kernel took 9% <longer>"
				}
				one.CellID = trial.CellID(one)
				trials = append(trials, one)
			}
		}
	}
	if len(trials) == 0 {
		must(t, os.Remove(dir))
		return
	}
	must(t, trial.Append(filepath.Join(dir, folder.TrialsName), trials...))
	manifest := `{"manifest_version": 1, "campaign_id": "` + name + `", "status": "complete", "git": {"revision": "abcdef"},
		"machine": {"host_id": "0a1b2c3d", "kernel": "6.1", "cpu_model": "A CPU", "cpus": 2, "memory_bytes": 8589934592, "go_version": "go1.26"}}`
	must(t, os.WriteFile(filepath.Join(dir, folder.ManifestName), []byte(manifest), 0o600))
}

// row is a trial as it might come out.
func row(experiment string, c cellName, rng *rand.Rand, drift float64, python bool) trial.Trial {
	noise := func() float64 { return drift * math.Exp(0.015*rng.NormFloat64()) }
	slow := 1.0
	if python {
		slow = 12
	}
	cores := map[string]float64{"T": 2, "P": 2, "Ak": 2, "Pr": 2, "OS": 2}[c.target]
	cores = max(1, cores)
	family := strings.TrimRight(strings.SplitN(c.target, "-", 2)[0], "0123456789k")
	t := trial.Trial{Workload: c.workload, Connections: trial.I(64), Arrivals: trial.ArrivalsConstant, OfferedRPS: trial.F(2000), Model: map[string]string{"T": "goroutine", "S": "goroutine", "OS": "goroutine", "P": "prefork", "Pr": "prefork", "A": "eventloop"}[family],
		MeasureS: trial.F(1), Machine: trial.Machine{HostID: "0a1b2c3d", CPUModel: "A CPU", CPUs: trial.I(2)}}
	number := func() int64 {
		var n int64
		_, _ = fmt.Sscanf(c.workload[strings.IndexAny(c.workload, "0123456789"):], "%d", &n)
		return n
	}
	closed := func(rps float64) {
		t.Arrivals, t.OfferedRPS, t.ThroughputRPS = trial.ArrivalsClosed, trial.Float{}, trial.F(rps)
	}
	switch experiment {
	case "cpu":
		closed(900 * cores / slow / noise())
		t.ServerCPUUserS, t.ServerCPUSysS = trial.F(0.97*cores), trial.F(0.01)
	case "wait":
		at := float64(number()) * 98
		if c.target == "S" || c.target == "A-block" {
			at = 99
		}
		closed(at / noise())
	case "count":
		lost := int64(0)
		if c.target == "T-racy" || c.target == "Ak-racy" || c.target == "T1-racy" && rng.IntN(2) == 0 {
			lost = rng.Int64N(300)
		}
		closed(60e3 / slow / noise())
		t.LostUpdates = trial.I(int(lost))
	case "interference":
		h := number()
		if h > 0 {
			t.HeavyConnections = trial.I(int(h))
		}
		p99 := 400 + 9e3*float64(h)/cores
		if family == "A" {
			p99 = 350 + 50e3*float64(h)
		}
		t.LatP99Us = trial.F(p99 * slow * math.Exp(0.1*rng.NormFloat64()))
		if h > 0 {
			t.LightP99Us = t.LatP99Us
		}
	case "faults", "faults-more":
		t.Fault = c.workload
		lost, failed := 64.0, 0.0
		switch {
		case c.workload == "leak":
			lost = 0
		case family == "P" || c.target == "Pr":
			lost = 32 + 3*rng.NormFloat64()
		}
		if c.target == "Pr" && c.workload == "hang" {
			failed = 50
		}
		t.ConnsLost, t.NewConns, t.NewConnsFailed = trial.I(int(lost)), trial.I(110), trial.I(int(failed))
		if c.workload != "hang" {
			t.RecoveryMs = trial.F(40 * noise())
		}
	case "idle", "idle-8000":
		n := number()
		per := map[string]float64{"T": 7.7, "A": 1.2, "P": 7.9, "OS": 24}[c.target]
		t.IdleConnections, t.ServerPSSBytes = trial.I(int(n)), trial.I(int((9e6+5e6*cores)+per*1024*float64(n)+2e5*rng.NormFloat64()))
		t.ServerThreads, t.LatP99Us = trial.I(8), trial.F(700*noise())
		if c.target == "OS" {
			t.ServerThreads = trial.I(int(n) + 70)
		}
	case "network", "churn":
		t.ServerCPUUsPerReq, t.LatP99Us = trial.F(7*slow*noise()*(1+0.1*float64(len(c.target)))), trial.F(500*slow*noise())
	case "start":
		t.Connections = trial.I(int(number()))
		per := map[string]float64{"goroutine": 0.6, "thread": 35, "process": 1400}[c.target]
		t.StartToReadyUs = trial.F((20 + per*float64(number())) * math.Exp(0.2*rng.NormFloat64()))
	case "five":
		at := 1.003e6
		if c.target == "S" {
			at = 5.01e6
		}
		t.LatMaxUs = trial.F(at * math.Exp(0.001*math.Abs(rng.NormFloat64())))
	case "orders":
		t.Orders = trial.I(1)
		if family != "A" {
			t.Orders = trial.I(20 + rng.IntN(9))
		}
	case "lock-order":
		t.Due, t.Completed = trial.I(100), trial.I(100)
		if family != "A" {
			t.Completed = trial.I(100 - rng.IntN(7))
		}
	}
	return t
}

// write reads a folder and writes its page.
func write(t testing.TB, dir string) string {
	t.Helper()
	s, doubts, err := Load(dir)
	if err != nil || len(doubts) > 0 {
		t.Fatal(err, doubts)
	}
	return written(t, s)
}

func written(t testing.TB, s Source) string {
	t.Helper()
	var b strings.Builder
	must(t, Write(&b, s))
	return b.String()
}
