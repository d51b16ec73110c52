package protocol

import (
	"fmt"
	"sync/atomic"
	"time"

	"modelbench/servers/app"
)

// Rules are what all sessions of a server keep to. A server has one; its
// sessions share it. The fields are set before the first session and not
// changed after it.
type Rules struct {
	MaxHead        int           // bytes of a request head, with its line ends; from 64 to 1 GiB
	MaxBody        int           // bytes of a request body; at most 1 GiB; 0 refuses all bodies
	HeadTimeout    time.Duration // from a request's first byte to the end of its head
	RequestTimeout time.Duration // from a request's first byte to its last, head and body together
	IdleTimeout    time.Duration // between requests

	// DrainGrace is how long an idle connection is kept when the server drains. A
	// client that asks again within it hears with the reply that it is the last; for
	// one that does not, the close may cross a request that is on its way, and lose it.
	// Zero closes at once.
	DrainGrace time.Duration

	App app.App // what requests are served by

	date     dateLine
	draining atomic.Bool
}

// Longest is the most that a time limit may be: a year. Drivers add limits to the
// time, and half of one to the whole, in 64 bits of nanoseconds.
const Longest = 365 * 24 * time.Hour

// Validate reports the first rule that no session could keep.
func (r *Rules) Validate() error {
	switch {
	case r.MaxHead < 64 || r.MaxHead > 1<<30:
		return fmt.Errorf("max-header is %d bytes; it must be from 64 to 1 GiB", r.MaxHead)
	case r.MaxBody < 0 || r.MaxBody > 1<<30: // drivers count what they hold in 32 bits
		return fmt.Errorf("max-body is %d bytes; it must be from 0 to 1 GiB", r.MaxBody)
	case r.HeadTimeout <= 0 || r.HeadTimeout > Longest:
		return fmt.Errorf("header-timeout is %v; it must be above 0 and at most %v", r.HeadTimeout, Longest)
	case r.RequestTimeout <= 0 || r.RequestTimeout > Longest:
		return fmt.Errorf("request-timeout is %v; it must be above 0 and at most %v", r.RequestTimeout, Longest)
	case r.IdleTimeout <= 0 || r.IdleTimeout > Longest:
		return fmt.Errorf("idle-timeout is %v; it must be above 0 and at most %v", r.IdleTimeout, Longest)
	}
	return nil
}

// Unused is the most a session leaves unused of what it is offered, so the
// most a driver has to hold back for a connection: the longest of a head that
// is not complete, a chunk's first line that is not, and a body that is not.
func (r *Rules) Unused() int { return max(r.MaxHead+sizeLine, r.MaxBody) }

// Drain makes sessions finish: from now on each reply is the last of its
// connection and says so. Safe to call at any time, from anywhere.
func (r *Rules) Drain() { r.draining.Store(true) }

// Draining reports whether Drain was called.
func (r *Rules) Draining() bool { return r.draining.Load() }

// SetDate tells the sessions the time for their Date headers. Sessions have no
// clock: a server calls this at each full second, from one goroutine.
func (r *Rules) SetDate(now time.Time) { r.date.set(now) }

// head is how long a request may take from its first byte to the end of its head.
func (r *Rules) head() time.Duration { return min(r.HeadTimeout, r.RequestTimeout) }

// idle is how long to wait for a request.
func (r *Rules) idle() time.Duration {
	if r.Draining() {
		return min(max(r.DrainGrace, time.Millisecond), r.IdleTimeout)
	}
	return r.IdleTimeout
}
