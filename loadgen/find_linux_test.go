package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"modelbench/loadgen/search"
)

// slowServer answers one request after the other, 5 ms each: 200/s at most.
func slowServer(t *testing.T) string {
	turn := make(chan struct{}, 1)
	s := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		turn <- struct{}{}
		time.Sleep(5 * time.Millisecond)
		<-turn
	}))
	t.Cleanup(s.Close)
	return s.URL
}

// A server that can do 200/s at most is found to do no more, and something; how much less
// is for the machine to say. What is too much shows as requests that cannot leave, so the
// objective may be one that a busy machine meets.
func TestFindMax(t *testing.T) {
	t.Parallel()
	var out, steps strings.Builder
	err := run(context.Background(), []string{"-c", "16", "-d", "1s", "-w", "20ms", "--find-max", "p50<500ms", slowServer(t)}, &out, &steps)
	if code := exitCode(err); code != 0 && code != 4 { // the machine may be too busy for any verdict but lagging
		t.Fatalf("exit code %d: %v", code, err)
	}
	m := regexp.MustCompile(`^Highest rate that meets p50<500ms: (?:at least )?([\d.]+) requests/s`).FindStringSubmatch(out.String())
	if m == nil {
		t.Fatalf("no answer in %s\nsteps:\n%s", out.String(), steps.String())
	}
	if rate, err := strconv.ParseFloat(m[1], 64); err != nil || rate > 260 || rate < 1 {
		t.Errorf("found %s/s\nsteps:\n%s", m[1], steps.String())
	}
	if !strings.Contains(steps.String(), "closed loop") || !strings.Contains(steps.String(), ": met") || !strings.Contains(out.String(), "Requests/sec:") {
		t.Errorf("steps:\n%s\nreport:\n%s", steps.String(), out.String())
	}
}

// An objective that nothing meets ends the search with exit code 3.
func TestFindMaxNothing(t *testing.T) {
	t.Parallel()
	var out, steps strings.Builder
	err := run(context.Background(), []string{"-c", "4", "-d", "50ms", "-w", "0s", "-R", "1", "--find-max", "max<1us", slowServer(t)}, &out, &steps)
	if exitCode(err) != 3 || !strings.Contains(out.String(), "none was found") {
		t.Errorf("exit code %d (%v)\n%s%s", exitCode(err), err, steps.String(), out.String())
	}
}

func TestFindMaxRefuses(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"--find-max", "p99<fast", "http://127.0.0.1:1/"},
		{"--find-max", "p99<5ms", "a=http://127.0.0.1:1/", "b=http://127.0.0.1:2/"},
		{"--find-max", "p99<5ms", "--ramp", "1:2", "http://127.0.0.1:1/"},
		{"--find-max", "p99<5ms", "-n", "5", "http://127.0.0.1:1/"},
	} {
		err := run(context.Background(), args, &strings.Builder{}, &strings.Builder{})
		if exitCode(err) != 2 || !strings.Contains(err.Error(), "--find-max") {
			t.Errorf("%q: exit code %d, %v", args, exitCode(err), err)
		}
	}
}

// What is above the answer was missed only as far as it could be told.
func TestFindingWordsWhatIsAbove(t *testing.T) {
	t.Parallel()
	run := func(limited bool) search.Run {
		return search.Run{Step: search.Step{Rate: 9400}, Outcome: search.Outcome{Limited: limited}}
	}
	for want, r := range map[string]search.Result{
		": 9000 requests/s; 9400 do not meet it\n":                              {Rate: 9000, Above: 9400, Runs: []search.Run{run(false), run(false), {}}},
		": 9000 requests/s; 9400 do not meet it (1 of 3 runs cannot be told)\n": {Rate: 9000, Above: 9400, Runs: []search.Run{run(false), run(true), run(false)}},
		": at least 9000 requests/s; whether 9400 do cannot be told\n":          {Rate: 9000, Above: 9400, LowerBound: true, Runs: []search.Run{run(true), run(true)}},
		": at least 9000 requests/s\n":                                          {Rate: 9000, LowerBound: true},
		": none was found\n":                                                    {Above: 9400},
	} {
		var out strings.Builder
		(&finding{result: r}).write(&out)
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q, want %q", out.String(), want)
		}
	}
	if got := fourDigits(12345.678); got != 12350 {
		t.Errorf("12345.678 is %v in four digits", got)
	}
}
