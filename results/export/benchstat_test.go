package export

import (
	"math"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
	"golang.org/x/perf/benchproc"
	"golang.org/x/perf/benchunit"
	"pgregory.net/rapid"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// readBack reads what benchstat would, with its own library. An error of syntax fails the test.
func readBack(t interface {
	Fatalf(string, ...any)
}, text string) (results []*benchfmt.Result, units benchfmt.UnitMetadataMap) {
	r := benchfmt.NewReader(strings.NewReader(text), "export")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			results = append(results, rec.Clone())
		case *benchfmt.SyntaxError:
			t.Fatalf("%v in\n%s", rec, text)
		}
	}
	if err := r.Err(); err != nil {
		t.Fatalf("%v", err)
	}
	return results, r.Units()
}

func TestBenchstatReadsUnits(t *testing.T) {
	t.Parallel()
	tr := sample()[0]
	tr.LatP90Us, tr.LatP999Us = trial.F(2), trial.F(3)
	results, units := readBack(t, write(t, "benchstat", input([]trial.Trial{tr}, false)))
	if len(results) != 1 {
		t.Fatalf("%d results", len(results))
	}
	r := results[0]
	if r.Iters != 38214 || string(r.Name.Base()) != "Plaintext" || r.GetConfig("cpu") != "Example CPU @ 2GHz" || r.GetConfig("kernel") != "6.1.0" || r.GetConfig("cpus") != "2" {
		t.Errorf("%s %d, %v", r.Name, r.Iters, r.Config)
	}
	for _, c := range []struct {
		unit   string
		value  float64
		better int
		class  benchunit.Class
	}{
		{"req/s", 90121.5, 1, benchunit.Decimal},
		{"cpu-sec/req", 7.3305e-6, -1, benchunit.Decimal},
		{"p50-sec", 10.2e-6, -1, benchunit.Decimal},
		{"p90-sec", 2e-6, -1, benchunit.Decimal},
		{"p99-sec", 0.1e-6, -1, benchunit.Decimal},
		{"p99.9-sec", 3e-6, -1, benchunit.Decimal},
		{"pss-bytes", 19713229, -1, benchunit.Binary},
	} {
		got, ok := r.Value(c.unit)
		if !ok || !near(got, c.value) {
			t.Errorf("%s: %v, want %v", c.unit, got, c.value)
		}
		if units.GetBetter(c.unit) != c.better || benchunit.ClassOf(c.unit) != c.class || units.Get(c.unit, "assume").Value != "nothing" {
			t.Errorf("%s: better %d, class %v", c.unit, units.GetBetter(c.unit), benchunit.ClassOf(c.unit))
		}
	}
	if len(r.Values) != len(benchUnits) || len(benchUnits) != len(analysis.Measures) {
		t.Errorf("%d values, %d units, %d measures", len(r.Values), len(benchUnits), len(analysis.Measures))
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-15*math.Abs(a+b) }

// Digits are those of the file of trials, moved.
func TestShift(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v       float64
		decades int
		want    float64
	}{{10.2, 3, 10200}, {0.1, 3, 100}, {7.3305, 3, 7330.5}, {5, 0, 5}, {-1.1, 3, -1100}, {1e308, 3, math.Inf(1)}} {
		if got := shift(c.v, c.decades); got != c.want {
			t.Errorf("%v by %d is %v, want %v", c.v, c.decades, got, c.want)
		}
	}
}

// Whatever targets, workloads and machines are called: each believed trial is one line with its values, and the name's parts
// are its factors. Two targets never share a name.
func TestBenchstatAnyName(t *testing.T) {
	t.Parallel()
	word := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a b", "a/b", "x-4", "-4", "a=b", "ä\u00a0ö", "1\n2", "\u2028", "\xff\xfe", "%", "Benchmark", "Unit", "cpu: x"}))
	rapid.Check(t, func(t *rapid.T) {
		var trials []trial.Trial
		var valid []int
		for i := range rapid.IntRange(1, 6).Draw(t, "trials") {
			tr := trial.Trial{CampaignID: word.Draw(t, "campaign"), Target: word.Draw(t, "target"), Workload: word.Draw(t, "workload"),
				Variant: word.Draw(t, "variant"), Fault: word.Draw(t, "fault"), Block: trial.I(i), Completed: trial.I(rapid.Int64Range(0, 1<<40).Draw(t, "completed")),
				ServerCPUUsPerReq: trial.F(rapid.Float64Range(1e-9, 1e12).Draw(t, "cpu")),
				Verdict:           rapid.SampledFrom([]string{trial.VerdictOK, trial.VerdictOK, trial.VerdictErrors}).Draw(t, "verdict")}
			if key := word.Draw(t, "label"); key != "" {
				labels, err := tr.Labels.With(key, word.Draw(t, "value"))
				if err != nil {
					t.Fatal(err)
				}
				tr.Labels = labels
			}
			tr.CPUModel, tr.Kernel, tr.GitRev = word.Draw(t, "cpu model"), word.Draw(t, "kernel"), word.Draw(t, "revision")
			if tr.Verdict == trial.VerdictOK {
				valid = append(valid, i)
			}
			trials = append(trials, tr)
		}
		var b strings.Builder
		if err := Benchstat(&b, input(trials, false)); err != nil {
			t.Fatal(err)
		}
		results, _ := readBack(t, b.String())
		if len(results) != len(valid) {
			t.Fatalf("%d results of %d trials in\n%s", len(results), len(valid), b.String())
		}
		names := analysis.TargetNames(trials)
		nameOf := map[string]string{}
		for i, r := range results {
			tr := trials[valid[i]]
			v, _ := tr.ServerCPUUsPerReq.Get()
			if got, ok := r.Value("cpu-sec/req"); !ok || !near(got, v*1e-6) || int64(r.Iters) != max(1, tr.Completed.Or(0)) {
				t.Fatalf("%s %d: %v, want %v", r.Name, r.Iters, got, v*1e-6)
			}
			_, parts := r.Name.Parts()
			labels, _ := tr.Labels.Map()
			want := 1 + len(labels)
			if tr.Fault != "" {
				want++
			}
			if len(parts) != want || !strings.HasPrefix(string(parts[0]), "/target=") {
				t.Fatalf("%q has the parts %q", r.Name, parts)
			}
			target := string(parts[0])
			if known, seen := nameOf[target]; seen && known != names[valid[i]] {
				t.Fatalf("%q and %q are both %s", known, names[valid[i]], target)
			}
			nameOf[target] = names[valid[i]]
		}
	})
}

// benchstat -col /target sees one row with a column for each target; -all adds a verdict.
func TestBenchstatProjects(t *testing.T) {
	t.Parallel()
	trials := []trial.Trial{sample()[0], sample()[0], sample()[0]}
	trials[1].Target, trials[1].Model, trials[1].Loops, trials[1].URL = "eventloop-1", "eventloop", trial.I(1), "http://127.0.0.1:1/"
	trials[2].Target, trials[2].Verdict = "prefork", trial.VerdictErrors
	results, _ := readBack(t, write(t, "benchstat", input(trials, true)))
	var parser benchproc.ProjectionParser
	col, err := parser.Parse("/target", nil)
	if err != nil {
		t.Fatal(err)
	}
	verdict, err := parser.Parse("/verdict", nil)
	if err != nil {
		t.Fatal(err)
	}
	row, err := parser.Parse(".fullname", nil)
	if err != nil {
		t.Fatal(err)
	}
	table, err := parser.Parse(".config", nil)
	if err != nil {
		t.Fatal(err)
	}
	var cols, verdicts []string
	rows, tables := map[benchproc.Key]bool{}, map[benchproc.Key]bool{}
	for _, r := range results {
		cols = append(cols, col.Project(r).StringValues())
		verdicts = append(verdicts, verdict.Project(r).StringValues())
		rows[row.Project(r)], tables[table.Project(r)] = true, true
	}
	if !slices.Equal(cols, []string{"goroutine", "eventloop-1", "prefork"}) || !slices.Equal(verdicts, []string{"ok", "ok", "errors"}) {
		t.Errorf("columns %q, verdicts %q", cols, verdicts)
	}
	if len(rows) != 1 || len(tables) != 1 {
		t.Errorf("%d rows, %d tables", len(rows), len(tables))
	}
}
