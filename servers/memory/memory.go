// Package memory gives memory back that bursts of connections leave behind.
//
// What a connection needs to begin or to answer, and lets go of when it idles,
// stays with the runtime until it collects garbage, for which a server that has
// become quiet gives no occasion. So whoever lets go says so here.
package memory

import (
	"runtime"
	"runtime/debug"
	"sync/atomic"
	"time"
)

// much is how many bytes have to be let go of before a collection is worth it.
const much = 1 << 20

// Few is what a connection lets go of that has held nothing out of the ordinary:
// its buffer or its stack, in bytes.
const Few = 4 << 10

// pause is what a burst has to end in before its memory is collected, and the least
// time between two collections.
const pause = 3 * time.Second

var freed atomic.Int64

// Freed says that a connection has let go of about so many bytes. After many of
// them the memory is collected and given back to the system, at most once in a
// pause. It costs an addition otherwise. Safe to call from anywhere.
func Freed(bytes int) {
	n := int64(bytes)
	if now := freed.Add(n); now >= much && now-n < much {
		time.AfterFunc(pause, func() {
			freed.Store(0)
			runtime.GC() // a sync.Pool lets go of what it holds in the second collection
			debug.FreeOSMemory()
		})
	}
}
