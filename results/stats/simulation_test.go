//go:build !race

// Simulations run without the race detector only: it has nothing to find in arithmetic that shares nothing, and makes it ten
// times as slow.

package stats

import (
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// shapes are the noise of a measurement, on the log scale and with a standard deviation of about 1. In the second, a tenth of the
// trials are disturbed; the third is skewed, as latencies are; the fourth has heavy tails (t with 3 degrees of freedom).
var shapes = map[string]func(*rand.Rand) float64{
	"log-normal": func(r *rand.Rand) float64 { return r.NormFloat64() },
	"disturbed": func(r *rand.Rand) float64 {
		if r.IntN(10) == 0 {
			return 3 * r.NormFloat64()
		}
		return 0.7 * r.NormFloat64()
	},
	"skewed": func(r *rand.Rand) float64 { return r.ExpFloat64() - 1 },
	"heavy": func(r *rand.Rand) float64 {
		return r.NormFloat64() / math.Sqrt((sq(r.NormFloat64())+sq(r.NormFloat64())+sq(r.NormFloat64()))/3) / math.Sqrt(3)
	},
}

func sq(x float64) float64 { return x * x }

// measured draws a value of 80 for each block, with noise of 4% of its own on top of the blocks' common drift.
func measured(rng *rand.Rand, shape func(*rand.Rand) float64, drift []float64) []float64 {
	v := make([]float64, len(drift))
	for i := range v {
		v[i] = 80 * math.Exp(drift[i]+0.04*shape(rng))
	}
	return v
}

// drifting is a machine that wanders by 20% from block to block.
func drifting(rng *rand.Rand, blocks int) []float64 {
	d := make([]float64, blocks)
	for i := range d {
		d[i] = 0.2 * rng.NormFloat64()
	}
	return d
}

func compareDrawn(t *testing.T, a, b []float64, rope float64) Comparison {
	t.Helper()
	c, err := Compare(a, b, rope, 1)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func different(d Decision) bool { return d.Verdict == Faster || d.Verdict == Slower }

// A target against itself is "different" in at most 5% of the comparisons, whatever the noise and the number of blocks. The
// region of equivalence is 1%, so that it hides no error: 5% would hide most.
func TestEqualsAreRarelyDifferent(t *testing.T) {
	t.Parallel()
	const runs = 1000
	for name, shape := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judged, decided, total := 0, 0, 0
			for n := 6; n <= 12; n++ {
				rng := rand.New(rand.NewPCG(21, uint64(n)))
				wrong := 0
				for range runs {
					drift := drifting(rng, n)
					c := compareDrawn(t, measured(rng, shape, drift), measured(rng, shape, drift), 0.01)
					if different(Judge(c.Ratio, c.ROPE, LowerIsBetter)) {
						wrong++
					}
					if different(Decide(c, c.P, 1, LowerIsBetter)) {
						decided++
					}
				}
				if ci := ClopperPearson(wrong, runs, 0.99); ci.Lo > 0.05 {
					t.Errorf("%d blocks: %d of %d equals are different", n, wrong, runs)
				}
				judged, total = judged+wrong, total+runs
			}
			if float64(judged) > 0.05*float64(total) || decided > judged {
				t.Errorf("of %d comparisons of equals, %d are different by Judge and %d by Decide", total, judged, decided)
			}
		})
	}
}

// A campaign of four equal targets under five loads makes 30 comparisons, six by six of the same measurements. With Holm at most
// 5% of such campaigns find any difference (with 12 blocks, whose p values come in steps, it should be 4.4%); without, most do.
func TestFamiliesOfEquals(t *testing.T) {
	t.Parallel()
	const runs, blocks, loads, targets = 600, 12, 5, 4
	var wrong, screened atomic.Int64
	t.Run("shapes", func(t *testing.T) {
		for name, shape := range shapes {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(22, blocks))
				own := 0
				for range runs {
					var family []Comparison
					for range loads {
						drift := drifting(rng, blocks)
						var values [targets][]float64
						for i := range values {
							values[i] = measured(rng, shape, drift)
							for _, other := range values[:i] {
								family = append(family, compareDrawn(t, values[i], other, 0.01))
							}
						}
					}
					decided, judged := findsAny(family)
					if decided {
						own++
					}
					if judged {
						screened.Add(1)
					}
				}
				if ci := ClopperPearson(own, runs, 0.99); ci.Lo > 0.05 {
					t.Errorf("%d of %d campaigns of equals find a difference", own, runs)
				}
				wrong.Add(int64(own))
			})
		}
	})
	total := int64(runs * len(shapes))
	if wrong.Load()*20 > total {
		t.Errorf("%d of %d campaigns of equals find a difference", wrong.Load(), total)
	}
	if screened.Load()*2 < total {
		t.Errorf("only %d of %d campaigns find one without adjustment: this test proves nothing", screened.Load(), total)
	}
}

// findsAny reports whether a campaign finds any difference, with Holm and without.
func findsAny(family []Comparison) (decided, judged bool) {
	p := make([]float64, len(family))
	for i, c := range family {
		p[i] = c.P
	}
	for i, adjusted := range Holm(p) {
		decided = decided || different(Decide(family[i], adjusted, len(family), LowerIsBetter))
		judged = judged || different(Judge(family[i].Ratio, family[i].ROPE, LowerIsBetter))
	}
	return decided, judged
}

// The interval of 95% holds the true ratio in 93 to 97% of the campaigns of 8 to 20 blocks. With 6 it is the full range, and
// holds it in 96.9%.
func TestRatioCoverage(t *testing.T) {
	t.Parallel()
	const runs = 2500
	for name, shape := range shapes {
		for _, n := range []int{6, 8, 12, 16, 20} {
			t.Run(fmt.Sprintf("%s, %d blocks", name, n), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(23, uint64(n)))
				held := 0
				for range runs {
					drift := drifting(rng, n)
					r, err := CompareRatio(measured(rng, shape, drift), measured(rng, shape, drift), Level)
					if err != nil {
						t.Fatal(err)
					}
					if r.Interval.Lo <= 1 && 1 <= r.Interval.Hi {
						held++
					}
				}
				share, least, most := float64(held)/runs, 0.93, 0.97
				if n == 6 {
					least, most = 0.96, 0.978 // 0.969 give or take three standard errors
				}
				if share < least || share > most {
					t.Errorf("the interval holds the truth in %.4f", share)
				}
			})
		}
	}
}

// So does that of two campaigns, also where they are of different size, or one is half as noisy again as the other.
func TestUnpairedCoverage(t *testing.T) {
	t.Parallel()
	const runs, truth = 2000, 1.07
	for name, shape := range shapes {
		for _, c := range []struct {
			before, after int
			noisier       float64
		}{{6, 6, 1}, {8, 8, 1}, {12, 12, 1}, {16, 16, 1}, {12, 8, 1}, {12, 12, 1.5}} {
			if name == "skewed" && c.noisier != 1 {
				continue // then not even the middle is the same, and no shift describes the difference
			}
			t.Run(fmt.Sprintf("%s, %d and %d blocks, noise %v", name, c.before, c.after, c.noisier), func(t *testing.T) {
				t.Parallel()
				rng := rand.New(rand.NewPCG(24, uint64(c.before)))
				held := 0
				for range runs {
					x, y := make([]float64, c.before), make([]float64, c.after)
					for i := range x {
						x[i] = math.Exp(0.04 * shape(rng))
					}
					for i := range y {
						y[i] = truth * math.Exp(0.04*c.noisier*shape(rng))
					}
					got, err := CompareUnpaired(x, y, 0.05)
					if err != nil {
						t.Fatal(err)
					}
					if i := got.Ratio.Interval; i.Lo <= truth && truth <= i.Hi {
						held++
					}
				}
				if share := float64(held) / runs; share < 0.93 || share > 0.97 {
					t.Errorf("the interval holds the truth in %.4f", share)
				}
			})
		}
	}
}

// The table in the package's comment says what a campaign can see.
func TestPower(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("stats.go")
	if err != nil {
		t.Fatal(err)
	}
	rows := regexp.MustCompile(`(?m)^//\t(\d+)%`+strings.Repeat(`\s+(\d+)%`, 5)+`$`).FindAllStringSubmatch(string(source), -1)
	if len(rows) != 4 {
		t.Fatalf("the table has %d rows", len(rows))
	}
	for _, row := range rows {
		t.Run("spread "+row[1], func(t *testing.T) {
			t.Parallel()
			want := make([]float64, len(row)-1)
			for i := range want {
				percent, err := strconv.Atoi(row[i+1])
				if err != nil {
					t.Fatal(err)
				}
				want[i] = float64(percent) / 100
			}
			got := power(t, want[0])
			for i, share := range got {
				if margin := 0.005 + 4*math.Sqrt(want[i+1]*(1-want[i+1])/powerRuns); math.Abs(share-want[i+1]) > margin {
					t.Errorf("column %d: %.3f, the table says %.2f", i+1, share, want[i+1])
				}
			}
		})
	}
}

const powerRuns = 2500

// power returns the shares of one row of the table.
func power(t *testing.T, spread float64) (shares [5]float64) {
	const rope, more, family = 0.05, 1.05, 30
	verdict := func(c Comparison) Verdict { return Judge(c.Ratio, c.ROPE, LowerIsBetter).Verdict }
	others := slices.Repeat([]float64{1}, family-1)
	rng := rand.New(rand.NewPCG(25, math.Float64bits(spread)))
	for range powerRuns {
		six, twelve := drawComparison(t, rng, 6, more, spread, rope), drawComparison(t, rng, 12, more, spread, rope)
		equal6, equal12 := drawComparison(t, rng, 6, 1, spread, rope), drawComparison(t, rng, 12, 1, spread, rope)
		for i, seen := range []bool{
			verdict(six) == Slower,
			verdict(twelve) == Slower,
			Decide(twelve, Holm(append([]float64{twelve.P}, others...))[0], family, LowerIsBetter).Verdict == Slower,
			verdict(equal6) == NoDifference,
			verdict(equal12) == NoDifference,
		} {
			if seen {
				shares[i] += 1.0 / powerRuns
			}
		}
	}
	return shares
}
