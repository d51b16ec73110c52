package export

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/trial"
)

var update = flag.Bool("update", false, "rewrite testdata")

// sample is trials of every kind: believed, believed in part, and not at all; with and without each factor.
func sample() []trial.Trial {
	full := trial.Trial{SchemaVersion: trial.I(trial.SchemaVersion), CampaignID: "c", TrialID: "c/1/plaintext/goroutine", Block: trial.I(1), OrderInBlock: trial.I(1),
		Seed: trial.I(int64(9007199254740993)), StartedAt: trial.T(time.Date(2026, 11, 23, 16, 9, 22, 475e6, time.UTC)),
		Target: "goroutine", Model: "goroutine", Workload: "plaintext", URL: "http://127.0.0.1:8081/plaintext", Procs: trial.I(2),
		Connections: trial.I(64), Pipeline: trial.I(1), Arrivals: trial.ArrivalsClosed, Keepalive: trial.B(true), Completed: trial.I(38214), Due: trial.I(38214),
		ThroughputRPS: trial.F(90121.5), LatP50Us: trial.F(10.2), LatP99Us: trial.F(0.1), ServerCPUUsPerReq: trial.F(7.3305), ServerPSSBytes: trial.I(19713229),
		ClientCPUShare: trial.F(0.25), Verdict: trial.VerdictOK}
	full.HostID, full.Kernel, full.CPUModel, full.CPUs = "0a1b2c3d", "6.1.0", "Example CPU @ 2GHz", trial.I(2)
	full.CellID = trial.CellID(full)
	with := func(id string, change func(*trial.Trial)) trial.Trial {
		t := full
		change(&t)
		t.TrialID, t.CellID = "c/1/"+id, trial.CellID(t)
		return t
	}
	return []trial.Trial{
		full,
		with("client_bound", func(t *trial.Trial) {
			t.Target, t.Verdict, t.VerdictReason = "prefork", trial.VerdictClientBound, "at its limit"
		}),
		with("errors", func(t *trial.Trial) {
			t.Target, t.Verdict, t.VerdictReason = "prefork", trial.VerdictErrors, `12% "reset", so`
		}),
		with("open", func(t *trial.Trial) {
			t.Target, t.Workload, t.Arrivals, t.OfferedRPS, t.Labels = "eventloop-1", "wait", trial.ArrivalsPoisson, trial.F(6400), "gc=off;note=a b"
			t.WaitUs, t.HostID, t.Completed = trial.F(10000), "ffffffff", trial.Int{}
		}),
		with("empty", func(t *trial.Trial) { *t = trial.Trial{CampaignID: "c2"} }),
	}
}

func input(trials []trial.Trial, all bool) Input {
	return Input{Folders: []folder.Folder{{Path: "trials.csv", CSV: "trials.csv", Trials: trials}}, All: all}
}

func write(t testing.TB, format string, in Input) string {
	t.Helper()
	var b bytes.Buffer
	if err := Formats[format](&b, in); err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	return b.String()
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for format := range Formats {
		for suffix, all := range map[string]bool{"": false, "-all": true} {
			path := filepath.Join("testdata", "trials"+suffix+"."+format)
			got := write(t, format, input(sample(), all))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s: got\n%s\nwant\n%s", path, got, want)
			}
		}
	}
}

func TestDoubts(t *testing.T) {
	t.Parallel()
	got := strings.Join(input(sample(), false).Doubts(), "\n")
	want := "2 of 5 trials left out: 1 without a verdict, 1 errors; --all keeps them\n" +
		"1 of 5 trials without throughput and latency, of which only what the server spent may be believed: 1 client_bound"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if d := input(sample(), true).Doubts(); d != nil {
		t.Errorf("with --all: %q", d)
	}
	for name, in := range map[string]Input{"none": {}, "not believed": input(sample()[2:3], false)} {
		if err := in.Check(); !errors.Is(err, analysis.ErrNothing) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := input(sample()[2:3], true).Check(); err != nil {
		t.Error(err)
	}
}

// Every figure that was measured is in the CSV and in the JSON, digit by digit, and no other; of what is not believed
// none.
func TestNumbersSurvive(t *testing.T) {
	t.Parallel()
	for _, all := range []bool{false, true} {
		in := input(sample(), all)
		rows, err := csv.NewReader(strings.NewReader(write(t, "csv", in))).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		at := map[string]int{}
		for i, name := range rows[0] {
			at[name] = i
		}
		found := map[string]string{}
		for _, row := range rows[1:] {
			key := row[at["campaign_id"]] + row[at["trial_id"]] + " " + row[at["measure"]]
			if _, twice := found[key]; twice {
				t.Errorf("%s is there twice", key)
			}
			found[key] = row[at["value"]]
		}
		var doc struct{ Trials []map[string]json.RawMessage }
		if err := json.Unmarshal([]byte(write(t, "json", in)), &doc); err != nil {
			t.Fatal(err)
		}
		kept := 0
		for _, tr := range in.trials() {
			if !in.keeps(tr) {
				continue
			}
			object := doc.Trials[kept]
			kept++
			for _, c := range trial.Columns() {
				value := c.Text(tr)
				if got := string(object[c.Name]); kinds[c.Name] == number && got != value && !(got == "null" && value == "") {
					t.Errorf("JSON, trial %s: %s is %s, want %q", tr.TrialID, c.Name, got, value)
				}
				key := tr.CampaignID + tr.TrialID + " " + c.Name
				if want := measured(c) && value != "" && (all || stands(tr, c.Name)); (found[key] == value) != want && value != "" {
					t.Errorf("CSV, trial %s: %s is %q, want %q: %v", tr.TrialID, c.Name, found[key], value, want)
				}
				delete(found, key)
			}
		}
		if len(doc.Trials) != kept || len(found) > 0 {
			t.Errorf("%d trials in the JSON, want %d; rows of none: %v", len(doc.Trials), kept, found)
		}
	}
}

// A column of the CSV holds one type, under conditions that leave none empty.
func TestColumnsAreOfOneType(t *testing.T) {
	t.Parallel()
	header := csvHeader()
	for _, c := range trial.Columns() {
		if csvColumn(c) && measured(c) {
			t.Errorf("%s is both a column and a measure", c.Name)
		}
		if u := unit(c.Name); measured(c) && u == "1" && strings.HasPrefix(c.Name, "lat_") {
			t.Errorf("%s has no unit", c.Name)
		}
	}
	if n := len(header); !reflect.DeepEqual(header[n-3:], []string{"measure", "unit", "value"}) {
		t.Errorf("the header ends with %q", header[n-3:])
	}
}

func TestManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := trial.Append(filepath.Join(dir, folder.TrialsName), sample()...); err != nil {
		t.Fatal(err)
	}
	manifest := `{"campaign_id":"c","later":[1,{"x":12345678901234567890}]}`
	if err := os.WriteFile(filepath.Join(dir, folder.ManifestName), []byte(manifest), 0o644); err != nil {
		t.Fatal(err)
	}
	f, err := folder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	var compact bytes.Buffer
	if err := json.Compact(&compact, []byte(write(t, "json", Input{Folders: []folder.Folder{f}}))); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(compact.String(), `"manifest":`+manifest) {
		t.Errorf("the manifest is not as it was:\n%s", compact.String()[:300])
	}
}

// The page describes every key and column.
func TestFormatPage(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, afterCSV, _ := strings.Cut(string(page), "## `--csv`")
	ofCSV, ofJSON, _ := strings.Cut(afterCSV, "## `--json`")
	check := func(section, text string, keys []string) {
		for _, key := range keys {
			if !strings.Contains(text, "`"+key+"`") {
				t.Errorf("%s: FORMAT.md says nothing of %q", section, key)
			}
		}
	}
	check("csv", ofCSV, csvHeader())
	var doc map[string]any
	if err := json.Unmarshal([]byte(write(t, "json", input(sample(), true))), &doc); err != nil {
		t.Fatal(err)
	}
	keys := keysOf(doc)
	for _, list := range []string{"campaigns", "trials"} {
		keys = append(keys, keysOf(doc[list].([]any)[0].(map[string]any))...)
	}
	check("json", ofJSON, keys)
	for _, m := range analysis.Measures {
		check("benchstat", string(page), []string{benchUnits[m.Key].unit})
	}
}

func keysOf(object map[string]any) (keys []string) {
	for key := range object {
		keys = append(keys, key)
	}
	return keys
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

func TestFullDisk(t *testing.T) {
	t.Parallel()
	for format, write := range Formats {
		if err := write(full{}, input(sample(), true)); err == nil || !strings.Contains(err.Error(), "no space left") {
			t.Errorf("%s: %v", format, err)
		}
	}
}
