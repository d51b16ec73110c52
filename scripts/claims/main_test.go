package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbench/results/claims"
	"modelbench/scripts/campaign"
)

// The test binary plays the command when it is called by its name, so that the tests can send it signals and see its exit
// code as a shell would.
func TestMain(m *testing.M) {
	campaign.MaybeGuard()
	if filepath.Base(os.Args[0]) == "claims" {
		main()
	}
	os.Exit(m.Run())
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// call runs the command in this process.
func call(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, diag bytes.Buffer
	code = run(t.Context(), nil, args, &out, &diag)
	return code, out.String(), diag.String()
}

// fileOf writes a file and returns its path.
func fileOf(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	must(t, os.WriteFile(path, []byte(text), 0o644))
	return path
}

// rules are a file of claims: one that asks for a ratio of two targets in an experiment.
func rules(experiment, workload, a, b string) string {
	return fmt.Sprintf(`source: a test
stand_ins: [{name: %[3]s, is: one, stands_for: one}, {name: %[4]s, is: two, stands_for: two}]
experiments: [{name: %[1]s, asks: "Who is faster?"}]
claims:
  - id: 7
    claim: one is faster
    place: here
    technique: threading
    side: pro
    kind: confirmatory
    tests: [{name: one over two, experiment: %[1]s, workload: %[2]s, measure: throughput, ratio: %[3]s / %[4]s, above: 1.3}]
    python: it is
    go: it is not
`, experiment, workload, a, b)
}

func TestUsage(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	must(t, os.WriteFile(filepath.Join(full, "notes"), nil, 0o644))
	for _, tt := range []struct{ args, says string }{
		{"--claim 99", "--claim: there is no claim 99: --list shows them"},
		{"--claim x", "--claim"},
		{"--claim 3 --experiment cpu", "--experiment: with --claim the claims say which"},
		{"--experiment gpu", `--experiment: "gpu" is not one of cpu, wait, `},
		{"--budget 0s", "--budget: 0s is no time to spend"},
		{"--budget=-1m", "--budget: -1m0s is no time to spend"},
		{"--budget soon", "--budget"},
		{"--blocks 0", "--blocks: 0 is not a number of blocks"},
		{"--seed=-1", "--seed: -1 is negative"},
		{"--format yaml", "--format must be one of"},
		{"--fast", "unknown flag --fast"},
		{"now", "unexpected argument now"},
		{"--rules testdata/none.yaml", "--rules: open testdata/none.yaml: no such file"},
		{"--rules " + fileOf(t, "bad.yaml", "source: x\nclaim: []\n"), "/"},
		{"--rules " + fileOf(t, "none.yaml", rules("gpu", "cpu", "T", "T1")), `--rules: there is no experiment "gpu"`},
		{"--claim 7 --rules " + fileOf(t, "target.yaml", rules("cpu", "cpu", "T", "U")), "--rules: the experiment cpu has no target U"},
		{"--claim 7 --rules " + fileOf(t, "workload.yaml", rules("cpu", "gpu", "T", "T1")), "--rules: the experiment cpu has no workload gpu"},
		{"--claim 3 --out " + full, "--out: " + full + " is not empty, and nothing is overwritten: name another folder"},
		{"--resume " + full, "--resume: " + full + " holds no run: run.json is not there"},
		{"--resume " + full + "/none", "--resume: open " + full + "/none: no such file"},
		{"--resume " + full + " --seed 3", "--seed: a run that is resumed stays as it was: of the flags that make it only --budget can be given"},
		{"--resume " + full + " --claim 3", "--claim: a run that is resumed stays as it was"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := call(t, strings.Fields(tt.args)...)
			if code != exitUsage || !strings.HasPrefix(stderr, "claims: "+tt.says) || !strings.Contains(stderr, "run it with --help") {
				t.Errorf("exit %d, stderr %q, want %q", code, stderr, tt.says)
			}
			if stdout != "" {
				t.Errorf("stdout %q", stdout)
			}
		})
	}
}

func TestHelp(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := call(t, "--help")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "--claim=N,...") || !strings.Contains(stdout, "text,markdown,csv,json") {
		t.Errorf("exit %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}
}

// Each format that there is can be asked for.
func TestFormats(t *testing.T) {
	t.Parallel()
	for format := range claims.Formats {
		if code, _, stderr := call(t, "--claim", "99", "--format", format); !strings.Contains(stderr, "no claim 99") {
			t.Errorf("--format %s: exit %d, %s", format, code, stderr)
		}
	}
}

// With one CPU every model would look like every other one, which would say nothing about the claims.
func TestOneCPU(t *testing.T) {
	t.Parallel()
	var out, diag bytes.Buffer
	c := command{args: []string{"--claim", "3"}, stdout: &out, stderr: &diag, cpus: 1}
	if err := c.run(t.Context()); err == nil || !strings.Contains(err.Error(), "testing the claims needs 2 CPUs, and there is 1 for us") {
		t.Errorf("%v", err)
	}
}
