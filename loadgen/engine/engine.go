// Package engine puts load on targets and reports what happened to every request.
//
// A Plan goes in, a Report comes out; both are plain data. The engine owns all
// sockets and all threads in between, and prints nothing. Run may be called from any
// goroutine; several runs at once do not share anything.
//
// # Threads
//
// Each thread is one goroutine locked to one OS thread with raw non-blocking sockets,
// whose bytes a transport moves: by an epoll set or an io_uring of the thread's own (see
// Engine). Connections, histograms and the schedule are divided among the
// threads beforehand; nothing is shared while load is running but a stop flag. There
// is no goroutine per connection, no runtime timer, and no allocation per request.
//
// # Slices
//
// Time is cut in slices, each of one target. With one target there is a single slice
// and its lead-in is the warm-up. With several (a rotation) every round visits each
// target once in random order, the others' connections stay open and idle, and warm-up
// is rotation without recording.
//
//	start      t0                       t1           end
//	  |--lead----|--------window----------|---drain----|
//	   sends      sends, recorded          sends nothing new, waits for replies
//
// All threads start a slice together. At t0 and t1 thread 0 calls the Probe, inline,
// so that what it reads belongs to exactly this window. The drain ends when nothing is
// owed any more and is bounded (see Plan.grace); a connection that still owes a reply
// then is closed and opened again, so that no reply reaches a later slice.
//
// # Which requests are measured, and the identity
//
// A request belongs to the window that its due time falls into. In a closed loop it
// is due when it is sent. For every target, always:
//
//	due = completed + unfinished + errors by kind
//
// Rules that make it so:
//   - A fault of a connection takes every request outstanding on it along, each
//     counted under the fault's kind. Requests are never sent a second time.
//   - Closed loop: a connection's next request becomes due when the connection can
//     carry it. An attempt to connect is no request: those that fail are counted apart,
//     and the next one comes after a back-off.
//   - Open loop: a due request leaves on a free connection or waits in line, at most
//     for the timeout. It then fails: with err_connect if its thread has no connection
//     to the target and the last attempt to make one failed, else with err_timeout. Requests that are in line when the drain
//     ends are err_connect or unfinished by the same distinction.
//   - A connection per request (Plan.NoKeepalive): it is due when the connection is begun
//     (closed loop) or as scheduled. A connection that cannot be made fails it with
//     err_connect. Its timeout counts from when the connection was begun.
//   - Else the timeout of a request that was sent counts from sending.
//   - Bytes (or a close) while nothing is owed concern no request: they are counted
//     apart, as Unasked and IdleClosed, and the connection is replaced. So with idle
//     connections (Plan.Idle), which never owe anything.
package engine

import (
	"errors"
	"time"
)

// ErrUnsupported is returned by Run on systems without epoll.
var ErrUnsupported = errors.New("generating load needs Linux (epoll)")

// epoch is the origin of all time stamps, which are nanoseconds of the monotonic clock.
var epoch = time.Now()

// clock costs one vDSO read; time.Now would read the wall clock as well.
func clock() int64 { return int64(time.Since(epoch)) }
