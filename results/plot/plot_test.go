package plot

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"image/png"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/HdrHistogram/hdrhistogram-go"
	"gonum.org/v1/plot/vg"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

var keep = flag.String("keep", "", "a folder to write the pictures of the tests to, for someone to look at")

// writing is a piece of text in a picture.
type writing struct {
	text                     string
	left, right, bottom, top float64
}

// writings reads an SVG document, which has to be well-formed, and where its texts are.
func writings(t *testing.T, svg []byte) (all []writing, title string, width, height float64) {
	t.Helper()
	type element struct {
		XMLName xml.Name
		Attrs   []xml.Attr `xml:",any,attr"`
		Text    string     `xml:",chardata"`
	}
	attr := func(e []xml.Attr, name string) string {
		for _, a := range e {
			if a.Name.Local == name {
				return a.Value
			}
		}
		return ""
	}
	number := func(s string) float64 {
		v, err := strconv.ParseFloat(strings.TrimRight(s, "ptx"), 64)
		if err != nil {
			t.Fatalf("%q: %v", s, err)
		}
		return v
	}
	dec := xml.NewDecoder(bytes.NewReader(svg))
	for {
		token, err := dec.Token()
		if err == io.EOF {
			return all, title, width, height
		}
		if err != nil {
			t.Fatalf("not well-formed: %v", err)
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		var e element
		switch start.Name.Local {
		case "svg":
			width, height = number(attr(start.Attr, "width")), number(attr(start.Attr, "height"))
		case "title", "text":
			if err := dec.DecodeElement(&e, &start); err != nil {
				t.Fatal(err)
			}
		}
		if start.Name.Local == "title" {
			title = e.Text
		}
		if start.Name.Local == "text" {
			style := attr(start.Attr, "style")
			if !strings.HasPrefix(style, "font-family:'Liberation Sans',Arial,") {
				t.Fatalf("%q is written in %s", e.Text, style)
			}
			_, size, _ := strings.Cut(style, "font-size:")
			size, _, _ = strings.Cut(size, "px")
			points := number(size)
			w := ofSize(points, strings.Contains(style, "font-weight:bold")).Width(e.Text)
			x, y := number(attr(start.Attr, "x")), -number(attr(start.Attr, "y"))
			all = append(all, writing{e.Text, x, x + float64(w), y - 0.1*points, y + 0.65*points})
		}
	}
}

func ofSize(points float64, bold bool) interface{ Width(string) vg.Length } {
	return style(vg.Length(points), ink, bold)
}

// Whatever the names and the width: no text lies over another or reaches beyond the picture, the documents are well-formed
// and the same each time.
func TestPictures(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		targets []string
		width   int
	}{
		{"nine", nineTargets, MinWidth},
		{"nine", nineTargets, DefaultWidth},
		{"three", threeTargets, DefaultWidth},
		{"three", threeTargets, 1600},
	} {
		t.Run(c.name+" "+strconv.Itoa(c.width), func(t *testing.T) {
			t.Parallel()
			m := scenario(c.targets, fiveWorkloads, 500)
			var names []string
			for _, chart := range charts(t, m, Options{Width: c.width, Source: "240 trials, 12 blocks · Example CPU @ 2GHz, 2 CPUs, kernel 6.1.0"}) {
				names = append(names, chart.Name)
				checkSVG(t, chart, c.width)
				if *keep != "" {
					checkPNG(t, chart, c.width)
				}
			}
			if want := []string{"throughput", "cpu_us_per_req", "p50", "p99", "memory", "percentiles"}; !slices.Equal(names, want) {
				t.Errorf("charts %q, want %q", names, want)
			}
		})
	}
}

func checkSVG(t *testing.T, c Chart, width int) {
	t.Helper()
	svg, err := c.SVG()
	if err != nil {
		t.Fatal(err)
	}
	again, err := c.SVG()
	if err != nil || !bytes.Equal(svg, again) {
		t.Errorf("%s is another picture the second time: %v", c.Name, err)
	}
	all, title, w, h := writings(t, svg)
	if title != c.Title || math.Abs(w-float64(width)*0.75) > 0.01 {
		t.Errorf("%s: title %q, width %v", c.Name, title, w)
	}
	for i, a := range all {
		if a.left < 0 || a.right > w+0.01 || a.bottom < 0 || a.top > h {
			t.Errorf("%s, %d wide: %q reaches beyond the picture of %v by %v: %+v", c.Name, width, a.text, w, h, a)
		}
		for _, b := range all[:i] {
			if a.left < b.right && b.left < a.right && a.bottom < b.top && b.bottom < a.top {
				t.Errorf("%s, %d wide: %+v lies over %+v", c.Name, width, a, b)
			}
		}
	}
	keepPicture(t, c, "svg", svg)
}

// Pixels take their time, and say no more than the text does: one small picture of each kind.
func TestPixels(t *testing.T) {
	t.Parallel()
	list := charts(t, scenario(threeTargets, fiveWorkloads[:1], 500), Options{Width: MinWidth})
	for _, c := range []Chart{list[0], list[len(list)-1]} {
		checkPNG(t, c, MinWidth)
	}
}

func checkPNG(t *testing.T, c Chart, width int) {
	t.Helper()
	picture, err := c.PNG()
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.DecodeConfig(bytes.NewReader(picture))
	if err != nil || img.Width != density*width || math.Abs(float64(img.Height)-float64(c.height/px)*density) > 2 {
		t.Errorf("%s: a PNG of %d by %d for %d pixels: %v", c.Name, img.Width, img.Height, width, err)
	}
	keepPicture(t, c, "png", picture)
}

func keepPicture(t *testing.T, c Chart, format string, picture []byte) {
	t.Helper()
	if *keep == "" {
		return
	}
	name := strings.ReplaceAll(t.Name(), "/", "-") + "-" + c.Name + "." + format
	if err := os.WriteFile(filepath.Join(*keep, name), picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

// The words beside the dots are those of the analysis, and each target of each workload has its own.
func TestFigures(t *testing.T) {
	t.Parallel()
	m := scenario(threeTargets, []string{"plaintext", "spin"}, 0)
	a := analysed(t, m, analysis.Options{})
	list, _, err := Charts(a, nil, Options{Width: DefaultWidth})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		svg, err := c.SVG()
		if err != nil {
			t.Fatal(err)
		}
		all, _, _, _ := writings(t, svg)
		count := map[string]int{}
		for _, w := range all {
			count[w.text]++
		}
		want := map[string]int{}
		for _, wl := range a.Workloads {
			want[wl.Title]++
			for _, s := range wl.Sections {
				if s.Measure.Key != c.Name {
					continue
				}
				unit := s.Measure.Unit(s.Rows[0].Median)
				for _, r := range s.Rows { // none is ten times the first
					want[r.Target]++
					want[unit.Text(r.Median)]++
					if r.Versus != nil {
						ratio, interval := r.Versus.RatioText()
						want[ratio+" "+interval]++
						want[s.Measure.Word(r.Versus.Verdict)]++
					}
				}
			}
		}
		for text, n := range want {
			if got := count[text]; got < n {
				t.Errorf("%s has %q %d times, want %d", c.Name, text, got, n)
			}
		}
	}
}

// What has no value or no partner is there by name; a chart in which nothing can be compared is not.
func TestGaps(t *testing.T) {
	t.Parallel()
	m := scenario(threeTargets, []string{"plaintext"}, 0)
	for i := range m.trials {
		tr := &m.trials[i]
		switch {
		case tr.Target == "prefork":
			tr.ServerPSSBytes = trial.Int{}
			tr.Block = trial.I(100 + i) // shares no block with anyone
		case tr.Target == "goroutine":
			tr.LatP50Us = trial.Float{}
		}
		if tr.Target != "eventloop" {
			tr.LatP99Us = trial.Float{}
		}
	}
	list := charts(t, m, Options{Width: DefaultWidth})
	text := map[string]string{}
	for _, c := range list {
		svg, err := c.SVG()
		if err != nil {
			t.Fatal(err)
		}
		all, _, _, _ := writings(t, svg)
		for _, w := range all {
			text[c.Name] += w.text + "\n"
		}
	}
	for _, want := range []struct{ chart, words string }{{"throughput", "no block in common"}, {"memory", "prefork\nno value"}, {"p50", "goroutine\nno value"}} {
		if !strings.Contains(text[want.chart], want.words) {
			t.Errorf("%s has no %q:\n%s", want.chart, want.words, text[want.chart])
		}
	}
	if text["p99"] != "" {
		t.Errorf("p99 of one target is drawn:\n%s", text["p99"])
	}
	alone := scenario([]string{"mine"}, []string{"plaintext"}, 0)
	if _, _, err := Charts(analysed(t, alone, analysis.Options{}), nil, Options{Width: DefaultWidth}); !errors.Is(err, ErrNothing) {
		t.Errorf("one target: %v", err)
	}
}

func TestBaselineAndAgain(t *testing.T) {
	t.Parallel()
	m := scenario([]string{"a", "b", "b-again"}, []string{"plaintext"}, 0)
	of := map[string]trial.Trial{}
	for _, tr := range m.trials {
		of[tr.Target+tr.Workload+tr.Block.String()] = tr
	}
	for i, tr := range m.trials {
		if tr.Target == "b-again" { // it is b, but for a little noise
			twin := of["b"+tr.Workload+tr.Block.String()]
			twin.TrialID, twin.Target, twin.Variant = tr.TrialID, tr.Target, trial.AgainVariant
			twin.ThroughputRPS = trial.F(twin.ThroughputRPS.Or(0) * (1 + 0.001*float64(i%3)))
			m.trials[i] = twin
		}
	}
	list, _, err := Charts(analysed(t, m, analysis.Options{Baseline: "b"}), nil, Options{Width: DefaultWidth})
	if err != nil {
		t.Fatal(err)
	}
	if list[0].Title != "Throughput, relative to b" {
		t.Errorf("title %q", list[0].Title)
	}
	svg, err := list[0].SVG()
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{">b again<", ">noise (A/A)<", ">baseline<", ">better than the baseline<", ">faster<"} {
		if !bytes.Contains(svg, []byte(want)) {
			t.Errorf("no %s", want)
		}
	}
}

// What an interval or a verdict falls short of is said.
func TestFewBlocks(t *testing.T) {
	t.Parallel()
	m := scenario(threeTargets, []string{"plaintext"}, 0)
	for blocks, want := range map[int][2]bool{2: {true, true}, 6: {false, true}, 12: {false, false}} {
		var few []trial.Trial
		for _, tr := range m.trials {
			if tr.Block.Or(0) < int64(blocks) {
				few = append(few, tr)
			}
		}
		svg, err := charts(t, made{trials: few}, Options{Width: DefaultWidth})[1].SVG()
		if err != nil {
			t.Fatal(err)
		}
		all, _, _, _ := writings(t, svg)
		var words string
		for _, w := range all {
			words += w.text + " "
		}
		if got := [2]bool{strings.Contains(words, "the bar is all that was seen."), strings.Contains(words, "(screening)")}; got != want {
			t.Errorf("%d blocks: %v, want %v, in %s", blocks, got, want, words)
		}
	}
}

// A trial without a histogram is said to be; one that is not believed is not looked for.
func TestLackingHistograms(t *testing.T) {
	t.Parallel()
	m := scenario(threeTargets, []string{"plaintext"}, 100)
	delete(m.latencies, m.trials[0].TrialID)
	delete(m.latencies, m.trials[1].TrialID)
	m.trials[1].Verdict = trial.VerdictErrors
	_, doubts, err := Charts(analysed(t, m, analysis.Options{}), m.latencies, Options{Width: DefaultWidth})
	if err != nil || len(doubts) != 1 || !strings.HasSuffix(doubts[0], ": 1 trial is without a histogram, and so not in the curves") {
		t.Errorf("%q, %v", doubts, err)
	}
}

// Merging loses no value, whatever ranges the histograms have.
func TestMerge(t *testing.T) {
	t.Parallel()
	narrow, wide := hdrhistogram.New(1, 1000, 2), hdrhistogram.New(1000, int64(1e12), 3)
	for v := int64(1); v <= 1000; v++ {
		if err := errors.Join(narrow.RecordValue(v), wide.RecordValue(v*1e9)); err != nil {
			t.Fatal(err)
		}
	}
	sum := merge([]*hdrhistogram.Histogram{narrow, wide})
	if sum.TotalCount() != 2000 || sum.Min() != 1 || math.Abs(float64(sum.Max())/1e12-1) > 0.01 || math.Abs(float64(sum.ValueAtQuantile(25))/500-1) > 0.01 {
		t.Errorf("%d values from %d to %d", sum.TotalCount(), sum.Min(), sum.Max())
	}
}

// A curve rises, goes through the percentiles and ends where ten samples are left.
func TestPercentileCurve(t *testing.T) {
	t.Parallel()
	h := hdrhistogram.New(1, int64(1e9), 3)
	for v := range 10_000 {
		if err := h.RecordValue(int64(v+1) * 1000); err != nil {
			t.Fatal(err)
		}
	}
	curve := percentileCurve(h)
	if last := curve[len(curve)-1]; math.Abs(last.x-3) > 1e-9 || math.Abs(last.y/9_990_000-1) > 0.002 {
		t.Errorf("the curve ends at %+v", last)
	}
	if !slices.IsSortedFunc(curve, func(a, b point) int { return int(math.Copysign(1, a.y-b.y)) * btoi(a.y != b.y) }) {
		t.Error("the curve falls")
	}
	for nines, want := range map[float64]float64{math.Log10(2): 5e6, 1: 9e6, 2: 9.9e6} {
		if got := latencyAt(h, nines); math.Abs(got/want-1) > 0.002 {
			t.Errorf("at %v nines %v, want %v", nines, got, want)
		}
	}
	few := hdrhistogram.New(1, 100, 3)
	for range 10 {
		_ = few.RecordValue(5)
	}
	if c := percentileCurve(few); c != nil {
		t.Errorf("ten samples make the curve %v", c)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// What a font or XML has no place for is a box; what only looks like markup stays as it is.
func TestClean(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"prefork": "prefork", "名\u0007\xff": "□□□", "a\n b": "a  b", "<b> &": "<b> &", "Δ ж ü": "Δ ж ü"} {
		if got := clean(in); got != want {
			t.Errorf("%q is %q, want %q", in, got, want)
		}
	}
}

// Names are shortened in their middle, to no more than there is room for.
func TestFit(t *testing.T) {
	t.Parallel()
	name := "stock-fasthttp-prefork"
	for width := bodyStyle.Width("…"); width < bodyStyle.Width(name)+2; width++ {
		got := fit(bodyStyle, name, width)
		head, tail, short := strings.Cut(got, "…")
		if bodyStyle.Width(got) > width || !strings.HasPrefix(name, head) || !strings.HasSuffix(name, tail) || short == (width >= bodyStyle.Width(name)) {
			t.Errorf("%v wide: %q", width, got)
		}
	}
	if got := wrap(bodyStyle, "one two three four", bodyStyle.Width("one two"), 2); len(got) != 2 || got[0] != "one two" || !strings.Contains(got[1], "…") {
		t.Errorf("%q", got)
	}
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, width := range []int{0, -1, MinWidth - 1, MaxWidth + 1} {
		if _, _, err := Charts(&analysis.Analysis{}, nil, Options{Width: width}); err == nil || errors.Is(err, ErrNothing) {
			t.Errorf("width %d: %v", width, err)
		}
	}
}
