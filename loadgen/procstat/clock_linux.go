package procstat

import (
	"time"

	"golang.org/x/sys/unix"
)

// processClock reads the CPU clock of a process: user and system time of all its
// threads, ended ones included. The clock's number is made of the pid as
// clock_getcpuclockid(3) makes it: the complement of the pid, and CPUCLOCK_SCHED (2)
// for the scheduler's count of nanoseconds.
func processClock(pid int) (time.Duration, error) {
	const cpuclockSched = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^pid<<3|cpuclockSched), &ts); err != nil {
		return 0, err
	}
	return time.Duration(ts.Nano()), nil
}
