package stats

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Of several series that share blocks, none of which is above 0, the least p is at most 0.05 in 5% of the cases, whether they are alike or not.
func TestSignFlipMaxErrs(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	for _, alike := range []float64{0, 0.95} {
		const runs = 1500
		hits := 0
		for range runs {
			d := make([][]float64, 6)
			common := make([]float64, 8)
			for b := range common {
				common[b] = rng.NormFloat64()
			}
			for c := range d {
				for b := range common {
					d[c] = append(d[c], alike*common[b]+math.Sqrt(1-alike*alike)*rng.NormFloat64())
				}
			}
			least := 1.0
			for _, p := range SignFlipMax(d, 1) {
				least = min(least, p)
			}
			if least <= 0.05 {
				hits++
			}
		}
		if share := float64(hits) / runs; share > 0.05+3*math.Sqrt(0.05*0.95/runs) || share < 0.03 {
			t.Errorf("alike by %v: %v of the cases", alike, share)
		}
	}
}

func TestSignFlipMax(t *testing.T) {
	t.Parallel()
	nan := math.NaN()
	up := []float64{1, 1.1, 0.9, 1.05, 1.02, 0.95, nan, nan}
	apart := []float64{nan, nan, 0.5, -0.5, 0.4, -0.4, 0.1, -0.2}
	got := SignFlipMax([][]float64{up, apart, {0, 0}, nil}, 1)
	if got[0] < 1.0/64 || got[0] > 2.0/64 || got[1] < 0.3 || got[2] != 1 || got[3] != 1 {
		t.Errorf("%v", got)
	}
	if alone := SignFlipMax([][]float64{up}, 1); alone[0] != 1.0/64 {
		t.Errorf("alone %v", alone)
	}
	many := make([]float64, 20)
	for i := range many {
		many[i] = 1 + float64(i)/100
	}
	if drawn := SignFlipMax([][]float64{many}, 1); drawn[0] > 0.001 || drawn[0] != SignFlipMax([][]float64{many}, 1)[0] {
		t.Errorf("drawn %v", drawn)
	}
	if none := SignFlipMax(nil, 1); len(none) != 0 {
		t.Errorf("none %v", none)
	}
}

func TestBinomialPAndItsInterval(t *testing.T) {
	t.Parallel()
	for hits := range 13 {
		ci := ClopperPearson(hits, 12, 0.95)
		for _, of := range []float64{0.02, 0.1, 0.3, 0.5, 0.77, 0.98} {
			if p := BinomialP(hits, 12, of); (p <= 0.05) != (of < ci.Lo || of > ci.Hi) {
				t.Errorf("%d of 12 against %v: p %v, interval %v", hits, of, p, ci)
			}
		}
	}
	if p := BinomialP(0, 0, 0.5); p != 1 {
		t.Errorf("without tries p is %v", p)
	}
}
