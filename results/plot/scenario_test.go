package plot

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// made is trials made of a formula, and their latencies.
type made struct {
	trials    []trial.Trial
	latencies Latencies
}

// scenario makes a campaign of twelve blocks: targets differ by their place in the list, workloads by what they take.
// Each block is slower or faster as a whole.
func scenario(targets, workloads []string, requests int) made {
	m := made{latencies: Latencies{}}
	rng := rand.New(rand.NewPCG(7, 7))
	for w, workload := range workloads {
		base := 100 * math.Pow(4, float64(w)) // microseconds
		for block := range 12 {
			drift := 1 + 0.3*rng.Float64()
			for i, target := range targets {
				cost := base * drift * (1 + 0.11*float64((i+w)%len(targets))) * (1 + 0.02*rng.NormFloat64())
				t := trial.Trial{SchemaVersion: trial.I(trial.SchemaVersion), CampaignID: "c", TrialID: fmt.Sprintf("c/%d/%s/%s", block, workload, target),
					Block: trial.I(block), Target: target, Workload: workload, Connections: trial.I(64), Arrivals: trial.ArrivalsClosed,
					ThroughputRPS: trial.F(6e7 / cost), ServerCPUUsPerReq: trial.F(cost), LatP50Us: trial.F(10 * cost), LatP99Us: trial.F(30 * cost * (1 + 0.2*rng.Float64())),
					ServerPSSBytes: trial.I(int64(1e7 * float64(1+i*i) * (1 + 0.01*rng.Float64()))), Verdict: trial.VerdictOK}
				t.CPUModel, t.CPUs, t.Kernel = "Example CPU @ 2GHz", trial.I(2), "6.1.0"
				m.trials = append(m.trials, t)
				if requests > 0 {
					m.latencies[t.TrialID] = exponential(10*cost*1e3, requests, rng)
				}
			}
		}
	}
	return m
}

// exponential is a histogram of so many values with that median, in nanoseconds, and now and then a stall.
func exponential(median float64, n int, rng *rand.Rand) *hdrhistogram.Histogram {
	h := hdrhistogram.New(1000, int64(time.Hour), 2)
	for range n {
		v := median * (0.5 + 0.5*rng.ExpFloat64()/math.Ln2)
		if rng.IntN(200) == 0 {
			v *= 20
		}
		if err := h.RecordValue(int64(v)); err != nil {
			panic(err)
		}
	}
	return h
}

var (
	threeTargets = []string{"eventloop", "goroutine", "prefork"}
	// nineTargets are as many and as long as people have.
	nineTargets = []string{"eventloop", "eventloop-1", "goroutine", "goroutine procs=1 variant=os-threads listener=shared workers=?", "prefork",
		"stock-fasthttp", "stock-fasthttp-prefork", "http://127.0.0.1:8080/a/long/path?spin=400000&wait=5ms", "名前\u0007 <b> & \"q\" \xff"}
	fiveWorkloads = []string{"echo", "plaintext", "spin", "wait", "mixed with a name that is so long that it has to be broken into lines and then shortened all the same, " +
		"because nobody reads so much before a chart, and so on and on, until it does end after all"}
)

func analysed(t testing.TB, m made, o analysis.Options) *analysis.Analysis {
	t.Helper()
	a, err := analysis.Of(m.trials, o)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func charts(t testing.TB, m made, o Options) []Chart {
	t.Helper()
	list, _, err := Charts(analysed(t, m, analysis.Options{}), m.latencies, o)
	if err != nil {
		t.Fatal(err)
	}
	return list
}
