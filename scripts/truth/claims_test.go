package main

import (
	"bytes"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/scripts/truth/capture"
)

func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diag bytes.Buffer
	code = run(t.Context(), args, &out, &diag)
	return code, out.String(), diag.String()
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                          "expected one of",
		"nothing":                   "unexpected argument nothing",
		"stall --stop 1ms":          "--stop: 1ms is shorter than 10ms",
		"stall -d 1s":               "--duration: 1s is shorter than 2s",
		"stall -d 100s":             "--stop: 1s in 1m40s is too short to show in a p95",
		"stall -R 99":               "--rate: 99 requests/s for 10s are too few for a p99",
		"wire -R 99":                "--rate: 99 requests/s for 10s are too few for a p99",
		"wire -c 0":                 "--connections: 0 is less than 1",
		"lag -R 999":                "--rate: 999 requests/s for 10s are too few for the tail",
		"memory --short 1ms":        "--short: 1ms is shorter than 1s",
		"memory --long 9s":          "--long: 9s is shorter than 10s",
		"same --runs 0":             "--runs: 0 is less than 1",
		"idle --idle 0":             "--idle: 0 is less than 1",
		"ports -c 1999":             "--connections: 1999 is not between 2 and 100 times --ports",
		"ports --ports 0":           "--ports: 0 is not between",
		"poisson -R 9":              "--rate: 9 requests/s for 20s are too few",
		"stall --client-cpu 0":      "--client-cpu: 0 is the server's core",
		"stall --nonsense -- -c 64": "unknown flag --nonsense",
	} {
		code, stdout, stderr := call(t, strings.Fields(args)...)
		if code != exitUsage || stdout != "" || !strings.HasPrefix(stderr, "truth: "+want) {
			t.Errorf("%s: exit %d, %q", args, code, stderr)
		}
	}
	if code, stdout, _ := call(t, "--help"); code != 0 || !strings.Contains(stdout, "stall") {
		t.Errorf("--help: exit %d, %q", code, stdout)
	}
	f, chosen, err := parse([]string{"lag", "-R", "1000", "--", "--threads", "2", "--"}, nil, nil)
	if err != nil || chosen != test(&f.Lag) || f.Lag.Rate != 1000 || !slices.Equal(f.loadgen, []string{"--threads", "2", "--"}) {
		t.Errorf("%+v, %v", f, err)
	}
}

// The arithmetic agrees with the latencies it is about, sorted.
func TestExpectedQuantile(t *testing.T) {
	t.Parallel()
	const second = time.Second
	for q, want := range map[float64]time.Duration{0.5: 0, 0.9: 0, 0.95: second / 2, 0.99: 900 * time.Millisecond, 1: second} {
		if got := expectedQuantile(q, 10*second, second); got != want {
			t.Errorf("%v: %v, want %v", q, got, want)
		}
	}
	const n = 10000
	latencies := make([]float64, n) // of requests due every 300 us, stopped from 700 ms on for 450 ms
	for i := range latencies {
		if due := 0.3 * float64(i); due >= 700 && due < 1150 {
			latencies[i] = 1150 - due
		}
	}
	slices.Sort(latencies)
	for _, q := range []float64{0.1, 0.8, 0.9, 0.99, 0.999, 1} {
		want, got := quantile(latencies, q), ms(expectedQuantile(q, 3*second, 450*time.Millisecond))
		if math.Abs(want-got) > 0.6 { // two requests
			t.Errorf("%v: %v ms, want %v", q, got, want)
		}
	}
}

// said is what loadgen says of one target.
func said(t *testing.T, text string) *outcome {
	t.Helper()
	file := filepath.Join(t.TempDir(), "report.json")
	if err := os.WriteFile(file, []byte(`{"targets": [`+text+`]}`), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := readReport(file, 1)
	if err != nil {
		t.Fatal(err)
	}
	return &r.Targets[0]
}

func verdicts(all []finding) string {
	var b strings.Builder
	for _, f := range all {
		b.WriteByte("-+"[map[bool]int{true: 1}[f.holds]])
	}
	return b.String()
}

func TestStallFindings(t *testing.T) {
	t.Parallel()
	s := stall{Duration: 10 * time.Second, Stop: time.Second, Tolerance: 0.02}
	for text, want := range map[string]string{
		`{"latency": {"p90_us": 12000, "p95_us": 505000, "p99_us": 910000, "max_us": 1003000}, "due": 10, "completed": 7, "unfinished": 1, "errors": {"eof": 2}}`: "+++++",
		`{"latency": {"p90_us": 71000, "p95_us": 528000, "p99_us": 3600, "max_us": 1003000}, "due": 10, "completed": 9}`:                                          "---+-",
		`{"latency": {"p90_us": 100, "p95_us": 490100, "p99_us": 900000}, "due": 0, "completed": 0}`:                                                              "+++--",
		`{"due": 1, "errors": {"connect": 1}}`: "----+",
	} {
		if got := verdicts(s.findings(time.Second, said(t, text))); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestWireFindings(t *testing.T) {
	t.Parallel()
	m := &capture.Matcher{}
	for i := range int64(1000) {
		m.Exchanges = append(m.Exchanges, capture.Exchange{Sent: i * 1e6, Done: i*1e6 + 1000*(i+1)}) // 1 to 1000 us
	}
	for text, want := range map[string]string{
		`{"service": {"p50_us": 519, "p99_us": 971}, "due": 1000, "completed": 1000}`: "+++++",
		`{"service": {"p50_us": 521, "p99_us": 969}, "due": 1000, "completed": 1000}`: "++--+",
		`{"service": {"p50_us": 500}, "due": 1000, "completed": 1000}`:                "+++-+",
		`{"service": {"p50_us": 500, "p99_us": 990}, "due": 1020, "completed": 1020}`: "-++++",
		`{"service": {"p50_us": 500, "p99_us": 990}, "due": 100, "completed": 1000}`:  "++++-",
	} {
		if got := verdicts(wireFindings(said(t, text), m, 20*time.Microsecond)); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
	m.Odd = 1
	if got := verdicts(wireFindings(said(t, `{"service": {"p50_us": 500, "p99_us": 990}, "due": 1000, "completed": 1000}`), m, 20*time.Microsecond)); got != "+-+++" {
		t.Errorf("a segment out of turn: %s", got)
	}
}

// Of intervals that are exponential next to none are refused, of others nearly all.
func TestPoissonFindings(t *testing.T) {
	t.Parallel()
	const rate, n, tries = 500, 2000, 200
	text := `{"arrivals": {"intervals": 1999, "distance": 0.01, "p": 0.9, "poisson": true}, "due": 2000, "completed": 2000}`
	p := poisson{Rate: rate}
	refused := map[string]int{}
	rng := rand.New(rand.NewPCG(1, 2))
	for range tries {
		for name, gap := range map[string]func() float64{
			"exponential": func() float64 { return rng.ExpFloat64() / rate },
			"even":        func() float64 { return 1.0 / rate },
			"uniform":     func() float64 { return 2 * rng.Float64() / rate },
			"too fast":    func() float64 { return rng.ExpFloat64() / rate / 1.2 },
		} {
			m, at := &capture.Matcher{}, 0.0
			for range n {
				at += gap()
				m.Exchanges = append(m.Exchanges, capture.Exchange{Sent: int64(at * 1e9)})
			}
			switch got := verdicts(p.findings(said(t, text), m)); got {
			case "++++":
			case "+-++":
				refused[name]++
			default:
				t.Fatalf("%s: %s", name, got)
			}
		}
	}
	if refused["exponential"] > tries/50 || refused["even"] < tries || refused["uniform"] < tries || refused["too fast"] < tries*9/10 {
		t.Errorf("refused of %d: %v", tries, refused)
	}
	for _, none := range []string{`{"due": 1, "completed": 1}`, `{"arrivals": {"intervals": 5}, "due": 1, "completed": 1}`, `{"arrivals": {"poisson": false}, "due": 1, "completed": 1}`} {
		if got := verdicts(p.findings(said(t, none), &capture.Matcher{})); got != "---+" {
			t.Errorf("%s: %s", none, got)
		}
	}
}

func TestSameFindings(t *testing.T) {
	t.Parallel()
	ratios := make([]ratio, 20)
	for i := range ratios {
		ratios[i] = ratio{Lo: 0.99, Hi: 1.01, Level: 0.95}
	}
	ratios[3].Lo, ratios[7].Hi = 1.001, 0.999
	if got := verdicts(sameFindings(ratios)); got != "+++" {
		t.Errorf("two of twenty miss: %s", got)
	}
	ratios[9].Lo, ratios[0].Hi, ratios[1].Level = 1.001, 1.05, 0.9
	if got := verdicts(sameFindings(ratios)); got != "---" {
		t.Errorf("three miss, one is wide, one reaches 90%%: %s", got)
	}
	if sameFindings(nil)[0].holds {
		t.Error("nothing was run, and it holds")
	}
	_, err := cpuRatio(&report{Ratios: []ratio{{Measure: "throughput_rps"}}})
	if err == nil {
		t.Error("there is no ratio of CPU")
	}
}

func TestGrowth(t *testing.T) {
	t.Parallel()
	peaks := [2]peak{{requests: 1000}, {requests: 6_000_000}}
	for _, tt := range []struct {
		short, long uint64
		want        bool
	}{{20 << 20, 24 << 20, true}, {20 << 20, 26 << 20, false}, {26 << 20, 20 << 20, false}, {0, 1, false}} {
		if got := growth("PSS", tt.short, tt.long, peaks); got.holds != tt.want {
			t.Errorf("%+v", got)
		}
	}
	peaks[1].requests = 0
	if growth("PSS", 20<<20, 20<<20, peaks).holds {
		t.Error("no requests, and it holds")
	}
}
