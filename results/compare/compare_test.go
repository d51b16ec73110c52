package compare

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// A target may lose by the median and win block by block. The text says so and stays in one piece.
func TestBetterThanTheBest(t *testing.T) {
	t.Parallel()
	var trials []trial.Trial
	// a is 10% lower than b in 10 of 12 blocks, but b wins the two that decide the median.
	for i, pair := range [][2]float64{{1, 1.2}, {2, 2.4}, {3, 3.6}, {4, 4.8}, {5, 6}, {10, 9.9}, {10, 9.9}, {20, 24}, {30, 36}, {40, 48}, {50, 60}, {60, 72}} {
		for j, target := range []string{"a", "b"} {
			trials = append(trials, trial.Trial{Target: target, Workload: "echo", CampaignID: "c", Block: trial.I(i),
				Verdict: trial.VerdictOK, ServerCPUUsPerReq: trial.F(pair[j])})
		}
	}
	var out bytes.Buffer
	if err := Write(&out, trials, analysis.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"a is better than b in server CPU (1.20x)", "  less\n"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is missing in\n%s", want, out.String())
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	if err := Write(io.Discard, nil, analysis.Options{}); !errors.Is(err, analysis.ErrNothing) {
		t.Errorf("no trials: %v", err)
	}
	for _, opts := range []analysis.Options{{ROPE: -0.1}, {ROPE: 1}, {TailROPE: 5}} {
		if err := Write(io.Discard, campaign(), opts); err == nil || errors.Is(err, analysis.ErrNothing) {
			t.Errorf("%+v: %v", opts, err)
		}
	}
	if err := Write(full{}, campaign(), analysis.Options{}); !errors.Is(err, io.ErrShortWrite) {
		t.Errorf("a full disk: %v", err)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

// The region of equivalence is the caller's: what is no difference at 5% is one at 1%.
func TestOptionsMatter(t *testing.T) {
	t.Parallel()
	s := newSource(21, 0.002)
	var trials []trial.Trial
	for block := range 8 {
		trials = append(trials, s.trial("echo", "a", "c", block, figures{cpuUs: 10, p99Us: 100}),
			s.trial("echo", "b", "c", block, figures{cpuUs: 10.3, p99Us: 106}))
	}
	for _, c := range []struct {
		opts analysis.Options
		want string
	}{
		{analysis.Options{}, "no difference: server CPU, p99."},
		{analysis.Options{ROPE: 0.01}, "a is better than b in server CPU (1.03x); no difference: p99."},
		{analysis.Options{TailROPE: 0.01}, "a is better than b in p99 (1.06x); no difference: server CPU."},
	} {
		var out bytes.Buffer
		if err := Write(&out, trials, c.opts); err != nil || !strings.Contains(out.String(), c.want) {
			t.Errorf("%+v: %v, %q is missing in\n%s", c.opts, err, c.want, out.String())
		}
	}
}

// Two machines that number their blocks alike, without a campaign, share no block: "medians mix them, ratios do not".
func TestMachinesAreNotPaired(t *testing.T) {
	t.Parallel()
	s := newSource(20, 0.01)
	var all []trial.Trial
	for block := range 6 {
		for host, target := range map[string]string{"one": "a", "two": "b"} {
			tr := s.trial("echo", target, "", block, figures{cpuUs: 8})
			tr.HostID = host
			all = append(all, tr)
		}
	}
	var out strings.Builder
	if err := Write(&out, all, analysis.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"12 blocks", "2 machines: medians mix them, ratios do not", "shares no block with the best"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
