package admin

import (
	"bytes"
	"fmt"
	"os"
	"runtime/metrics"
)

// thisProcess is what the process is like that runs this.
func thisProcess() Process {
	read := []metrics.Sample{
		{Name: "/sched/goroutines:goroutines"},
		{Name: "/sched/threads/total:threads"},
		{Name: "/memory/classes/heap/objects:bytes"},
		{Name: "/memory/classes/total:bytes"},
		{Name: "/memory/classes/heap/released:bytes"},
		{Name: "/gc/heap/allocs:objects"},
	}
	metrics.Read(read)
	value := func(i int) uint64 {
		if read[i].Value.Kind() != metrics.KindUint64 { // another version of Go
			return 0
		}
		return read[i].Value.Uint64()
	}
	return Process{
		Goroutines:  int(value(0)),
		Threads:     int(value(1)),
		HeapBytes:   int64(value(2)),
		Mallocs:     int64(value(5)),
		GoBytes:     int64(value(3) - value(4)),
		RSSBytes:    resident(),
		Descriptors: descriptors(),
	}
}

// resident reads the second field of /proc/self/statm (proc(5)), in pages. It is 0
// where there is no such file.
func resident() (size int64) {
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var total int64
	if _, err := fmt.Fscan(bytes.NewReader(text), &total, &size); err != nil {
		return 0
	}
	return size * int64(os.Getpagesize())
}

// descriptors counts those that are open, but for the one that it takes to look.
func descriptors() int {
	open, err := os.ReadDir("/dev/fd")
	if err != nil {
		return 0
	}
	return len(open) - 1
}
