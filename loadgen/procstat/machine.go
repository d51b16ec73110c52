package procstat

import (
	"fmt"
	"time"

	"github.com/prometheus/procfs"
)

// MachineTime is the CPU time of the whole machine since it was started, all CPUs together,
// in ticks of 10 ms.
type MachineTime struct {
	Total  time.Duration // idle time included
	Stolen time.Duration // that the hypervisor gave to other guests while this one wanted to run
}

// ReadMachine reads /proc/stat, which takes some 50 us: not while load is running.
func ReadMachine() (MachineTime, error) { return readMachine(procfs.DefaultMountPoint) }

func readMachine(proc string) (MachineTime, error) {
	fs, err := procfs.NewFS(proc)
	if err != nil {
		return MachineTime{}, fmt.Errorf("open %s: %w", proc, err)
	}
	stat, err := fs.Stat()
	if err != nil {
		return MachineTime{}, fmt.Errorf("read the machine's CPU time: %w", err)
	}
	c := stat.CPUTotal // guests' time is in User and Nice already
	total := c.User + c.Nice + c.System + c.Idle + c.Iowait + c.IRQ + c.SoftIRQ + c.Steal
	return MachineTime{time.Duration(total * float64(time.Second)), time.Duration(c.Steal * float64(time.Second))}, nil
}

// StealSince returns the share of the machine's CPU time since an earlier reading that the
// hypervisor took, 0 to 1. It is not known if all CPUs together had less than a second: a
// single tick would be more than 1%.
func (m MachineTime) StealSince(before MachineTime) (share float64, known bool) {
	total := m.Total - before.Total
	if total < time.Second {
		return 0, false
	}
	// The kernel takes stolen time from the CPUs' clocks by estimate: it may go back.
	return max(0, float64(m.Stolen-before.Stolen)/float64(total)), true
}
