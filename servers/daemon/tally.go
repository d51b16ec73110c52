package daemon

import (
	"sync/atomic"
	"unsafe"
)

// A Tally is what one part of a server (a loop, a worker) has done since it
// started, and what it is doing now. The zero value is ready.
//
// It holds no pointer and has a fixed size, so that it can lie in memory that
// processes share. Reading it while it is written gives numbers that are each
// right and may be a moment apart.
type Tally struct {
	_      [(64 - unsafe.Sizeof(counts{})%64) % 64]byte // parts are written by different cores: no cache line in common
	counts                                              // last, as Go would add a byte after an empty array at the end
}

type counts struct {
	// Now.
	Open      atomic.Int64 // connections
	Waiting   atomic.Int64 // conversations in a pause
	Computing atomic.Int64 // conversations in a spin, or in line for one

	// Since the start.
	Accepted atomic.Int64 // connections taken in
	Requests atomic.Int64 // answered over HTTP, refusals of malformed ones included
	BytesIn  atomic.Int64 // used by conversations
	BytesOut atomic.Int64 // said by conversations
	Pauses   atomic.Int64
	Spins    atomic.Int64

	IdleTimeouts    atomic.Int64 // connections closed because nothing came
	RequestTimeouts atomic.Int64 // requests that did not arrive in time
	WriteTimeouts   atomic.Int64 // clients that did not read in time

	RefusedFull        atomic.Int64 // connections over the limit, closed at once
	RefusedDescriptors atomic.Int64 // connections closed because no descriptor or memory was left to serve them
	RefusedDraining    atomic.Int64 // connections that came after the end of the drain had begun
	AcceptErrors       atomic.Int64 // accepts that failed, mostly for the same want: those connections wait in the kernel
}

// Forget takes back what the part was doing: it is dead. What it has done stays.
func (t *Tally) Forget() {
	t.Open.Store(0)
	t.Waiting.Store(0)
	t.Computing.Store(0)
}

// NewTallies are those of a server of n parts in one process.
func NewTallies(n int) []*Tally {
	all := make([]Tally, n)
	parts := make([]*Tally, n)
	for i := range all {
		parts[i] = &all[i]
	}
	return parts
}
