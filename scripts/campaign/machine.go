package campaign

import (
	"os"
	"strings"

	"github.com/prometheus/procfs"

	"modelbench/results/trial"
)

// machineInfo adds to what every trial says of the machine what explains a
// campaign's noise. What cannot be read stays empty.
func machineInfo(m trial.Machine) MachineInfo {
	info := MachineInfo{
		HostID: m.HostID, Kernel: m.Kernel, CPUModel: m.CPUModel, CPUs: m.CPUs.Or(0), Go: m.GoVersion,
		Governor: firstLine("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
		Clock:    firstLine("/sys/devices/system/clocksource/clocksource0/current_clocksource"),
	}
	fs, err := procfs.NewDefaultFS()
	if err != nil {
		return info
	}
	if mem, err := fs.Meminfo(); err == nil && mem.MemTotalBytes != nil {
		info.MemoryB = *mem.MemTotalBytes
	}
	if load, err := fs.LoadAvg(); err == nil {
		info.Load1 = load.Load1
	}
	return info
}

// environment is what the machine was like around a rotation, as far as loadgen does not
// say it in its rows.
type environment struct {
	calib [2]float64  // nanoseconds of the fixed kernel, before and after: see kernelTime
	mhz   trial.Float // see frequency
}

func firstLine(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	line, _, _ := strings.Cut(string(text), "\n")
	return strings.TrimSpace(line)
}
