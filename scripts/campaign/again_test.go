package campaign

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"modelbench/results/trial"
)

// The first target runs a second time in each block, from a file of its own, and is not
// calibrated twice.
func TestAgainArm(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{})
	cfg.Again, cfg.Targets, cfg.Blocks = "", cfg.Targets[:2], 1
	report, err := Run(t.Context(), cfg)
	must(t, err)
	arms := 0
	for _, r := range report.Trials {
		if of, ok := r.Again(); ok {
			arms++
			if of != "goroutine" || r.Target != "goroutine-again" || r.Variant != "again" || r.Model != "goroutine" || r.Procs != trial.I(2) {
				t.Errorf("%+v", r)
			}
		}
	}
	if len(report.Trials) != 6 || arms != 2 {
		t.Errorf("%d trials, %d of them of the arm, want 6 and 2", len(report.Trials), arms)
	}
	loads := notes(t, cfg.Bin, "loads")
	if strings.Contains(loads[0], trial.AgainSuffix) || !strings.Contains(loads[1], "goroutine-again=http://") {
		t.Errorf("calibrated with %q, measured with %q", loads[0], loads[1])
	}
	m := readManifest(t, cfg.Out)
	if len(m.Rates[0].Capacity) != 2 || len(m.Targets) != 3 || m.Binaries["goroutine"].SHA256 == "" {
		t.Errorf("manifest %+v", m)
	}
}

func TestWhichTargetRunsAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ again, want, err string }{
		{"", "goroutine prefork eventloop eventloop-1 goroutine-again", ""},
		{"eventloop-1", "goroutine prefork eventloop eventloop-1 eventloop-1-again", ""},
		{NoAgain, "goroutine prefork eventloop eventloop-1", ""},
		{"fibers", "", `--again: "fibers" is none of the targets`},
	} {
		cfg := Config{Bin: "b", Out: "o", Targets: Targets(2), Again: tt.again}
		err := cfg.Validate()
		var usage *UsageError
		if tt.err != "" {
			if !errors.As(err, &usage) || !strings.HasPrefix(err.Error(), tt.err) {
				t.Errorf("again %q: %v, want %s", tt.again, err, tt.err)
			}
			continue
		}
		must(t, err)
		must(t, cfg.Validate()) // a second time it adds none
		var names []string
		for _, target := range cfg.Targets {
			names = append(names, target.Name)
		}
		if got := strings.Join(names, " "); got != tt.want || len(models(cfg.Targets)) != 4 {
			t.Errorf("again %q: targets %s, want %s", tt.again, got, tt.want)
		}
		if arm := cfg.Targets[len(cfg.Targets)-1]; arm.Name == "eventloop-1-again" && (arm.Variant != "one-loop again" || !slices.Equal(arm.Args, Targets(2)[3].Args)) {
			t.Errorf("%+v", arm)
		}
	}
}
