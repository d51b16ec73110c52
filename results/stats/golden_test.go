package stats

import (
	"bufio"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"
)

// golden is one block of testdata/golden.txt: values that R computed, by key. See testdata/golden.R.
type golden struct {
	kind, name string
	values     map[string][]float64
}

func readGolden(t *testing.T) []golden {
	t.Helper()
	f, err := os.Open("testdata/golden.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []golden
	for s := bufio.NewScanner(f); s.Scan(); {
		words := strings.Fields(s.Text())
		switch words[0] {
		case "#":
		case "case", "psignrank", "series", "unpaired", "qwilcox", "holm", "binom":
			all = append(all, golden{words[0], words[1], map[string][]float64{}})
		default:
			for _, w := range words[1:] {
				v, err := strconv.ParseFloat(w, 64)
				if err != nil {
					t.Fatal(err)
				}
				last := all[len(all)-1].values
				last[words[0]] = append(last[words[0]], v)
			}
		}
	}
	return all
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12*max(1, math.Abs(b)) }

func TestAgainstR(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, g := range readGolden(t) {
		if g.kind != "case" {
			continue
		}
		cases++
		x := g.values["x"]
		for level, name := range map[float64]string{0.90: "0.9", 0.95: "0.95", 0.99: "0.99"} {
			check := func(what string, centre float64, ci Interval) {
				t.Helper()
				want := g.values[what+"."+name]
				got := []float64{centre, ci.Lo, ci.Hi, ci.Level}
				if len(want) != len(got) {
					t.Fatalf("%s %s: R gave %v", g.name, what, want)
				}
				for i := range got {
					if !near(got[i], want[i]) {
						t.Errorf("%s %s at %v: got %v, R says %v", g.name, what, level, got, want)
						break
					}
				}
			}
			centre, ci := HodgesLehmann(x, level)
			check("wilcox", centre, ci)
			m, ci := Median(x, level)
			check("median", m, ci)
		}
		if want := g.values["flipmax"]; len(want) == 2 {
			y := make([]float64, len(x))
			for i := range x {
				y[i] = x[len(x)-1-i]*0.7 + 0.01
			}
			if got := SignFlipMax([][]float64{x, y}, 1); math.Abs(got[0]-want[0]) > 1e-12 || math.Abs(got[1]-want[1]) > 1e-12 {
				t.Errorf("%s: sign flips of two give %v, R says %v", g.name, got, want)
			}
		}
		for rope, name := range map[float64]string{0.05: "0.05", 0.1: "0.1"} {
			if p, want := BelowP(x, math.Log1p(rope)), g.values["below."+name][0]; math.Abs(p-want) > 1e-12*want {
				t.Errorf("%s, below %v: p %v; R says %v", g.name, rope, p, want)
			}
			if p, want := EquivalenceP(x, rope), g.values["equivalence."+name][0]; math.Abs(p-want) > 1e-12*want {
				t.Errorf("%s, region of %v: equivalence p %v; R says %v", g.name, rope, p, want)
			}
		}
		if want := g.values["signflip"]; want != nil {
			if p, exact := SignFlip(x, 1); !exact || !near(p, want[0]) {
				t.Errorf("%s: p %v, exact %v; R says %v", g.name, p, exact, want[0])
			}
		}
	}
	if cases != 13 {
		t.Errorf("%d cases were checked, golden.R has 13", cases)
	}
}

func TestSignedRankDistributionAgainstR(t *testing.T) {
	t.Parallel()
	for _, g := range readGolden(t) {
		if g.kind != "psignrank" {
			continue
		}
		n, err := strconv.Atoi(g.name)
		if err != nil {
			t.Fatal(err)
		}
		p := signedRankProbabilities(n)
		for i, v := range g.values["v"] {
			var below float64
			for _, mass := range p[:int(v)+1] {
				below += mass
			}
			if want := g.values["p"][i]; math.Abs(below-want) > 1e-12*want {
				t.Errorf("P(V <= %v) for n = %d: got %v, R says %v", v, n, below, want)
			}
		}
		for _, k := range []string{"201", "400"} { // the normal approximation, which starts at 201
			want, beyond := g.values["qsignrank."+k], 0
			if want == nil {
				continue
			}
			if beyond, err = strconv.Atoi(k); err != nil {
				t.Fatal(err)
			}
			cut, level := signedRankCut(beyond, 0.95)
			if math.Abs(float64(cut)-want[0]) > 3 || math.Abs(level-want[1]) > 0.0005 {
				t.Errorf("n = %s: cut %d at level %v, R says %v", k, cut, level, want)
			}
		}
	}
}

func TestHolmAgainstR(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, g := range readGolden(t) {
		if g.kind != "holm" {
			continue
		}
		cases++
		got, want := Holm(g.values["p"]), g.values["adjusted"]
		for i := range want {
			if !near(got[i], want[i]) && !(math.IsNaN(got[i]) && math.IsNaN(want[i])) {
				t.Errorf("%s: %v, R says %v", g.name, got, want)
				break
			}
		}
	}
	if cases != 6 {
		t.Errorf("%d families were checked, golden.R has 6", cases)
	}
}

func TestUnpairedAgainstR(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, g := range readGolden(t) {
		switch g.kind {
		case "unpaired":
			cases++
			x, y := g.values["x"], g.values["y"]
			for level, name := range map[float64]string{0.90: "0.9", 0.95: "0.95", 0.99: "0.99"} {
				shift, ci := Shift(x, y, level)
				got, want := []float64{shift, ci.Lo, ci.Hi, ci.Level}, g.values["shift."+name]
				for i := range got {
					if !near(got[i], want[i]) {
						t.Errorf("%s at %v: got %v, R says %v", g.name, level, got, want)
						break
					}
				}
			}
			if g.name == "n8ties" { // differences that are equal but for rounding, which R's side rounds too
				x, y = rounded(x), rounded(y)
			}
			if p, want := MannWhitney(x, y), g.values["p"][0]; math.Abs(p-want) > 1e-12*want {
				t.Errorf("%s: p %v, R says %v", g.name, p, want)
			}
			c, err := CompareLogs(g.values["x"], g.values["y"], 0.05)
			if err != nil {
				t.Fatal(err)
			}
			if want := g.values["equivalence.0.05"][0]; math.Abs(c.EquivalenceP-want) > 1e-12*want {
				t.Errorf("%s: equivalence p %v, R says %v", g.name, c.EquivalenceP, want)
			}
		case "qwilcox": // the normal approximation
			cases++
			n, err := strconv.Atoi(g.name)
			if err != nil {
				t.Fatal(err)
			}
			cut, level := mannWhitneyCut(n, n, 0.95)
			if want := g.values["cut"]; math.Abs(float64(cut)-want[0]) > 3 || math.Abs(level-want[1]) > 0.0005 {
				t.Errorf("%d against %d: cut %d at level %v, R says %v", n, n, cut, level, want)
			}
		}
	}
	if cases != 11 {
		t.Errorf("%d cases were checked, golden.R has 11", cases)
	}
}

// rounded turns hundredths into whole numbers.
func rounded(x []float64) []float64 {
	whole := make([]float64, len(x))
	for i, v := range x {
		whole[i] = math.Round(100 * v)
	}
	return whole
}

func TestClopperPearsonAgainstR(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, g := range readGolden(t) {
		if g.kind != "binom" {
			continue
		}
		cases++
		counts := g.values["counts"]
		for level, name := range map[float64]string{0.90: "0.9", 0.95: "0.95", 0.99: "0.99"} {
			for of, name := range map[float64]string{0.05: "0.05", 0.5: "0.5"} {
				if p, want := BinomialP(int(counts[0]), int(counts[1]), of), g.values["p."+name][0]; math.Abs(p-want) > 1e-9*want+1e-15 {
					t.Errorf("%s against %v: p %v, R says %v", g.name, of, p, want)
				}
			}
			ci, want := ClopperPearson(int(counts[0]), int(counts[1]), level), g.values["interval."+name]
			if math.Abs(ci.Lo-want[0]) > 1e-9 || math.Abs(ci.Hi-want[1]) > 1e-9 || ci.Level != level {
				t.Errorf("%s at %v: got %v, R says %v", g.name, level, ci, want)
			}
		}
	}
	if cases != 19 {
		t.Errorf("%d counts were checked, golden.R has 19", cases)
	}
}

func TestSeriesAgainstR(t *testing.T) {
	t.Parallel()
	cases := 0
	for _, g := range readGolden(t) {
		if g.kind != "series" {
			continue
		}
		cases++
		x := g.values["x"]
		a, b := make([]float64, len(x)), make([]float64, len(x))
		for i := range x {
			a[i], b[i] = 7*math.Exp(x[i]), 7
		}
		for level, name := range map[float64]string{0.90: "0.9", 0.95: "0.95", 0.99: "0.99"} {
			r, err := SeriesRatio(a, b, level)
			if err != nil {
				t.Fatal(err)
			}
			got := []float64{math.Log(r.Estimate), math.Log(r.Interval.Lo), math.Log(r.Interval.Hi), r.Interval.Level}
			want := g.values["interval."+name]
			for i := range got {
				if math.Abs(got[i]-want[i]) > 1e-9 {
					t.Errorf("%s at %v: got %v, R says %v", g.name, level, got, want)
					break
				}
			}
		}
	}
	if cases != 3 {
		t.Errorf("%d series were checked, golden.R has 3", cases)
	}
}
