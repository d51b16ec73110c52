package article

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"io"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"modelbench/results/claims"
	"modelbench/results/report/pagetest"
)

// example is a folder of claims as it was read, and its page.
type example struct {
	Source
	Page string
}

// wholeOnce is one in which everything was measured, CPython too. It is made once: asking it what to choose takes a while.
var wholeOnce sync.Once

var wholeExample example

func whole(t *testing.T) example {
	t.Helper()
	wholeOnce.Do(func() {
		dir := fixture{blocks: 12, seed: 3, python: true}.write(t)
		s, doubts, err := Load(dir)
		if err != nil || len(doubts) > 0 {
			t.Fatal(err, doubts)
		}
		wholeExample = example{s, written(t, s)}
	})
	if wholeExample.Page == "" {
		t.Fatal("the example could not be made")
	}
	return wholeExample
}

// What holds for any page holds for this one, in full and with next to nothing in it; and the same folder gives the same bytes.
func TestPage(t *testing.T) {
	t.Parallel()
	all := whole(t)
	page := all.Page
	if again := written(t, all.Source); again != page {
		t.Error("two pages of one folder differ")
	}
	few := write(t, fixture{blocks: 2, seed: 4, drop: []string{"cpu", "faults", "interference", "start", "idle"}}.write(t))
	for name, p := range map[string]string{"whole": page, "few": few} {
		pagetest.SelfContained(t, name, p)
		pagetest.Accessible(t, p)
		pagetest.Policy(t, p)
	}
	for _, text := range newSheet().Scripts {
		if text := strings.ToLower(string(text)); strings.Contains(text, "</script") || strings.Contains(text, "<!--") {
			t.Error("a script holds what ends or hides one")
		}
	}
}

// Every claim is on the page twice, at a glance and in full, with the verdict that the report gives it, and every figure of every test.
func TestSaysWhatTheReportSays(t *testing.T) {
	t.Parallel()
	s := whole(t)
	page := pagetest.Markup(s.Page)
	if len(s.Report.Findings) != 28 {
		t.Fatalf("%d claims", len(s.Report.Findings))
	}
	for _, f := range s.Report.Findings {
		id := "claim-" + strconv.Itoa(f.Claim.ID)
		row := between(t, page, `<a href="#`+id+`">`, "</tr>")
		card := between(t, page, `id="`+id+`"`, "</article>")
		for name, text := range map[string]string{"row": row, "card": card} {
			if !strings.Contains(text, f.Claim.Claim) {
				t.Errorf("claim %d: its %s has other words: %s", f.Claim.ID, name, text)
			}
			if got := verdictIn(t, text); got != string(f.Verdict) {
				t.Errorf("claim %d: its %s says %s, the report %s", f.Claim.ID, name, got, f.Verdict)
			}
		}
		for _, want := range []string{f.Claim.Place, f.Claim.Python, f.Claim.Go, strconv.Itoa(f.Trials) + " trial"} {
			if want != "0 trial" && !strings.Contains(card, want) {
				t.Errorf("claim %d does not say %q", f.Claim.ID, want)
			}
		}
		tests := strings.Split(card, `<li class="test`)[1:]
		if len(tests) != len(f.Outcomes) {
			t.Fatalf("claim %d shows %d tests of %d", f.Claim.ID, len(tests), len(f.Outcomes))
		}
		for i, o := range f.Outcomes {
			checkTest(t, f.Claim.ID, tests[i], o)
		}
	}
}

// checkTest compares what a card says of a test with its outcome.
func checkTest(t *testing.T, id int, text string, o claims.Outcome) {
	t.Helper()
	estimate, interval := o.Figure()
	wants := []string{o.Test.Name, estimate, interval, o.Test.Threshold()}
	if o.Test.Decides() {
		wants = append(wants, o.Chance())
	}
	if o.Python != nil {
		estimate, interval := o.Python.Figure()
		wants = append(wants, "CPython", estimate, interval)
	}
	for _, w := range wants {
		if w != "" && !strings.Contains(text, w) {
			t.Errorf("claim %d, %s: it does not say %q: %s", id, o.Test.Name, w, text)
		}
	}
	if !strings.Contains(text, `#i-`+icon(string(o.Answer))+`"`) {
		t.Errorf("claim %d, %s: no icon of %s", id, o.Test.Name, o.Answer)
	}
	if w := o.Test.Quantity.Winners; w != nil {
		for _, c := range o.Cells {
			if n := strings.Count(text, "beaten</td>"); n == 0 && len(c.Beaten) > 0 {
				t.Errorf("claim %d: %v are beaten in %v, and nobody on the page", id, c.Beaten, c.Cell)
			}
		}
		return
	}
	if chart := strings.Contains(text, `data-chart="test"`); chart != (len(o.Values) > 0 && o.Test.Quantity.Count == nil) {
		t.Errorf("claim %d, %s: chart %v with %d values", id, o.Test.Name, chart, len(o.Values))
	}
}

// between is what follows a text up to another one, the entities read.
func between(t *testing.T, page, from, to string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, from)
	if !found {
		t.Fatalf("the page has no %q", from)
	}
	text, _, _ := strings.Cut(rest, to)
	return html.UnescapeString(text)
}

var verdictForm = regexp.MustCompile(`<span class="verdict [^"]*"><svg.*?</svg>([a-z ]+)</span>`)

func verdictIn(t *testing.T, text string) string {
	t.Helper()
	m := verdictForm.FindStringSubmatch(text)
	if m == nil {
		t.Fatalf("no verdict in %s", text)
	}
	return m[1]
}

// The tally counts all claims, each once.
func TestTally(t *testing.T) {
	t.Parallel()
	var findings []claims.Finding
	for i, v := range verdicts {
		for range i {
			findings = append(findings, claims.Finding{Verdict: v.verdict})
		}
	}
	for i, c := range tally(findings) {
		if c.Claims != i || c.Verdict != verdicts[i].verdict {
			t.Errorf("%d claims are %s, not %d", c.Claims, c.Verdict, i)
		}
	}
}

// Verdicts and answers that mean different things have different icons.
func TestIcons(t *testing.T) {
	t.Parallel()
	seen := map[string]claims.Verdict{}
	for _, v := range verdicts {
		name := icon(string(v.verdict))
		if other, has := seen[name]; has {
			t.Errorf("%s and %s look alike", v.verdict, other)
		}
		seen[name] = v.verdict
		if !strings.Contains(asset("parts.html"), `<symbol id="i-`+name+`"`) {
			t.Errorf("%s has no symbol", name)
		}
	}
}

// Every trial is listed once, those that may not be believed as such, and the links of a test lead to its own.
func TestTrials(t *testing.T) {
	t.Parallel()
	s := whole(t)
	page := pagetest.Markup(s.Page)
	n := 0
	for _, e := range s.Experiments {
		for _, one := range e.Trials {
			n++
			if strings.Count(page, `data-trial="`+one.TrialID+`"`) != 1 {
				t.Errorf("trial %s is not listed once", one.TrialID)
			}
		}
	}
	if got := strings.Count(page, "data-trial="); got != n {
		t.Errorf("%d trials are listed of %d", got, n)
	}
	bad, _ := invalid(s.Experiments)
	if got := strings.Count(page, `class="invalid"`); got != bad || bad == 0 {
		t.Errorf("%d trials look invalid of %d", got, bad)
	}
	o := s.Report.Findings[2].Outcomes[0] // the GIL: T over T1 in the experiment cpu
	card := between(t, page, `id="claim-3"`, "</article>")
	m := regexp.MustCompile(`href="#trials-cpu" data-places="([0-9 ]+)"`).FindStringSubmatch(card)
	if m == nil || len(strings.Fields(m[1])) != len(o.Trials) {
		t.Fatalf("links %v for %d trials", m, len(o.Trials))
	}
	table := between(t, page, `<details id="trials-cpu"`, "</details>")
	for _, place := range strings.Fields(m[1]) {
		row := regexp.MustCompile(`<tr data-trial="([^"]*)" data-place="` + place + `"`).FindStringSubmatch(table)
		if row == nil || !slices.Contains(o.Trials, row[1]) {
			t.Errorf("place %s is %v, none of the test's", place, row)
		}
	}
}

// Experiments with a figure of their own show it, with the figures as text.
func TestPictures(t *testing.T) {
	t.Parallel()
	page := pagetest.Markup(whole(t).Page)
	for id, wants := range map[string][]string{
		"interference": {"heavy requests at a time", `<th scope="col" class="n">4</th>`, "CPython&#39;s T1"},
		"idle":         {"quiet connections", `<th scope="col" class="n">8000</th>`, "<li>T (goroutine, two cores): 7.66 KiB [7.62, 7.73] for each further connection, 12 blocks</li>"},
		"starting":     {"started at once", `<th scope="col" class="n">64</th>`},
		"faults":       {"new connections failed", "segv", "12 of 12"},
	} {
		part := pagePart(t, page, id)
		for _, w := range wants {
			if !strings.Contains(part, w) {
				t.Errorf("%s does not say %q", id, w)
			}
		}
	}
}

func pagePart(t *testing.T, page, id string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, `<div class="picture" id="`+id+`"`)
	if !found {
		t.Fatalf("no picture %s", id)
	}
	part, _, _ := strings.Cut(rest, `<div class="picture"`)
	return part
}

// What was not measured is said, where it is missing and on top.
func TestMissing(t *testing.T) {
	t.Parallel()
	page := html.UnescapeString(pagetest.Markup(write(t, fixture{blocks: 6, seed: 5, drop: []string{"cpu"}}.write(t))))
	for _, want := range []string{"Not run, or not in full: cpu.", "! cpu: no time was left", "Screening: ", "the experiment cpu was not run: no time was left", "CPython itself was not measured"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if got := verdictIn(t, between(t, page, `id="claim-3"`, "</article>")); got != string(claims.NotMeasured) {
		t.Errorf("claim 3 is %s", got)
	}
}

// Whatever stands in the file of claims or in the trials is text.
func TestHostileWords(t *testing.T) {
	t.Parallel()
	bad := `</script><script>alert(1)</script><img src=x onerror=alert(2)>`
	rules := strings.NewReplacer("Threads overlap waiting for I/O", bad, "16 waits of 10 ms at once, of the 1,600/s possible", bad,
		"goroutine, two cores\"", bad+"\"").Replace(string(claims.Default))
	page := write(t, fixture{blocks: 2, seed: 6, rules: []byte(rules)}.write(t))
	if n := strings.Count(page, "<script"); n != 4 {
		t.Errorf("%d scripts begin, not 4", n)
	}
	if strings.Contains(pagetest.Markup(page), "<img") {
		t.Error("words became an element")
	}
	if !strings.Contains(html.UnescapeString(pagetest.Markup(page)), bad) {
		t.Error("the words are not on the page")
	}
}

// What can be downloaded is what was judged and measured.
func TestDownloads(t *testing.T) {
	t.Parallel()
	s := whole(t)
	files := map[string][]byte{}
	for _, m := range regexp.MustCompile(`download="([^"]*)" href="data:[^,]*;base64,([^"]*)"`).FindAllStringSubmatch(s.Page, -1) {
		text, err := base64.StdEncoding.DecodeString(html.UnescapeString(m[2]))
		if err != nil {
			t.Fatal(m[1], err)
		}
		files[m[1]] = text
	}
	if string(files["claims.yaml"]) != string(claims.Default) {
		t.Error("claims.yaml is another one")
	}
	var report claims.Report
	if err := json.Unmarshal(files["claims.json"], &report); err != nil || len(report.Findings) != 28 {
		t.Errorf("claims.json: %d claims, %v", len(report.Findings), err)
	}
	for _, e := range s.Experiments {
		name := e.Name + ".csv.gz"
		if e.Python {
			name = "python-" + name
		}
		packed, err := gzip.NewReader(bytes.NewReader(files[name]))
		if err != nil {
			t.Fatal(name, err)
		}
		if got, err := io.ReadAll(packed); err != nil || !bytes.Equal(got, e.Raw) {
			t.Errorf("%s holds %d bytes, not the %d of the file: %v", name, len(got), len(e.Raw), err)
		}
	}
}

// A folder of claims is told from others.
func TestIs(t *testing.T) {
	t.Parallel()
	dir := fixture{blocks: 1, seed: 7}.write(t)
	if !Is(dir) || Is(filepath.Join(dir, "cpu")) || Is(filepath.Join(dir, "nothing")) {
		t.Error("a folder of claims is one, a campaign's and none are not")
	}
	if _, _, err := Load(filepath.Join(dir, "nothing")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v", err)
	}
}

// Axes hold all values, and their ticks are in them and round.
func TestAxis(t *testing.T) {
	t.Parallel()
	text := func(v float64) string { return strconv.FormatFloat(v, 'g', 12, 64) }
	for _, values := range [][]float64{{0.98, 1.02}, {0.001, 4000}, {1, 1}, {0, 0.4, 1}, {-3, 5}, {2e6, 2.1e6}, nil} {
		a := newAxis(values, scale{log: true, text: text})
		for _, v := range values {
			if v < a.Domain[0] || v > a.Domain[1] {
				t.Errorf("%v is outside %v", v, a.Domain)
			}
		}
		if len(a.Ticks) < 2 || len(a.Ticks) > 40 {
			t.Errorf("%v: ticks %v", values, a.Ticks)
		}
		for _, k := range a.Ticks {
			if k.At < a.Domain[0] || k.At > a.Domain[1] || len(strings.Trim(k.Text, "0.-")) > 4 {
				t.Errorf("%v: tick %v", values, k)
			}
		}
	}
}

// Names are put in the order in which people count.
func TestNatural(t *testing.T) {
	t.Parallel()
	want := []string{"A", "A2", "A10", "h", "wait-16", "wait-256", "wait-256b"}
	for i, a := range want {
		for j, b := range want {
			if got := natural(a, b); (got < 0) != (i < j) || (got == 0) != (i == j) {
				t.Errorf("%s, %s: %d", a, b, got)
			}
		}
	}
}
