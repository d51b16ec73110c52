package choosing

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"modelbench/results/choose"
	"modelbench/results/claims/complexity"
	"modelbench/results/folder"
	"modelbench/results/trial"
	"modelbench/scripts/campaign/spec"
)

// Each question asks for what an experiment of the claims measures, of targets that take part in it.
func TestDefaultAsksForWhatIsMeasured(t *testing.T) {
	t.Parallel()
	factors, err := Parse(Default)
	if err != nil || len(factors) != 4 {
		t.Fatalf("%d factors, %v", len(factors), err)
	}
	experiment := func(name string) spec.Campaign {
		text, err := os.ReadFile("../../scripts/claims/experiments/" + name + ".yaml")
		if err != nil {
			t.Fatal(err)
		}
		c, err := spec.Parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	for _, f := range factors {
		for _, q := range f.Questions {
			n := q.Need()
			c := experiment(q.Experiment)
			found := slices.ContainsFunc(c.Workloads, func(w spec.Workload) bool {
				return w.Name == n.Workloads[0].Workload && (n.Connections == 0 || n.Connections == int64(w.Connections)) &&
					!slices.ContainsFunc(n.Targets, func(name string) bool {
						return !w.TakesPart(name) || !slices.ContainsFunc(c.Targets, func(t spec.Target) bool { return t.Name == name })
					})
			})
			if !found {
				t.Errorf("%s: %s does not measure %s of %v", q.Question, q.Experiment, n.Workloads[0].Workload, n.Targets)
			}
		}
	}
}

// cpu are the CPU microseconds of a request, by workload and target; throughput is the inverse.
type world map[string]map[string]float64

func (w world) folders() []folder.Folder {
	models := map[byte]string{'S': "goroutine", 'T': "goroutine", 'P': "prefork", 'A': "eventloop"}
	var all []folder.Folder
	for workload, targets := range w {
		f := folder.Folder{Claims: "OUT", Path: "OUT/" + workload, Manifest: &folder.Manifest{CampaignID: workload}}
		for name, cpu := range targets {
			model := models[name[0]]
			f.Manifest.Targets = append(f.Manifest.Targets, folder.Target{Name: name, Binary: model, Args: []string{"--procs", "2"}})
			for b := 1; b <= 12; b++ {
				noise := 1 + 0.002*math.Sin(float64(b*len(name)+int(name[0])))
				t := trial.Trial{CampaignID: workload, TrialID: fmt.Sprintf("%s/%d/%s", workload, b, name), Block: trial.I(b), Target: name, Model: model, Procs: trial.I(2),
					Workload: workload, URL: "http://127.0.0.1:1/task", Connections: trial.I(16), Arrivals: trial.ArrivalsClosed, Verdict: trial.VerdictOK,
					ServerCPUUsPerReq: trial.F(cpu * noise), ThroughputRPS: trial.F(1e6 / cpu * noise), LatP99Us: trial.F(cpu * noise), ServerPSSBytes: trial.I(int64(cpu * 1e6 * noise))}
				f.Trials = append(f.Trials, t)
			}
		}
		all = append(all, f)
	}
	return all
}

const two = `
factors:
  - name: load
    asks: How much?
    questions:
      - {question: waits, experiment: e, choose: {workload: wait, objective: throughput}}
      - {question: computes, experiment: e, choose: {workload: [spin], objective: [cpu]}}
      - {question: little code, experiment: e, choose: {workload: wait, objective: cpu, target: [T, P], code: simple}}
      - {question: in little memory, experiment: e, choose: {workload: wait, memory: 1MiB}}
      - {question: nobody knows, experiment: e, choose: {workload: unheard-of}}
`

func answers(t *testing.T, w world) []Answered {
	t.Helper()
	factors, err := Parse([]byte(two))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var b bytes.Buffer
	rows := []complexity.Row{{Model: "goroutine", Folder: "a", Lines: 50}, {Model: "prefork", Folder: "b", Lines: 60}}
	if err := complexity.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, complexity.FileName), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	folders := w.folders()
	for i := range folders {
		folders[i].Claims = dir
	}
	all, err := Of(folders, "OUT", factors)
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	all := answers(t, world{"wait": {"T": 40, "P": 40, "A": 30}, "spin": {"T": 40, "P": 60, "A": 80}})
	got := all[0]
	for i, want := range []Answer{
		{Outcome: choose.Recommendation, Targets: []string{"A"}, Command: "go run ./results choose --workload wait --objective throughput OUT"},
		{Outcome: choose.Recommendation, Targets: []string{"T"}, Command: "go run ./results choose --workload spin --objective cpu OUT"},
		{Outcome: choose.Tie, Targets: []string{"P", "T"}, Preferred: []string{"T"}, Command: "go run ./results choose --workload wait --target T,P --objective cpu --code simple OUT"},
		{Outcome: choose.None, Command: "go run ./results choose --workload wait --memory 1048576 OUT"},
		{Outcome: choose.Undecided, Command: "go run ./results choose --workload unheard-of OUT"},
	} {
		a := got.Answers[i]
		if a.Outcome != want.Outcome || a.Command != want.Command || strings.Join(a.Targets, " ") != strings.Join(want.Targets, " ") || strings.Join(a.Preferred, " ") != strings.Join(want.Preferred, " ") {
			t.Errorf("%s: %+v, want %+v", a.Question, a, want)
		}
		if a.Decided() != (len(a.Because) > 0) || (a.Outcome == choose.None) != (len(a.Rejected) == 3) {
			t.Errorf("%s: because %q, rejected %q", a.Question, a.Because, a.Rejected)
		}
	}
	if got.Decided != 3 || len(got.Always) != 0 || !strings.HasPrefix(got.Conclusion, "it matters: ") {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(got.Answers[2].Answer, "T 50 lines") {
		t.Error(got.Answers[2].Answer)
	}
}

// One that is best in all questions is said to be.
func TestOneForAll(t *testing.T) {
	t.Parallel()
	got := answers(t, world{"wait": {"T": 30, "P": 40, "A": 50}, "spin": {"T": 40, "P": 60, "A": 80}})[0]
	if !slices.Equal(got.Always, []string{"T"}) || got.Conclusion != "T would do for all questions that it was asked in, of the 3 that were answered" {
		t.Errorf("%+v", got)
	}
	got = answers(t, world{"wait": {"T": 30}})[0]
	if got.Decided != 1 || len(got.Always) != 0 || !strings.Contains(got.Conclusion, "too few") {
		t.Errorf("%+v", got)
	}
}

func TestText(t *testing.T) {
	t.Parallel()
	all := answers(t, world{"wait": {"T": 40, "P": 40, "A": 30}, "spin": {"T": 40, "P": 60, "A": 80}})
	var text bytes.Buffer
	if err := Text(&text, all); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"Load. How much?\n", "\n  waits:\n    Recommendation: A: it beats P and T on throughput.\n    go run ./results choose ", "\n  So it matters: no target is"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q lacks %q", text.String(), want)
		}
	}
}

// FORMAT.md speaks of every key.
func TestFormatPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := JSON(&b, []Answered{}); err != nil || !json.Valid(b.Bytes()) {
		t.Errorf("%s %v", b.Bytes(), err)
	}
	for _, of := range []reflect.Type{reflect.TypeFor[Answered](), reflect.TypeFor[Answer]()} {
		for i := range of.NumField() {
			if key, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ","); !bytes.Contains(page, []byte("`"+key+"`")) {
				t.Errorf("FORMAT.md says nothing of %q", key)
			}
		}
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	question := func(choose string) string {
		return "factors: [{name: a, asks: b, questions: [{question: c, experiment: e, choose: {" + choose + "}}]}]"
	}
	for want, text := range map[string]string{
		"no factors":                 "factors: []",
		"needs a name and questions": "factors: [{name: a}]",
		`unknown field "colour"`:     question("workload: wait, colour: red"),
		"--workload: name at least":  question("connections: 3"),
		`--objective: "speed"`:       question("workload: wait, objective: speed"),
		`isolation: "thread" is not`: question("workload: wait, isolation: thread"),
		`memory: "lots" is no size`:  question("workload: wait, memory: lots"),
		`--rate: "fast" is no rate`:  question("workload: wait, rate: fast"),
		"it needs words":             "factors: [{name: a, asks: b, questions: [{question: c, choose: {workload: wait}}]}]",
		`"verdict" is not a column`:  question("workload: wait, where: {verdict: ok}"),
	} {
		if _, err := Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
