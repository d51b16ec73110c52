package campaign

import (
	"errors"
	"slices"
	"testing"
)

// What serves no echo has no part in it, is not told of it, and that is said.
func TestTargetsWithoutEcho(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	var err error
	cfg.Workloads, err = PickWorkloads(Workloads(2), []string{"echo", "wait"})
	must(t, err)
	cfg.Targets = append(Targets(2)[:1], Stock(2)...)
	cfg.Blocks = 1
	report, err := Run(t.Context(), cfg)
	must(t, err)
	var got []string
	for _, r := range report.Trials {
		got = append(got, r.Workload+" "+r.Target+" "+r.Variant)
	}
	slices.Sort(got)
	want := []string{"echo goroutine ", "wait goroutine ", "wait stock-fasthttp fasthttp",
		"wait stock-fasthttp-prefork fasthttp-prefork", "wait stock-nethttp net/http"}
	if !slices.Equal(got, want) || len(report.Failures) > 0 {
		t.Errorf("trials %q, want %q; failures %q", got, want, report.Failures)
	}
	said := "echo: without stock-nethttp, stock-fasthttp, stock-fasthttp-prefork, which serve no TCP echo"
	if m := readManifest(t, cfg.Out); !slices.Contains(m.Notes, said) || len(m.Rates) != 1 || len(m.Rates[0].Capacity) != 1 {
		t.Errorf("notes %q, want %q; rates %+v", m.Notes, said, m.Rates)
	}

	cfg.Targets = Stock(2)
	cfg.Out = ""
	var usage *UsageError
	if err := cfg.Validate(); !errors.As(err, &usage) || usage.Flag != "--workloads" {
		t.Errorf("echo without anyone who serves it: %v", err)
	}
}
