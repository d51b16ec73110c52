package plot

import (
	"math"
	"strconv"
	"strings"

	"gonum.org/v1/plot"
)

// percentileTicks are p50, and then one for each nine. The beginning has a line and no label, which would touch that of the other axis.
func percentileTicks(last float64) plot.ConstantTicks {
	ticks := plot.ConstantTicks{{Value: 0}, {Value: math.Log10(2), Label: "p50"}}
	for nines := 1; float64(nines) <= last+1e-9; nines++ {
		label := "p90"
		if nines > 1 {
			label = "p99" + strings.TrimSuffix("."+strings.Repeat("9", nines-2), ".")
		}
		ticks = append(ticks, plot.Tick{Value: float64(nines), Label: label})
	}
	return ticks
}

// timeTicks are round times within a range of nanoseconds, few enough to be read: 1, 2 and 5 of each decade, its 1 alone
// where there are more than three of them, and more where there is less than one.
func timeTicks(lo, hi float64) plot.ConstantTicks {
	steps := []float64{1, 2, 5}
	if hi/lo > 1e3 {
		steps = []float64{1}
	}
	if hi/lo < 6 {
		steps = []float64{1, 1.5, 2, 3, 4, 5, 7}
	}
	var ticks plot.ConstantTicks
	for decade := 0; decade < 14; decade++ {
		for _, s := range steps {
			if v := s * math.Pow10(decade); v >= lo && v <= hi {
				ticks = append(ticks, plot.Tick{Value: v, Label: timeLabel(v)})
			}
		}
	}
	return ticks
}

// timeLabel is a round number of nanoseconds in the unit that suits it.
func timeLabel(ns float64) string {
	for _, u := range []struct {
		ns   float64
		name string
	}{{1e9, " s"}, {1e6, " ms"}, {1e3, " us"}} {
		if ns >= u.ns {
			return strconv.FormatFloat(ns/u.ns, 'f', -1, 64) + u.name
		}
	}
	return strconv.FormatFloat(ns, 'f', -1, 64) + " ns"
}
