package campaign

import (
	"runtime"
	"slices"
	"time"
)

const (
	kernelIters = 100_000 // about 0.25 ms
	kernelRuns  = 15      // of which the median counts: one preempted run moves nothing
	driftShare  = 0.05    // more than this between before and after is drift
)

// kernelTime is what kernelIters of a fixed CPU kernel (xorshift64*: a chain of
// dependent steps that touches no memory) take at the moment, in nanoseconds: the
// median of kernelRuns. Timed before and after a trial it shows whether the machine
// itself changed its speed: frequency, a neighbour on the same core, stolen time.
// It takes 4 ms, on one CPU.
func kernelTime() float64 {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	times := make([]time.Duration, kernelRuns)
	for i := range times {
		begin := time.Now()
		x := uint64(0x9E3779B97F4A7C15)
		for range kernelIters {
			x ^= x >> 12
			x ^= x << 25
			x ^= x >> 27
			x *= 0x2545F4914F6CDD1D
		}
		times[i] = time.Since(begin)
		runtime.KeepAlive(x) // or the compiler drops the work
	}
	slices.Sort(times)
	return float64(times[kernelRuns/2])
}

// drifted tells whether the machine's speed changed between before and after.
func drifted(calib [2]float64) bool {
	return max(calib[0], calib[1]) > (1+driftShare)*min(calib[0], calib[1])
}
