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

// many is how often Freed is called before a collection is worth it: with a few KiB
// each time, some megabyte.
const many = 256

// pause is what a burst has to end in before its memory is collected, and the least
// time between two collections.
const pause = 3 * time.Second

var freed atomic.Int64

// Freed says that a connection has let go of a few KiB. After many of them the
// memory is collected and given back to the system, at most once in a pause. It costs an
// addition otherwise. Safe to call from anywhere.
func Freed() {
	if freed.Add(1) == many {
		time.AfterFunc(pause, func() {
			freed.Store(0)
			runtime.GC() // a sync.Pool lets go of what it holds in the second collection
			debug.FreeOSMemory()
		})
	}
}
