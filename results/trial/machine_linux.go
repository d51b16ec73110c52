package trial

import (
	"path/filepath"

	"github.com/prometheus/procfs"
)

// cpuModel returns the first CPU's name below root, empty where the kernel gives none.
func cpuModel(root string) string {
	fs, err := procfs.NewFS(filepath.Join(root, "proc"))
	if err != nil {
		return ""
	}
	cpus, err := fs.CPUInfo()
	if err != nil || len(cpus) == 0 {
		return ""
	}
	return cpus[0].ModelName
}
