package choose

import (
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"modelbench/results/folder"
	"modelbench/results/trial"
	"modelbench/scripts/campaign"
	"modelbench/scripts/campaign/spec"
)

// The table of workloads is the campaigns' own.
func TestStandardWorkloads(t *testing.T) {
	t.Parallel()
	table := campaign.Workloads(2)
	if len(table) != len(standardWorkloads) {
		t.Errorf("%d workloads, and compare has %d", len(standardWorkloads), len(table))
	}
	for _, w := range table {
		l := standardWorkloads[w.Name]
		path := l.path
		if path == "" && !l.echo {
			path = w.Path // compare makes it of spin and wait
		}
		if l.echo != w.TCPEcho || path != w.Path || int(l.payload) != w.PayloadBytes || int(l.spin) != w.SpinIters || l.wait != w.Wait || l.share != w.Rate.Share || l.rate != w.Rate.RPS {
			t.Errorf("%s: %+v, and compare has %+v", w.Name, l, w)
		}
	}
	for _, model := range spec.Models {
		if !strings.Contains(ourModels, model) {
			t.Errorf("%s is one of our models, too", model)
		}
	}
}

// needs whose answer is a command for compare.
func unmeasured(t *testing.T) map[string]string {
	w := wait(map[string]truth{"goroutine": base, "eventloop": base})
	echo := world{id: "c1", blocks: 6, noise: 0.2, cells: []cell{{workload: "echo", conns: 64, rate: 14_000.5, payload: 64, truth: w.cells[0].truth}}}
	own := wait(map[string]truth{"goroutine": base, "mine": base})
	path := wait(map[string]truth{"goroutine": base, "stock": base})
	path.edit = func(t *trial.Trial) {
		t.URL, t.WaitUs, t.Workload = `http://127.0.0.1:20001/api/users?name=it's`, trial.Float{}, "api-users"
	}
	commands := map[string]string{}
	for name, a := range map[string]*Advice{
		"connections": advise(t, need("wait", func(n *Need) { n.Connections = 5000 }), w),
		"rate":        advise(t, need("wait", func(n *Need) { n.Rate = 1234.5 }), w),
		"payload":     advise(t, need("echo", func(n *Need) { n.Payload = 1024 }), echo),
		"more blocks": advise(t, need("echo"), echo),
		"cores":       advise(t, need("wait", func(n *Need) { n.Cores = 8 }), w),
		"blocking":    advise(t, need("wait", func(n *Need) { n.Blocking = true }), w),
		"new":         advise(t, need("plaintext"), w),
		"own":         advise(t, need("wait", func(n *Need) { n.Connections = 5000 }), own),
		"path":        advise(t, need("api-users", func(n *Need) { n.Connections = 5000 }), path),
		"crash":       advise(t, need("wait", func(n *Need) { n.Isolation = true }), w),
		"count":       advise(t, need("wait", func(n *Need) { n.SharedState = true }), w),
	} {
		if len(a.Missing) != 1 || a.Missing[0].Command == "" {
			t.Errorf("%s: %+v", name, a.Missing)
			continue
		}
		commands[name] = a.Missing[0].Command
	}
	return commands
}

// compare itself reads what choose tells users to run: the very command, with --print-campaign, which runs nothing.
func TestCompareReadsTheCommands(t *testing.T) {
	t.Parallel()
	bin := filepath.Join(t.TempDir(), "compare")
	if out, err := exec.Command("go", "build", "-o", bin, "modelbench/scripts/compare").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for name, command := range unmeasured(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, file, _ := strings.Cut(command, "\n")
			script := strings.Replace(first, "go run ./scripts/compare", bin+" --print-campaign", 1) + "\n" + file
			out, err := exec.Command("sh", "-c", script).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "workloads:") {
				t.Fatalf("%v\n%s\n%s", err, script, out)
			}
			file = strings.TrimSuffix(file, "EOF")
			want, err := spec.Parse("choose", []byte(file))
			if err != nil {
				t.Fatal(err)
			}
			got, err := spec.Parse("compare", out)
			if err != nil || len(got.Targets) < len(want.Targets) || len(got.Workloads) != len(want.Workloads) || got.Blocks != want.Blocks || got.Workloads[0].Connections != want.Workloads[0].Connections {
				t.Errorf("compare makes of\n%s\nthis, %v:\n%s", file, err, out)
			}
		})
	}
}

// A target's flags are those of the manifest; without one, a variant's are not known and the target is left to the user.
func TestFlagsOfTargets(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "prefork": base})
	w.edit = func(t *trial.Trial) {
		if t.Variant == "" {
			t.Variant = "special"
		}
	}
	f := w.folder()
	for i, info := range f.Manifest.Targets {
		f.Manifest.Targets[i].Args = append(info.Args, "--drain", "a b")
	}
	n := need("wait", func(n *Need) { n.Connections, n.Isolation = 5000, true })
	a, err := Of([]folder.Folder{f}, n)
	if err != nil {
		t.Fatal(err)
	}
	if got := a.Missing[0].Command; !strings.Contains(got, "flags:\n      - --drain\n      - a b\n") || !strings.Contains(got, "variant: special") {
		t.Error(got)
	}
	if got := a.Missing[1].Command; !strings.Contains(got, "flags:\n      - --drain\n      - a b\n") || !strings.Contains(got, "kind: exit") {
		t.Error(got)
	}
	f.Manifest = nil
	if a, err = Of([]folder.Folder{f}, n); err != nil || a.Missing[0].Command != "" || a.Missing[1].Command != "" {
		t.Errorf("%v %+v", err, a.Missing)
	}
}

// What a campaign's file says comes along: the user's own server, its ready check, a method and a body.
func TestCampaignFile(t *testing.T) {
	t.Parallel()
	w := wait(map[string]truth{"goroutine": base, "mine": base})
	w.edit = func(t *trial.Trial) { t.URL, t.WaitUs, t.Workload = "http://127.0.0.1:20001/x", trial.Float{}, "post" }
	f := w.folder()
	f.Campaign = []byte(`# as it was run
seed: 5
again: goroutine
server_cpus: 0-1
targets:
  - name: goroutine
    model: goroutine
    procs: 2
    flags: [--drain, 1s]
  - name: mine
    command: ./mine --port {port}
    ready:
      http: /healthz
workloads:
  - name: other
    path: /
    connections: 1
    slice: 50ms
  - name: post
    path: /x
    method: POST
    body: "{\"a\": 1}"
    connections: 64
    slice: 123ms
    rate: {share: 0.25}
`)
	f.Manifest.Command = []string{"compare", "--campaign", "/dev/stdin", "--out", "a b"}
	a, err := Of([]folder.Folder{f}, need("post", func(n *Need) { n.Connections, n.Rate = 5000, 1000 }))
	if err != nil || len(a.Missing) != 1 {
		t.Fatalf("%v %+v", err, a)
	}
	if want := "go run ./scripts/compare --campaign runs/c1/campaign.yaml --out 'a b'"; a.Measured[0].Command != want {
		t.Errorf("measured by %s, want %s", a.Measured[0].Command, want)
	}
	_, file, _ := strings.Cut(a.Missing[0].Command, "\n")
	got, err := spec.Parse("it", []byte(strings.TrimSuffix(file, "EOF")))
	if err != nil {
		t.Fatalf("%v\n%s", err, file)
	}
	want := []spec.Workload{{Name: "post", Path: "/x", Method: "POST", Body: `{"a": 1}`, Connections: 5000, Slice: 123 * time.Millisecond, Rate: spec.Rate{RPS: 1000}}}
	if !reflect.DeepEqual(got.Workloads, want) || got.Seed != 0 || got.ServerCPUs != "0-1" || len(got.Targets) != 2 || got.Targets[1].Ready.HTTP != "/healthz" ||
		!reflect.DeepEqual(got.Targets[0].Flags, []string{"--drain", "1s"}) {
		t.Errorf("%+v\n%s", got, file)
	}
}

// What is printed to ask again asks for the same: every flag, once, for a shell.
func TestAskAgain(t *testing.T) {
	t.Parallel()
	n := need("wait", func(n *Need) {
		n.Connections, n.Rate, n.Payload, n.P99, n.Memory, n.Cores = 5000, 20_000, 1024, 2500, 20<<20, 2
		n.Isolation, n.SharedState, n.Where, n.Simple, n.Objectives = true, true, map[string]string{"labels": "a b"}, []string{"goroutine"}, []string{"p99", "cpu_us_per_req"}
	})
	a := advise(t, n, wait(map[string]truth{"goroutine": base, "eventloop": base}))
	const want = "go run ./results choose --workload wait --connections 5000 --rate 20000 --payload 1024 --where 'labels=a b' --p99 2.5ms --memory 20971520 " +
		"--cores 2 --isolation process --shared-state --objective p99,cpu --code simple --simple goroutine runs/c1 NEW"
	if got := a.Missing[1].Then; got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := strings.Join(Need{Workloads: []Share{{"wait", 3}, {"spin", 0.5}}, Weighted: true, Closed: true, Blocking: true, Objectives: DefaultObjectives}.flags(), " "); got !=
		"--workload wait=3,spin=0.5 --rate closed --blocking" {
		t.Error(got)
	}
}

// What is asked of a load of its own is a campaign of it, of the targets that were not measured so.
func TestSpecialCampaigns(t *testing.T) {
	t.Parallel()
	a := advise(t, need("wait", func(n *Need) { n.Isolation, n.SharedState = true, true }), wait(map[string]truth{"goroutine": base, "eventloop": base, "mine": base}))
	if len(a.Missing) != 4 {
		t.Fatalf("%+v", a.Missing)
	}
	for i, want := range map[int]spec.Workload{
		1: {Name: "exit", Alone: true, Fresh: true, Measure: 1500 * time.Millisecond, Warmup: spec.DefaultWarmup, Path: "/plaintext", Connections: 64, Rate: spec.Rate{RPS: 2000},
			Fault: spec.Injection{Kind: "exit", After: 400 * time.Millisecond, New: 100}},
		3: {Name: "count", Alone: true, Count: true, Requests: 20_000, Measure: 10 * time.Second, Method: "POST", Path: "/count", Connections: 64},
	} {
		if !strings.Contains(a.Missing[i-1].What, " mine (no command") {
			t.Errorf("%+v", a.Missing[i-1])
		}
		_, file, _ := strings.Cut(a.Missing[i].Command, "\n")
		got, err := spec.Parse("it", []byte(strings.TrimSuffix(file, "EOF")))
		if err != nil {
			t.Fatalf("%v\n%s", err, file)
		}
		if !reflect.DeepEqual(got.Workloads, []spec.Workload{want}) || len(got.Targets) != 2 || got.Again != spec.None {
			t.Errorf("%+v", got)
		}
	}
}
