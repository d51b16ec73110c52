// Package memory gives memory back that bursts of connections leave behind.
//
// What a connection needs to begin or to answer, and lets go of when it idles,
// stays with the runtime until it collects garbage, for which a server that has
// become quiet gives no occasion. So whoever lets go says so here.
package memory

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync/atomic"
	"time"
)

// A collection is worth it when this part of what the process has is to be let go
// of, and a megabyte at least: it looks at all that is still in use, which a server
// with many connections should not do for the sake of a few.
const (
	part = 16
	step = 1 << 20
)

// Few is what a connection lets go of that has held nothing out of the ordinary:
// its buffer or its stack, in bytes.
const Few = 4 << 10

// pause is what a burst has to end in before its memory is collected, and the least
// time between two collections.
const pause = 3 * time.Second

var (
	freed   atomic.Int64 // since the last collection
	planned atomic.Bool  // the next one
)

// Freed says that a connection has let go of about so many bytes. When that has
// come to enough the memory is collected and given back to the system, at most once
// in a pause. It costs an addition otherwise. Safe to call from anywhere.
func Freed(bytes int) {
	now := freed.Add(int64(bytes))
	if now/step == (now-int64(bytes))/step || now < inUse()/part || !planned.CompareAndSwap(false, true) {
		return
	}
	time.AfterFunc(pause, func() {
		freed.Store(0)
		planned.Store(false)
		runtime.GC() // a sync.Pool lets go of what it holds in the second collection
		debug.FreeOSMemory()
	})
}

// inUse is how much the runtime has of the system's memory, in bytes.
func inUse() int64 {
	read := []metrics.Sample{{Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"}}
	metrics.Read(read)
	if read[0].Value.Kind() != metrics.KindUint64 || read[1].Value.Kind() != metrics.KindUint64 {
		return 0 // another version of Go
	}
	return int64(read[0].Value.Uint64() - read[1].Value.Uint64())
}
