package plot

import (
	"math"
	"strconv"

	"gonum.org/v1/plot"
)

// ratioRange is the range of an axis of ratios that holds all of them, and 1, with some room at both ends. It is
// logarithmic: half as much is as far from 1 as twice as much.
func ratioRange(ratios []float64) (lo, hi float64) {
	lo, hi = 1, 1
	for _, r := range ratios {
		if r > 0 && !math.IsInf(r, 1) {
			lo, hi = min(lo, r), max(hi, r)
		}
	}
	room := max(math.Log(hi/lo)*0.06, math.Log(1.02))
	return lo * math.Exp(-room), hi * math.Exp(room)
}

// ratioSteps are ratios that people count in, by how welcome they are on an axis.
var ratioSteps = [][]float64{
	{1},
	{2, 0.5, 10, 0.1, 5, 0.2, 100, 0.01, 1000, 0.001},
	{1.5, 3, 4, 0.7, 20, 50, 0.05, 0.02, 200, 500},
	{1.2, 0.8, 7, 0.3, 0.4, 30, 0.6},
	{1.1, 0.9, 1.3, 1.4, 1.7, 2.5},
	{1.05, 0.95, 1.15, 0.85, 1.25},
	{1.02, 0.98, 1.01, 0.99},
}

// ratioTicks picks from the steps as long as labels have so much of the axis, a fraction of its length, to themselves.
func ratioTicks(lo, hi, apart float64) plot.ConstantTicks {
	at := func(r float64) float64 { return math.Log(r/lo) / math.Log(hi/lo) }
	var ticks plot.ConstantTicks
	for _, step := range ratioSteps {
		for _, r := range step {
			room := r >= lo && r <= hi
			for _, t := range ticks {
				room = room && math.Abs(at(r)-at(t.Value)) >= apart
			}
			if room {
				ticks = append(ticks, plot.Tick{Value: r, Label: strconv.FormatFloat(r, 'f', -1, 64) + "x"})
			}
		}
	}
	return ticks
}
