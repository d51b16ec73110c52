package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"modelbench/loadgen/engine"
)

// calm keeps the Go runtime out of the way of the load and returns the way back.
//
// The garbage collector stays off: the load allocates next to nothing, what accounting
// leaves is collected between slices, and the limit is there for a fault of ours. One P more than there are threads of load lets everything
// else run without taking one from them; with none to spare the runtime takes a thread's
// P whenever it sleeps in the kernel for 20 us, and it has to queue for it when it wakes.
func calm(threads int) func() {
	const limit = 2 << 30
	if threads == 0 {
		threads = engine.AutoThreads(runtime.NumCPU())
	}
	procs := runtime.GOMAXPROCS(0)
	runtime.GOMAXPROCS(max(procs, threads+1))
	percent, memory := debug.SetGCPercent(-1), debug.SetMemoryLimit(limit)
	return func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(memory)
		runtime.GOMAXPROCS(procs)
	}
}

// garbage is how many bytes of objects, dead ones included, are left alone.
const garbage = 64 << 20

// collect collects what writing files and drawing while load is running have left, once there is more
// than a little of it: some 2 MB for every histogram that is encoded.
func collect() {
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	if metrics.Read(heap); heap[0].Value.Kind() == metrics.KindUint64 && heap[0].Value.Uint64() > garbage {
		runtime.GC()
	}
}
