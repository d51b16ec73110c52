package main

import (
	"bytes"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbench/results/trial"
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

func fill(t *testing.T, columns string) (r trial.Trial) {
	t.Helper()
	for pair := range strings.FieldsSeq(columns) {
		name, value, _ := strings.Cut(pair, "=")
		if err := trial.Set(&r, name, value); err != nil {
			t.Fatal(err)
		}
	}
	return r
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
	for columns, want := range map[string]string{
		"lat_p90_us=12000 lat_p99_us=910000 lat_max_us=1003000 due=10 completed=7 unfinished=1 err_eof=2": "++++",
		"lat_p90_us=71000 lat_p99_us=3600 lat_max_us=1003000 due=10 completed=9":                          "--+-",
		"lat_p90_us=100 lat_p99_us=900000 due=0 completed=0":                                              "++--",
	} {
		if got := verdicts(s.findings(time.Second, fill(t, columns))); got != want {
			t.Errorf("%s: %s, want %s", columns, got, want)
		}
	}
}

func TestWireFindings(t *testing.T) {
	t.Parallel()
	m := &capture.Matcher{}
	for i := range int64(1000) {
		m.Exchanges = append(m.Exchanges, capture.Exchange{Sent: i * 1e6, Done: i*1e6 + 1000*(i+1)}) // 1 to 1000 us
	}
	const counts = " due=1000 completed=1000"
	for columns, want := range map[string]string{
		"service_p50_us=519 service_p99_us=971" + counts: "+++++",
		"service_p50_us=521 service_p99_us=969" + counts: "++--+",
		"service_p50_us=500" + counts:                    "+++-+", // p99 is not measured
		"service_p50_us=500 due=1020 completed=1020":     "-++-+",
		"service_p50_us=500 service_p99_us=990 due=100":  "-+++-",
	} {
		if got := verdicts(wireFindings(fill(t, columns), m, 20*time.Microsecond)); got != want {
			t.Errorf("%s: %s, want %s", columns, got, want)
		}
	}
	m.Odd = 1
	if got := verdicts(wireFindings(fill(t, "service_p50_us=500 service_p99_us=990"+counts), m, 20*time.Microsecond)); got != "+-+++" {
		t.Errorf("a segment out of turn: %s", got)
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
