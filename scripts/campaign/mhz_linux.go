package campaign

import (
	"github.com/prometheus/procfs"

	"modelbench/results/trial"
)

// frequency is the mean clock of all CPUs at the moment, in MHz; empty where the kernel does
// not tell (virtual machines may tell a nominal one that never changes).
func frequency() trial.Float {
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return trial.Float{}
	}
	cpus, err := fs.CPUInfo()
	if err != nil {
		return trial.Float{}
	}
	return meanMHz(cpus)
}

func meanMHz(cpus []procfs.CPUInfo) trial.Float {
	sum := 0.0
	for _, c := range cpus {
		if c.CPUMHz <= 0 {
			return trial.Float{}
		}
		sum += c.CPUMHz
	}
	return trial.F(sum / float64(len(cpus))) // empty without any
}
