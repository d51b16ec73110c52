package campaign

import (
	"testing"

	"github.com/prometheus/procfs"

	"modelbench/results/trial"
)

func TestMeanFrequency(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		mhz  []float64
		want trial.Float
	}{
		{nil, trial.Float{}},
		{[]float64{2000, 3000}, trial.F(2500)},
		{[]float64{2000, 0}, trial.Float{}}, // one that is not told makes no mean
	} {
		var cpus []procfs.CPUInfo
		for _, v := range tt.mhz {
			cpus = append(cpus, procfs.CPUInfo{CPUMHz: v})
		}
		if got := meanMHz(cpus); got != tt.want {
			t.Errorf("%v give %v, want %v", tt.mhz, got, tt.want)
		}
	}
}
