package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbench/scripts/campaign"
)

// The test binary plays the command when it is called by its name, so that the tests
// can send it signals and see its exit code as a shell would.
func TestMain(m *testing.M) {
	campaign.MaybeGuard()
	switch filepath.Base(os.Args[0]) {
	case "compare":
		main()
	case ownName:
		os.Exit(playOwnServer(os.Args[1:]))
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

func TestUsage(t *testing.T) {
	t.Parallel()
	full := t.TempDir()
	must(t, os.WriteFile(filepath.Join(full, "trials.csv"), nil, 0o644))
	bad := filepath.Join(t.TempDir(), "bad.yaml")
	must(t, os.WriteFile(bad, []byte("name: x\nbudget: 90s\nblocks:   many\n"), 0o644))
	for _, tt := range []struct{ args, says string }{
		{"--models fibers", `--models: "fibers" is not one of goroutine, prefork, eventloop, eventloop-1`},
		{"--workloads nap", `--workloads: "nap" is not one of echo, plaintext, spin, wait, mixed`},
		{"--models=", "--models: names nothing"},
		{"--budget 3s", "--budget: 3s is too short for one block of 5 workloads and 5 targets: it takes "},
		{"--budget 0s", "--budget: 0s is no time to spend"},
		{"--budget=-1s", "--budget: -1s is not a time to spend"},
		{"--budget soon", "--budget"},
		{"--blocks=-1", "--blocks: -1 is not a number of blocks"},
		{"--again prefork --models goroutine", `--again: "prefork" is none of the targets`},
		{"--until 3", "--until: 3 is not a width: write 3%"},
		{"--until wide", "--until: \"wide\" is not a width, such as 3%"},
		{"--until 3% --models goroutine", "--until: one target alone"},
		{"--server-cpus 1023", "--server-cpus: there is no CPU 1023 that we may use"},
		{"--client-cpus 0,,1", "--client-cpus: \"0,,1\" is not a list of CPUs"},
		{"--resume " + full, "--resume: " + full + " holds no campaign: manifest.json is not there"},
		{"--resume " + full + " --seed 3", "--seed: a campaign that is resumed stays as it was: of the flags that make it only --budget can be given"},
		{"--fast", "unknown flag --fast"},
		{"now", "unexpected argument now"},
		{"--models none", "--models: none, and no --target either"},
		{"--target mine", `--target: "mine" is not name=COMMAND or name=URL`},
		{"--target mine=x", "--target: mine: nothing tells it where to listen"},
		{"--target goroutine=http://127.0.0.1:1", "--target: goroutine is one of ours: give yours another name"},
		{"--target a=http://127.0.0.1:1 --target a=http://127.0.0.1:2", "--target: a is named twice"},
		{"--target a=http://127.0.0.1:1 --pid b=1", "--pid: there is no --target b"},
		{"--target a=http://127.0.0.1:1 --ready a=port", "--ready: a is up already"},
		{"--path x", `--path: "x" is no path of a request`},
		{"--workloads plaintext --path /plaintext", "--path: /plaintext is loaded in the same way by plaintext already"},
		{"--path /x --path /y --path /x", "--path: /x is loaded in the same way by x already"},
		{"--rate closed", "--rate: it is of the workloads of --path, and there is none"},
		{"--path /x --rate 0%", `--rate: "0%" is no share: more than 0% and at most 100%`},
		{"--path /x --rate fast", `--rate: "fast" is no rate: closed, 25%, or requests per second`},
		{"--path /x --rate=-5", `--rate: "-5" is no rate`},
		{"--connections 0", "--connections: 0 is not a number of connections"},
		{"--campaign testdata/none.yaml", "--campaign: open testdata/none.yaml: no such file"},
		{"--campaign " + bad, bad + ":3:11: blocks is expected to be a whole number, not the text \"many\"\n    3 | blocks:   many\n      |           ^\n"},
		{"--base no-such-revision --print-campaign", `git knows no revision "no-such-revision"`},
		{"--out " + full, "--out: " + full + " is not empty, and a campaign never overwrites"},
	} {
		t.Run(tt.args, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := call(t, strings.Fields(tt.args)...)
			if code != exitUsage || !strings.HasPrefix(stderr, "compare: "+tt.says) || !strings.Contains(stderr, "run it with --help") {
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
	if code != 0 || stderr != "" || !strings.Contains(stdout, "goroutine,prefork,eventloop,eventloop-1") || !strings.Contains(stdout, "--models=NAME,...  ") {
		t.Errorf("exit %d, stderr %q, stdout\n%s", code, stderr, stdout)
	}
}

func TestRate(t *testing.T) {
	t.Parallel()
	for rate, want := range map[string]string{"closed": "rate: closed", "20k": "rate: 20000", "50%": "rate: {share: 0.5}", "": "rate: {share: 0.25}"} {
		args := []string{"--path", "/x", "--print-campaign"}
		if rate != "" {
			args = append(args, "--rate", rate)
		}
		if code, stdout, stderr := call(t, args...); code != 0 || !strings.Contains(stdout, want) {
			t.Errorf("%q: exit %d, %s\n%s", rate, code, stderr, stdout)
		}
	}
}

// The same path at another rate is another workload.
func TestPathBesideItsWorkload(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := call(t, "--workloads", "plaintext", "--path", "/plaintext", "--rate", "closed", "--print-campaign")
	if code != 0 || !strings.Contains(stdout, "name: plaintext-2") {
		t.Errorf("exit %d, %s\n%s", code, stderr, stdout)
	}
}

func TestCapacities(t *testing.T) {
	t.Parallel()
	r := campaign.Rate{Workload: "plaintext", Capacity: map[string]float64{"py": 1234, "goroutine": 97_612, "slow": 78.2}}
	if got, want := capacities(r), "plaintext: capacity in a short closed loop: goroutine 97.6k/s, py 1.23k/s, slow 78.2/s"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got := capacities(campaign.Rate{Workload: "x", RPS: 500}); got != "" {
		t.Errorf("of a rate that was given: %q", got)
	}
}
