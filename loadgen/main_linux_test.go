package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"modelbench/results/trial"
)

// pause is how long the test server takes for a request: long enough that no client is
// ever its own bottleneck, however slow the machine.
const pause = 20 * time.Millisecond

// site is a server with a page of each kind, and counts what it was asked.
func site(t *testing.T) (url string, asked *atomic.Int64) {
	t.Helper()
	asked = new(atomic.Int64)
	mux := http.NewServeMux()
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		n := asked.Add(1)
		switch {
		case r.URL.Path == "/gone", r.URL.Path == "/half" && n%2 == 0:
			http.Error(w, "gone", http.StatusGone)
		case r.URL.Path == "/body" && (r.Method != http.MethodPut || r.Header.Get("X-Test") != "a: b" || r.ContentLength != 5):
			http.Error(w, "not what was asked for", http.StatusBadRequest)
		case r.URL.Path == "/dies" && n > 40:
			panic(http.ErrAbortHandler) // closes the connection
		default:
			time.Sleep(pause)
			fmt.Fprint(w, "Hello, World!")
		}
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL, asked
}

// command runs loadgen as main does, bounded in time.
func command(t *testing.T, args ...string) (code int, out string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
	defer cancel()
	return commandCtx(ctx, args...)
}

func commandCtx(ctx context.Context, args ...string) (code int, out string) {
	var stdout, stderr bytes.Buffer
	err := run(ctx, args, &stdout, &stderr)
	if err != nil {
		fmt.Fprintf(&stdout, "loadgen: %v\n", err)
	}
	return exitCode(err), stdout.String() + stderr.String()
}

// busy are the verdicts that a busy machine makes of a run that is well otherwise.
var busy = regexp.MustCompile(`(?m)^Verdict: (client_bound|lagging|nonstationary|steal): `)

// believed checks the verdict on a run of which no request failed: ok, and exit code 0,
// unless the machine was so busy that loadgen says so.
func believed(t *testing.T, code int, out string) (ok bool) {
	t.Helper()
	ok = code == 0 && strings.Contains(out, "\nVerdict: ok\n")
	if !ok && (code != 4 || !busy.MatchString(out)) {
		t.Errorf("exit %d\n%s", code, out)
	}
	return ok
}

func contains(t *testing.T, out string, wants ...string) {
	t.Helper()
	for _, want := range wants {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

func TestSingle(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	file := filepath.Join(t.TempDir(), "trials.csv")
	code, out := command(t, "-c", "4", "-d", "100s", "-n", "60", "-w", "0s", "--timeout", "100s", "--csv", file, "--pid", fmt.Sprint(os.Getpid()), url+"/")
	if !strings.HasPrefix(out, "Running 60 requests @ "+url+"/\n  1 thread and 4 connections\n") {
		t.Errorf("exit %d\n%s", code, out)
	}
	ok := believed(t, code, out)
	contains(t, out, "  60 requests in ", "\nRequests/sec: ", "\nTransfer/sec: ", "p99.9", "Latency", "Server: ", " PSS")
	rows, _, err := trial.ReadFile(file)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	r := rows[0]
	if r.Due.Or(0) != 60 || r.Completed.Or(0) != 60 || (r.Verdict == trial.VerdictOK) != ok || (r.VerdictReason == "") != ok ||
		r.ThroughputRPS.Or(0) <= 0 || r.ServerCPUUsPerReq.Or(0) <= 0 || r.ClientCPUUsPerReq.Or(0) <= 0 || r.LatP50Us.Or(0) < 20000 {
		t.Errorf("%+v", r)
	}
	if _, shown := r.LatP99Us.Get(); shown {
		t.Error("60 requests have a p99, with fewer than ten samples beyond it")
	}
}

func TestOpenLoopShowsService(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	_, out := command(t, "-c", "4", "-d", "100s", "-n", "20", "-w", "0s", "-R", "0.1k", url)
	contains(t, out, ", 100 requests/s due", "Latency", "Service")
}

func TestRequestAsAsked(t *testing.T) {
	t.Parallel()
	url, asked := site(t)
	file := filepath.Join(t.TempDir(), "body")
	if err := os.WriteFile(file, []byte("12345"), 0o644); err != nil {
		t.Fatal(err)
	}
	code, out := command(t, "-c", "2", "-d", "100s", "-w", "0s", "-n", "30", "--timeout", "100s", "-m", "PUT", "-H", "X-Test: a: b", "-b", "@"+file, url+"/body")
	if believed(t, code, out); asked.Load() != 30 {
		t.Errorf("exit %d, %d requests\n%s", code, asked.Load(), out)
	}
	contains(t, out, "  30 requests in ")
}

// A number of requests is all that the server gets, unless a warm-up is asked for.
func TestRequestsAreAll(t *testing.T) {
	t.Parallel()
	url, asked := site(t)
	if code, out := command(t, "-c", "2", "-d", "100s", "-n", "30", url+"/"); asked.Load() != 30 || strings.Contains(out, "warm-up") {
		t.Errorf("exit %d, %d requests\n%s", code, asked.Load(), out)
	}
	asked.Store(0)
	code, out := command(t, "-c", "2", "-d", "100s", "-n", "30", "-w", "1s", url+"/")
	if asked.Load() <= 30 {
		t.Errorf("exit %d, %d requests with a warm-up\n%s", code, asked.Load(), out)
	}
	contains(t, out, "2 connections, after a warm-up of 1s\n")
}

// A connection per request asks for that, and its time to connect is shown.
func TestConnectionPerRequest(t *testing.T) {
	t.Parallel()
	url, asked := site(t)
	file := filepath.Join(t.TempDir(), "trials.csv")
	code, out := command(t, "-c", "4", "-d", "100s", "-w", "0s", "-n", "60", "--timeout", "100s", "--no-keepalive", "--idle", "5", "--source", "127.0.0.2-127.0.0.9", "--csv", file, url)
	if believed(t, code, out); asked.Load() != 60 {
		t.Errorf("exit %d, %d requests\n%s", code, asked.Load(), out)
	}
	contains(t, out, "4 connections, each for one request, beside 5 idle ones\n", "Service", "Connect")
	rows, _, err := trial.ReadFile(file)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	r := rows[0]
	if keep, known := r.Keepalive.Get(); keep || !known || r.IdleConnections.Or(0) != 5 || r.ServiceP50Us.Or(0) < 20000 || r.LagP99Us != (trial.Float{}) {
		t.Errorf("%+v", r)
	}
}

func TestRotationToCSV(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	file := filepath.Join(t.TempDir(), "trials.csv")
	pid := fmt.Sprint(os.Getpid())
	args := []string{"-c", "16", "-d", "2s", "-w", "400ms", "--slice", "200ms", "--csv", file, "--seed", "5",
		"--pid", "a=" + pid, "--label", "workload=wait", "--label", "block=3", "--label", "colour=blue",
		"a=" + url + "/task?wait=20ms&spin=7", "b=" + url + "/"}
	_, out := command(t, args...) // on a busy machine there may be too few requests for a verdict
	contains(t, out, "Running 2s rotation @ 2 targets in slices of 200ms", "Requests/sec", "CPU us/req")
	rows, torn, err := trial.ReadFile(file)
	if err != nil || torn || len(rows) != 2 {
		t.Fatalf("%d rows, torn %v, error %v", len(rows), torn, err)
	}
	for i, want := range []map[string]string{
		{"target": "a", "spin_iters": "7", "wait_us": "20000"},
		{"target": "b", "spin_iters": "", "wait_us": "", "server_cpu_us_per_req": "", "server_pss_bytes": ""},
	} {
		for name, value := range map[string]string{"seed": "5", "workload": "wait", "block": "3", "labels": "colour=blue", "connections": "16",
			"pipeline": "1", "arrivals": "closed", "offered_rps": "", "keepalive": "true", "payload_bytes": "", "warmup_s": "0.2",
			"measure_s": "1", "err_connect": "0", "lag_p99_us": ""} {
			want[name] = value
		}
		for _, c := range trial.Columns() {
			if value, checked := want[c.Name]; checked && c.Text(rows[i]) != value {
				t.Errorf("row %d: %s is %q, want %q", i, c.Name, c.Text(rows[i]), value)
			}
		}
		r := rows[i]
		if r.Due != r.Sent || r.Due.Or(0) != r.Completed.Or(0)+r.Unfinished.Or(0) || r.TrialID == "" || r.CellID == "" || r.Verdict == "" {
			t.Errorf("row %d: %+v", i, r)
		}
	}
	_, overflows := rows[0].ListenOverflows.Get()
	_, retransmits := rows[0].TCPRetransmits.Get()
	if rows[0].ServerPSSBytes.Or(0) <= 0 || rows[0].TrialID == rows[1].TrialID || !overflows || !retransmits {
		t.Errorf("row 0: %+v", rows[0])
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	url, asked := site(t)
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		defer cancel()
		for asked.Load() < 200 {
			time.Sleep(time.Millisecond)
		}
	}()
	code, out := commandCtx(ctx, "-c", "8", "-d", "1h", "-w", "0s", url)
	if code != 0 && code != 4 { // 4 if the replies in flight took longer than the drain
		t.Errorf("exit %d\n%s", code, out)
	}
	contains(t, out, "Interrupted", "Requests/sec", "Verdict: ")
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	foreign := filepath.Join(t.TempDir(), "foreign.csv")
	if err := os.WriteFile(foreign, []byte("a,b\n1,2\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	quick := []string{"-c", "2", "-d", "100ms", "-w", "0s"}
	tests := []struct {
		name string
		args []string
		code int
		says string
	}{
		{"refused", []string{dead.URL}, 1, "connection refused: is the server up?"},
		{"no success", []string{"-n", "20", "-d", "100s", url + "/gone"}, 1, "failed by err_status: the reply is not 2xx or 3xx"},
		{"not believable", []string{"-n", "20", "-d", "100s", url + "/half"}, 4, "Verdict: errors: "},
		{"no such directory", []string{"--csv", "/nonexistent/x.csv", url}, 1, "--csv: "},
		{"foreign file", []string{"--csv", foreign, url}, 1, "--csv: "},
		{"endless file", []string{"--csv", "/dev/full", url}, 1, "--csv: /dev/full is not a regular file"},
		{"dead process", []string{"--pid", "4194304", url}, 1, "--pid: "},
		{"version", []string{"--version"}, 0, "loadgen "},
		{"help", []string{"--help"}, 0, "--rate"},
		{"no url", nil, 2, "no URL"},
		{"unknown flag", []string{"--nope", url}, 2, "--nope"},
		{"bad scheme", []string{"ftp://a:1/"}, 2, "url \"ftp://a:1/\""},
		{"no host", []string{"http:///x"}, 2, "no host"},
		{"echo without port", []string{"tcp://127.0.0.1"}, 2, "no port"},
		{"echo with path", []string{"tcp://127.0.0.1:1/x"}, 2, "no path"},
		{"port 0", []string{"http://127.0.0.1:0/"}, 2, "port 0"},
		{"same name", []string{url, url}, 2, "another target"},
		{"connections", []string{"-c", "0", url}, 2, "--connections"},
		{"negative connections", []string{"-c", "-1", url}, 2, "--connections"},
		{"threads", []string{"-t", "-1", url}, 2, "--threads"},
		{"pipeline", []string{"-p", "5000", url}, 2, "--pipeline"},
		{"duration", []string{"-d", "0s", url}, 2, "--duration"},
		{"duration text", []string{"-d", "soon", url}, 2, "--duration"},
		{"timeout", []string{"--timeout", "1us", url}, 2, "--timeout"},
		{"warmup", []string{"-w", "-1s", url}, 2, "--warmup"},
		{"rate", []string{"-R", "fast", url}, 2, "--rate"},
		{"source", []string{"--source", "localhost", url}, 2, "--source"},
		{"source of the other kind", []string{"--source", "::1", url}, 2, "--source"},
		{"source of another machine", []string{"--source", "192.0.2.1", url}, 1, "--source takes addresses of this machine"},
		{"idle", []string{"--idle", "-1", url}, 2, "--idle"},
		{"too many idle", []string{"--idle", "1000000", url}, 1, "ulimit -n"},
		{"pipeline of one request", []string{"--no-keepalive", "-p", "2", url}, 2, "--no-keepalive"},
		{"method", []string{"-m", "GE T", url}, 2, "--method"},
		{"header", []string{"-H", "nothing", url}, 2, "--header"},
		{"header for echo", []string{"-H", "a: b", "tcp://127.0.0.1:1"}, 2, "--header"},
		{"body file", []string{"-b", "@/nonexistent", url}, 2, "--body"},
		{"endless body", []string{"-b", "@/dev/zero", url}, 2, "--body: /dev/zero holds more than 64 MiB"},
		{"payload for http", []string{"--payload", "5", url}, 2, "--payload"},
		{"payload", []string{"--payload", "-5", "tcp://127.0.0.1:1"}, 2, "--payload"},
		{"slice of one", []string{"--slice", "1s", url}, 2, "--slice"},
		{"short slice", []string{"--slice", "1ms", "a=" + url, "b=" + url}, 2, "--slice"},
		{"requests of two", []string{"-n", "5", "a=" + url, "b=" + url}, 2, "--requests"},
		{"pid of which", []string{"--pid", "1", "a=" + url, "b=" + url}, 2, "--pid"},
		{"pid of none", []string{"--pid", "c=1", "a=" + url, "b=" + url}, 2, "--pid"},
		{"pid text", []string{"--pid", "self", url}, 2, "--pid"},
		{"label", []string{"--label", "x", url}, 2, "--label"},
		{"label of a measure", []string{"--label", "completed=5", url}, 2, "--label"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, out := command(t, append(append([]string{}, quick...), tt.args...)...)
			if code != tt.code || !strings.Contains(out, tt.says) {
				t.Errorf("exit %d, want %d with %q:\n%s", code, tt.code, tt.says, out)
			}
			if code == 2 && strings.Contains(out, "Running") {
				t.Errorf("load ran in spite of a usage error:\n%s", out)
			}
		})
	}
	if text, err := os.ReadFile(foreign); err != nil || string(text) != "a,b\n1,2\n" {
		t.Errorf("the foreign file is now %q, %v", text, err)
	}
}

// What a server cost that ended meanwhile is not measured, which is not 0.
func TestServerEnds(t *testing.T) {
	t.Parallel()
	server := exec.Command("sleep", "600")
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	end := sync.OnceFunc(func() {
		server.Process.Kill()
		server.Wait()
	})
	defer end()
	var asked atomic.Int64
	site := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		if asked.Add(1) == 20 { // which is not answered before
			end()
		}
	}))
	defer site.Close()
	file := filepath.Join(t.TempDir(), "trials.csv")
	_, out := command(t, "-c", "4", "-d", "100s", "-n", "200", "-w", "0s", "--csv", file, "--pid", fmt.Sprint(server.Process.Pid), site.URL)
	contains(t, out, "Server: ended while it was measured")
	rows, _, err := trial.ReadFile(file)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	if r := rows[0]; r.ServerCPUUserS != (trial.Float{}) || r.ServerCPUUsPerReq != (trial.Float{}) || r.ServerPSSBytes != (trial.Int{}) {
		t.Errorf("%+v", r)
	}
}

// The collector is off, and a rotation may last for a day.
func TestRotationsMemoryIsBounded(t *testing.T) {
	defer calm(1)()
	targets := []target{{name: "a"}}
	s, err := newServers([]string{fmt.Sprint(os.Getpid())}, targets)
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range 2 * collectEvery {
		s.Before(0)
		s.Open(0)
		s.Close(0)
		s.After(0)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; after.HeapAlloc > before.HeapAlloc+allocated/4 {
		t.Errorf("of %d bytes allocated %d are still there", allocated, after.HeapAlloc-before.HeapAlloc)
	}
}

// A pipe that nobody reads and a full disk must neither cost the trials nor pass for success.
func TestReportNobodyReads(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	file := filepath.Join(t.TempDir(), "trials.csv")
	full := errors.New("no space left")
	var rows []trial.Trial
	err := run(t.Context(), []string{"-c", "2", "-d", "100s", "-n", "20", "-w", "0s", "--csv", file, url}, writer(func([]byte) (int, error) {
		rows, _, _ = trial.ReadFile(file) // as far as they are there when the first byte is written
		return 0, full
	}), io.Discard)
	if !errors.Is(err, full) || exitCode(err) != 1 {
		t.Errorf("error %v", err)
	}
	if len(rows) != 1 {
		t.Errorf("%d rows in the file before the report is written", len(rows))
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }
