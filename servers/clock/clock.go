// Package clock is a process's own time, for the drivers of the models.
//
// They read the clock a few times for each request and remember some times for each
// connection. A Time is a third of a time.Time to keep, and as it knows nothing of
// the calendar, half the work to read.
package clock

import "time"

// A Time is in nanoseconds since the process began; it never goes backwards. Zero
// means no time: never, or not set.
type Time int64

var start = time.Now().Add(-1) // so that no reading is zero

// Now reads the clock.
func Now() Time { return Time(time.Since(start)) }

// After is the time d after t.
func (t Time) After(d time.Duration) Time { return t + Time(d) }

// Until is how long after now t is; negative when it is over.
func (t Time) Until(now Time) time.Duration { return time.Duration(t - now) }

// Deadline is t as sockets want it: the zero time.Time for no time.
func (t Time) Deadline() time.Time {
	if t == 0 {
		return time.Time{}
	}
	return start.Add(time.Duration(t))
}
