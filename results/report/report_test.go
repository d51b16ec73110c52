package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"modelbench/results/analysis"
	"modelbench/results/folder"
	"modelbench/results/report/pagetest"
	"modelbench/results/trial"
)

var defaults = analysis.Options{}

// files are the trials of the comparison's tests: every way in which there is little to say.
func files(t *testing.T) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join("..", "compare", "testdata", "*.csv"))
	if err != nil || len(list) < 5 {
		t.Fatal(list, err)
	}
	return list
}

// The same trials give the same bytes: a page can be compared with an earlier one.
func TestSameInput(t *testing.T) {
	t.Parallel()
	dir := fixture{[]string{"a", "b", "c"}, []string{"echo", "plaintext"}, 9, 1}.write(t)
	first, second := write(t, dir), write(t, dir)
	if first != second {
		t.Error("two pages of the same trials differ")
	}
}

// Nothing in a page leads out of it, and one of a default campaign, 300 trials, stays small enough to be sent by mail.
func TestSelfContained(t *testing.T) {
	t.Parallel()
	pages := map[string]string{"hostile": write(t, fixture{hostile, []string{"<w>", "plaintext", "spin", "wait", "mixed"}, 13, 2}.write(t))}
	for _, f := range files(t) {
		pages[f] = write(t, f)
	}
	for name, page := range pages {
		pagetest.SelfContained(t, name, page)
	}
}

// The policy names the hash of every script that is there, and of no other.
func TestPolicy(t *testing.T) {
	t.Parallel()
	pagetest.Policy(t, write(t, files(t)[0]))
}

// A script of this page that held its own end would be cut there.
func TestScriptsEndOnce(t *testing.T) {
	t.Parallel()
	for i, text := range newSheet().Scripts {
		if text := strings.ToLower(string(text)); strings.Contains(text, "</script") || strings.Contains(text, "<!--") {
			t.Errorf("script %d holds what ends or hides a script", i)
		}
	}
}

// Whoever cannot see the charts, or the page as a whole, finds their way.
func TestAccessible(t *testing.T) {
	t.Parallel()
	page := write(t, fixture{[]string{"a", "b", "c"}, []string{"echo", "plaintext"}, 6, 8}.write(t))
	pagetest.Accessible(t, page)
	if tables, charts := strings.Count(page, "<table"), strings.Count(page, `class="chart"`); tables < 4 || charts < 10 {
		t.Errorf("%d tables and %d charts", tables, charts)
	}
}

// Whatever a target is called, it is text: in the markup, and in the data, which a browser ends at the first </script.
func TestHostileNames(t *testing.T) {
	t.Parallel()
	page := write(t, fixture{hostile, []string{"<w>", "plaintext"}, 6, 3}.write(t))
	if n := strings.Count(page, "<script"); n != 4 {
		t.Errorf("%d scripts begin, not 4", n)
	}
	if strings.Contains(pagetest.Markup(page), "<img") || strings.Contains(pagetest.Markup(page), "<w>") {
		t.Error("a name became an element")
	}
	text := regexp.MustCompile(`(?s)<script type="application/json" id="data">(.*?)</script>`).FindStringSubmatch(page)
	var d data
	if err := json.Unmarshal([]byte(text[1]), &d); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, m := range d.Marks {
		found[m.Target] = true
	}
	for _, name := range hostile {
		if !found[name] {
			t.Errorf("the charts know no %q", name)
		}
		if !strings.Contains(html.UnescapeString(pagetest.Markup(page)), name) {
			t.Errorf("the tables know no %q", name)
		}
	}
}

// The page says what the analysis says, and lists every trial with its verdict.
func TestContent(t *testing.T) {
	t.Parallel()
	dir := fixture{[]string{"a", "b", "c"}, []string{"echo", "plaintext"}, 9, 4}.write(t)
	sources := load(t, dir)
	page := html.UnescapeString(pagetest.Markup(write(t, dir)))
	a, err := analysis.Of(sources[0].Trials, defaults)
	if err != nil {
		t.Fatal(err)
	}
	wants := []string{"--seed 7 'a b'", "abcdef", "0a1b2c3d", "8.00 GiB", "0123456789ab", "--x '<y>'", "a note <b>", "a failure </p>", "interrupted",
		"A/A: a target against itself", "2 of 64 trials may not be believed", "2 drift", "the fixed kernel took 9% <longer>", "20.0k/s for every target",
		"./own --port '{port}'", "was up at http://127.0.0.1:1/", "(built from v1)", "0-1", "2026-11-23 13:00:00 UTC, from block 3 on",
		"24 measured; in 2 the machine changed its speed", "c was not measured in echo: it answers GET /x with <404>.",
		"8 trials are of blocks that were not finished: left out", "72 trials of c1, a row each, with the 8 of blocks that were not finished"}
	for _, wl := range a.Workloads {
		wants = append(wants, wl.Title, wl.Sentence())
		wants = append(wants, wl.Notes()...)
		for _, s := range wl.Sections {
			for _, r := range s.Rows[1:] {
				ratio, interval := r.Versus.RatioText()
				wants = append(wants, ratio, interval, s.Measure.VerdictText(r.Versus))
			}
		}
	}
	for _, want := range wants {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if strings.Contains(page, "secret") {
		t.Error("the page tells a target's environment")
	}
	for _, tr := range sources[0].Trials {
		if strings.Count(page, `data-trial="`+tr.TrialID+`"`) != 1 {
			t.Errorf("trial %s is not listed once", tr.TrialID)
		}
	}
	if n := strings.Count(page, `<tr data-trial=`); n != len(sources[0].Trials) {
		t.Errorf("%d trials are listed of %d", n, len(sources[0].Trials))
	}
}

// What can be downloaded is the file itself, byte by byte, and the analysis.
func TestDownloads(t *testing.T) {
	t.Parallel()
	dir := fixture{[]string{"a", "b"}, []string{"echo"}, 6, 5}.write(t)
	raw, err := os.ReadFile(filepath.Join(dir, folder.TrialsName))
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`download="([^"]*)" href="data:[^,]*;base64,([^"]*)"`).FindAllStringSubmatch(write(t, dir), -1)
	if len(found) != 3 || found[0][1] != "trials.csv" || found[1][1] != "campaign.yaml" || found[2][1] != "analysis.json" {
		t.Fatalf("%d downloads", len(found))
	}
	decode := func(m []string) []byte {
		text, err := base64.StdEncoding.DecodeString(html.UnescapeString(m[2]))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	if !bytes.Equal(decode(found[0]), raw) {
		t.Error("the CSV is another one")
	}
	if got := string(decode(found[1])); got != "seed: 7\n" {
		t.Errorf("the campaign is %q", got)
	}
	var back struct{ Workloads []struct{ Title string } }
	if err := json.Unmarshal(decode(found[2]), &back); err != nil || len(back.Workloads) != 1 || back.Workloads[0].Title == "" {
		t.Errorf("%+v, %v", back, err)
	}
}

// What cannot be reported, and what can although it says little.
func TestLittle(t *testing.T) {
	t.Parallel()
	if err := Write(&bytes.Buffer{}, nil, defaults); !errors.Is(err, analysis.ErrNothing) {
		t.Errorf("no trials: %v", err)
	}
	page := pagetest.Markup(write(t, filepath.Join("..", "compare", "testdata", "nothing.csv")))
	for _, want := range []string{"No trial of this workload holds a measure that may be believed", "12% of the requests failed", "There is no manifest"} {
		if !strings.Contains(html.UnescapeString(page), want) {
			t.Errorf("the page of no believed trial does not say %q", want)
		}
	}
}

// Two campaigns are one page, with the machine and the rows of each.
func TestSeveral(t *testing.T) {
	t.Parallel()
	first := fixture{[]string{"a", "b"}, []string{"echo"}, 7, 6}.write(t)
	page := write(t, first, filepath.Join("..", "compare", "testdata", "campaign.csv"))
	for _, want := range []string{`download="trials-1.csv"`, `download="trials-2.csv"`, "<h3>c1</h3>", "<h3>campaign.csv</h3>"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
}

// A log of histograms that is none is an error, not a page without curves.
func TestForeignHistograms(t *testing.T) {
	t.Parallel()
	dir := fixture{[]string{"a", "b"}, []string{"echo"}, 2, 7}.write(t)
	path := filepath.Join(dir, folder.HistogramsName)
	if err := os.WriteFile(path, []byte("something else\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := folder.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(f); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("error %v", err)
	}
}

// Every verdict of a trial is counted aloud, the good ones first.
func TestVerdictCounts(t *testing.T) {
	t.Parallel()
	var members []analysis.Member
	for _, v := range []string{trial.VerdictDrift, "", trial.VerdictOK, trial.VerdictDrift} {
		members = append(members, analysis.Member{Trial: trial.Trial{Verdict: v}})
	}
	if got, want := fmt.Sprint(verdictCounts([][]analysis.Member{members})), "[{ok 1} {drift 2} {without a verdict 1}]"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
