package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/loadgen/report"
)

func decode(t *testing.T, text []byte) *report.Report {
	t.Helper()
	doc, err := report.Decode(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return doc
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// All outputs of a run tell the same story.
func TestOutputsAgree(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	dir := t.TempDir()
	in := func(name string) string { return filepath.Join(dir, name) }
	code, out := command(t, "-c", "4", "-d", "30s", "-n", "60", "-w", "0s", "--timeout", "100s", "--interval", "50ms", "--json", in("x.json"), "--hdr", in("x.hdr"),
		"--series", in("x.csv"), "--slo", "p50<1m,errors<=0%", "--label", "workload=wait", "-H", "X-Secret: 12345", url+"/")
	ok := believed(t, code, out)
	contains(t, out, "Objective: met\n  [ok] p50<1m: p50 is ", "\n  [ok] errors<=0%: errors is 0%\n")
	text := content(t, in("x.json"))
	doc := decode(t, text)
	r := doc.Targets[0]
	if r.Completed != 60 || r.Due != 60 || doc.Plan.Connections != 4 || doc.Plan.Requests != 60 || doc.Plan.Arrivals != "closed" || doc.Plan.OfferedRPS != nil ||
		r.Service != nil || r.Lag != nil || r.Server != nil || r.Connect.Count != 4 || (r.Verdict == "ok") != ok || r.Objective.Outcome != "met" ||
		len(r.Objective.Checks) != 2 || doc.Plan.Labels["workload"] != "wait" || doc.StartedAt == nil || doc.Interrupted {
		t.Errorf("%s", text)
	}
	if len(doc.Slices) < 2 || doc.Slices[0].ServerCPUS != nil || doc.Ratios != nil || bytes.Contains(text, []byte("12345")) {
		t.Errorf("%d slices, %d ratios, or a secret:\n%s", len(doc.Slices), len(doc.Ratios), text)
	}
	n := int64(0)
	for log := hdrhistogram.NewHistogramLogReader(bytes.NewReader(content(t, in("x.hdr")))); ; {
		h, err := log.NextIntervalHistogram()
		if err != nil {
			t.Fatal(err)
		}
		if h == nil {
			break
		}
		n += h.TotalCount()
	}
	if n != 60 {
		t.Errorf("%d latencies in the log", n)
	}
	if sums := columnSums(t, content(t, in("x.csv"))); sums["due"] != 60 || sums["completed"] != 60 || sums["err_eof"] != 0 {
		t.Errorf("the rows add up to %v", sums)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) != 3 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// columnSums adds up the columns of a CSV that are numbers.
func columnSums(t *testing.T, text []byte) map[string]float64 {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) < 3 {
		t.Fatalf("%d rows, error %v", len(rows), err)
	}
	sums := map[string]float64{}
	for _, row := range rows[1:] {
		for i, name := range rows[0] {
			if v, err := strconv.ParseFloat(row[i], 64); err == nil {
				sums[name] += v
			}
		}
	}
	return sums
}

// With --json - stdout is the document and nothing else; people read stderr.
func TestDocumentToStdout(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	var stdout, stderr bytes.Buffer
	pid := fmt.Sprint(os.Getpid())
	err := run(t.Context(), []string{"-c", "8", "-d", "2s", "-w", "0s", "--slice", "200ms", "-R", "200", "--arrivals", "poisson", "--pid", "a=" + pid,
		"--json", "-", "a=" + url, "b=" + url}, &stdout, &stderr)
	if code := exitCode(err); code != 0 && code != 4 {
		t.Fatalf("error %v", err)
	}
	contains(t, stderr.String(), "Running 2s rotation @ 2 targets", "Engine: ")
	doc := decode(t, stdout.Bytes())
	if len(doc.Targets) != 2 || *doc.Plan.OfferedRPS != 200 || *doc.Plan.SliceS != 0.2 || doc.Plan.Arrivals != "poisson" {
		t.Fatalf("%s", stdout.Bytes())
	}
	for i, r := range doc.Targets {
		if r.Service == nil || r.Lag == nil || r.Late == nil || r.Arrivals == nil || (r.Server != nil) != (i == 0) || r.Windows < 2 {
			t.Errorf("%+v", r)
		}
	}
	spent := 0.0
	for _, s := range doc.Slices {
		if (s.ServerCPUS != nil) != (s.Target == "a") {
			t.Errorf("%+v", s)
		} else if s.ServerCPUS != nil {
			spent += *s.ServerCPUS
		}
	}
	if want := *doc.Targets[0].Server.CPUS; spent < want-1e-9 || spent > want+1e-9 {
		t.Errorf("the slices cost %g s, the run %g", spent, want)
	}
	again, err := report.Merge(doc, doc)
	if err != nil || again.Check() != nil || again.Targets[1].Due != 2*doc.Targets[1].Due {
		t.Errorf("merged with itself: %v, %v", err, again.Check())
	}
}

// What fails is named, and keeps nothing from the rest.
func TestOneOutputFails(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	for _, flag := range []string{"json", "hdr", "series"} {
		dir := t.TempDir()
		args := []string{"-c", "2", "-d", "100s", "-n", "30", "-w", "0s"}
		for _, f := range []string{"csv", "json", "hdr", "series"} {
			path := filepath.Join(dir, f)
			if f == flag {
				path = "/dev/full"
			}
			args = append(args, "--"+f, path)
		}
		code, out := command(t, append(args, url)...)
		if code != 1 {
			t.Errorf("--%s: exit %d", flag, code)
		}
		contains(t, out, "--"+flag+": write /dev/full: no space left on device", "Requests/sec:", "Verdict: ")
		for _, f := range []string{"csv", "json", "hdr", "series"} {
			if f != flag && len(content(t, filepath.Join(dir, f))) == 0 {
				t.Errorf("--%s on a full disk: --%s is empty", flag, f)
			}
		}
	}
}

// What cannot be written is found out before there is any load.
func TestOutputsAreTriedFirst(t *testing.T) {
	t.Parallel()
	url, asked := site(t)
	dir := t.TempDir()
	for _, flag := range []string{"csv", "json", "hdr", "series"} {
		for path, why := range map[string]string{dir: "is a directory", filepath.Join(dir, "no", "x"): "no such file or directory"} {
			code, out := command(t, "--"+flag, path, url)
			if code != 1 || !strings.Contains(out, "loadgen: --"+flag+": ") || !strings.Contains(out, why) {
				t.Errorf("--%s %s: exit %d\n%s", flag, path, code, out)
			}
		}
	}
	if n := asked.Load(); n > 0 {
		t.Errorf("%d requests", n)
	}
	if entries, err := os.ReadDir(dir); err != nil || len(entries) > 0 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

// A run that cannot reach its target destroys nothing and leaves nothing behind.
func TestOutputsOfAFailedRun(t *testing.T) {
	t.Parallel()
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	dir := t.TempDir()
	kept, fresh := filepath.Join(dir, "kept"), filepath.Join(dir, "fresh")
	if err := os.WriteFile(kept, []byte("from yesterday"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--series", kept, "--hdr", fresh}, {"--hdr", kept, "--json", fresh}, {"--json", kept, "--series", fresh}} {
		if code, out := command(t, append(args, "-d", "100ms", dead.URL)...); code != 1 {
			t.Errorf("exit %d\n%s", code, out)
		}
		if got := content(t, kept); string(got) != "from yesterday" {
			t.Errorf("%v: the file is now %q", args, got)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%v: left behind: %v, %v", args, entries, err)
		}
	}
}

// A reader of the document that goes away is an error, and the report is still printed.
func TestDocumentNobodyReads(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	var stderr bytes.Buffer
	err := run(t.Context(), []string{"-c", "2", "-d", "100s", "-n", "20", "-w", "0s", "--json", "-", url}, writer(func([]byte) (int, error) { return 0, io.ErrClosedPipe }), &stderr)
	if exitCode(err) != 1 || !strings.Contains(err.Error(), "--json: ") || !strings.Contains(stderr.String(), "Requests/sec:") {
		t.Errorf("error %v\n%s", err, stderr.String())
	}
}

func TestObjectives(t *testing.T) {
	t.Parallel()
	url, _ := site(t)
	for _, tt := range []struct {
		slo  string
		code int
		says string
	}{
		{"p50<1m", 0, "Objective: met"},
		{"p50<1us", 3, "Objective: missed\n  [no] p50<1us: p50 is "},
		{"p99<1m", 4, "Objective: unknown\n  [??] p99<1m: p99 of 40 samples: fewer than 10 lie beyond it"},
		{"p99<1m,p50<1us", 3, "\n  [no] p50<1us: p50 is "},
		{"q50<1m", 2, `--slo: at byte 1: "q50" cannot be measured`},
	} {
		code, out := command(t, "-c", "2", "-d", "100s", "-n", "40", "-w", "0s", "--timeout", "100s", "--slo", tt.slo, url)
		excused := code == 4 && busy.MatchString(out)
		if code != tt.code && !excused || !strings.Contains(out, tt.says) || code == 3 && !strings.Contains(out, "the objective was missed: p50<1us: p50 is ") {
			t.Errorf("%s: exit %d, want %d with %q:\n%s", tt.slo, code, tt.code, tt.says, out)
		}
	}
}

func TestOutputFlags(t *testing.T) {
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"--hdr", "-"}, "--hdr: wants a file"},
		{[]string{"--series", "-"}, "--series: wants a file"},
		{[]string{"--csv", "-"}, "--csv: wants a file"},
		{[]string{"--interval", "2s"}, "--interval: nothing has intervals"},
		{[]string{"--interval", "1ms", "--series", "/dev/null"}, "--interval: 1ms is not between"},
		{[]string{"--json", "x", "--hdr", "x"}, "--hdr: --json writes to x already"},
		{[]string{"--find-max", "p50<1s", "--series", "x"}, "--find-max: "},
	} {
		if code, out := command(t, append(tt.args, "http://127.0.0.1:1/")...); code != 2 || !strings.Contains(out, tt.says) {
			t.Errorf("%v: exit %d\n%s", tt.args, code, out)
		}
	}
}

// Whatever happens to a run, its document adds up: Decode refuses one that does not.
func TestDocumentsAddUp(t *testing.T) {
	for name, args := range map[string][]string{
		"closed":    {},
		"open":      {"-R", "300"},
		"rotation":  {"--slice", "50ms"},
		"both":      {"--slice", "50ms", "-R", "300", "-p", "2"},
		"one each":  {"--no-keepalive", "-R", "300"},
		"two":       {"-t", "2", "--interval", "50ms", "--series", "/dev/null"},
		"cut short": {"-w", "0s"},
	} {
		for _, page := range []string{"/", "/half", "/gone", "/dies"} {
			t.Run(name+page, func(t *testing.T) {
				t.Parallel()
				if name == "cut short" {
					addsUp(t, page, true, append(args, "-d", "1h")...)
				} else if !addsUp(t, page, false, append(args, "-d", "400ms")...) && !addsUp(t, page, false, append(args, "-d", "10s")...) {
					t.Error("nothing was due in 10 s")
				}
			})
		}
	}
}

// addsUp loads a page, which may die, until the load ends or is cut short, and returns
// whether any request was due: on a busy machine it may take a while until one can leave.
func addsUp(t *testing.T, page string, cut bool, args ...string) (due bool) {
	t.Helper()
	url, asked := site(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	if cut {
		go func() {
			for asked.Load() < 100 && ctx.Err() == nil {
				time.Sleep(time.Millisecond)
			}
			cancel()
		}()
	}
	args = append([]string{"-c", "8", "-w", "10ms", "--timeout", "100s", "--json", "-"}, args...)
	if slices.Contains(args, "--slice") {
		args = append(args, "b="+url+"/")
	}
	var stdout, stderr bytes.Buffer
	if err := run(ctx, append(args, "a="+url+page), &stdout, &stderr); err != nil && exitCode(err) != 1 && exitCode(err) != 4 {
		t.Fatal(err)
	}
	doc := decode(t, stdout.Bytes())
	if doc.Interrupted != cut {
		t.Errorf("interrupted is %v", doc.Interrupted)
	}
	return !slices.ContainsFunc(doc.Targets, func(r report.Target) bool { return r.Due == 0 })
}
