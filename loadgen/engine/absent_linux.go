package engine

import (
	"bytes"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// A thread that gets no CPU measures itself: the requests that were due meanwhile leave
// late, and in a closed loop none is due at all. So it notices when it was away, from
// readings of the clock that are made anyway:
//
//	reading   reading -----asked to sleep-----> reading            reading
//	   |---------|                    seen|------absent---|-----------|
//	     a few us                                           over the threshold: absent
//
// Between two readings lie a few system calls at most, never a batch of events.

// shortAbsence is the time between two readings from which on the requests of an open loop
// that were due in it are late by the generator's own doing, even if they had to wait for a
// connection afterwards: a hundred times what lies between readings.
const shortAbsence = int64(time.Millisecond)

// longAbsence is the time from which on it counts as Samples.Absent: more than a time slice
// of the scheduler. What server and generator take from each other where they share CPUs
// is less, and is told by Late and RunDelay.
const longAbsence = int64(10 * time.Millisecond)

// A span is a stretch of time, as clock values. The zero span is empty.
type span struct{ from, to int64 }

// rest returns how much of the span lies behind at; 0 if at is not in it.
func (s span) rest(at int64) int64 {
	if at < s.from || at >= s.to {
		return 0
	}
	return s.to - at
}

// here notes that the thread is there at now.
func (t *thread) here(now int64) {
	if now-t.seen > shortAbsence {
		t.wasAway(span{t.seen, now})
	}
	t.seen = now
}

// wasAway notes an absence. One whose requests have not all left yet becomes longer by one
// that follows at once, and is kept if a shorter one comes later: it explains more.
func (t *thread) wasAway(s span) {
	if t.cur == nil {
		return
	}
	if t.run.open() {
		// The next in line may have been due before, and those of the absence stand behind it.
		switch wait := t.gone.to - max(t.cur.due(), t.gone.from); {
		case wait > 0 && s.from-t.gone.to < shortAbsence:
			t.gone.to = s.to
		case wait < s.to-s.from:
			t.gone = s
		}
	}
	if s.to-s.from > longAbsence {
		t.cur.samples.Absent += time.Duration(max(0, min(s.to, t.t1)-max(s.from, t.t0)))
	}
}

// openRunDelay opens the calling thread's account with the scheduler; -1 if it has none.
func openRunDelay() int {
	fd, err := unix.Open("/proc/thread-self/schedstat", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1
	}
	return fd
}

func closeRunDelay(fd int) {
	if fd >= 0 {
		unix.Close(fd)
	}
}

// runDelay returns how long the thread has been ready to run without a CPU; always 0 where
// the kernel does not say. (Documentation/scheduler/sched-stats.rst: time running, time
// waiting, in ns, and the number of time slices.)
func (t *thread) runDelay() time.Duration {
	if t.delayFile < 0 {
		return 0
	}
	var text [64]byte
	n, err := unix.Pread(t.delayFile, text[:], 0)
	if err != nil {
		return 0
	}
	return parseRunDelay(text[:n])
}

// parseRunDelay returns the second figure, 0 if there is none.
func parseRunDelay(text []byte) time.Duration {
	_, rest, _ := bytes.Cut(text, []byte{' '})
	second, _, _ := bytes.Cut(rest, []byte{' '})
	ns, err := strconv.ParseInt(string(second), 10, 64)
	if err != nil {
		return 0
	}
	return time.Duration(ns)
}
