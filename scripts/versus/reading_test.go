package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func report(t testing.TB, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var readers = map[string]func(string) (reading, error){"wrk": readWrk, "loadgen": readWrk, "h2load": readH2load, "hey": readHey, "ab": readAB}

// heySeconds is the Total of hey's report.
var heySeconds = 1.0014

// What each client printed when all went well, and however that is cut: all of it or nothing.
func TestReadings(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]reading{
		"wrk": {92956, 92925.33}, "loadgen": {129733, 129725}, "h2load": {94722, 94722}, "hey": {heySeconds * 50949.8396, 50949.8396}, "ab": {126148, 126137.66},
	} {
		text := report(t, name)
		got, err := readers[name](text)
		if err != nil || got != want {
			t.Errorf("%s: %+v, %v, want %+v", name, got, err, want)
		}
		for n := range text {
			if cut, err := readers[name](text[:n]); err == nil && cut != want {
				t.Fatalf("%s: cut at byte %d of %d it gives %+v", name, n, len(text), cut)
			}
		}
	}
}

// What each printed when requests failed, or none was answered, is worthless.
func TestFailures(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"wrk", "h2load", "hey", "ab", "loadgen"} {
		files, err := filepath.Glob(filepath.Join("testdata", name+"-*.txt"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no failures of %s: %v", name, err)
		}
		for _, file := range files {
			if got, err := readers[name](report(t, strings.TrimSuffix(filepath.Base(file), ".txt"))); err == nil {
				t.Errorf("%s: %+v", file, got)
			}
		}
	}
	good := report(t, "wrk")
	for _, line := range []string{"  Socket errors: connect 0, read 5, write 0, timeout 0\n", "  err_eof 3: the server closed\n"} {
		if got, err := readWrk(good + line); err == nil {
			t.Errorf("%q: %+v", line, got)
		}
	}
	good = report(t, "h2load")
	for _, change := range [][2]string{{" 0 errored", " 3 errored"}, {" 0 timeout", " 10 timeout"}, {" 0 failed", " 1 failed"}, {" 0 5xx", " 20 5xx"}} {
		if got, err := readH2load(strings.Replace(good, change[0], change[1], 1)); err == nil {
			t.Errorf("%q: %+v", change, got)
		}
	}
	if got, err := readAB(strings.Replace(report(t, "ab"), "Failed requests:        0", "Failed requests:        7", 1)); err == nil {
		t.Errorf("ab: %+v", got)
	}
}

func FuzzReadings(f *testing.F) {
	for name := range readers {
		f.Add(report(f, name))
	}
	f.Fuzz(func(t *testing.T, text string) {
		for name, read := range readers {
			if r, err := read(text); err == nil && !(r.requests > 0 && r.rate > 0) {
				t.Errorf("%s: %+v", name, r)
			}
		}
	})
}

func TestCounted(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		file string
		read func(string) (float64, error)
		want float64
	}{{"perf-stat", readPerf, 29}, {"strace", readStrace, 29}, {"strace-errors", readStrace, 144}} {
		text := report(t, tt.file)
		if got, err := tt.read(text); err != nil || got != tt.want {
			t.Errorf("%s: %v, %v, want %v", tt.file, got, err, tt.want)
		}
		for n := range text {
			if got, err := tt.read(text[:n]); err == nil && got != tt.want {
				t.Fatalf("%s: cut at byte %d it gives %v", tt.file, n, got)
			}
		}
	}
	if n, err := readPerf("# started\n\n<not supported>,,raw_syscalls:sys_enter,0,100.00,,\n"); err == nil {
		t.Errorf("perf counted nothing, and it gives %v", n)
	}
}
