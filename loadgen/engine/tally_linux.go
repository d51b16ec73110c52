package engine

import (
	"time"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/record"
)

// A tally writes down a thread's part of the report's slices.
//
//	open ---window of the slice---> close ---drain---> settle
//
// The room for all of them is made beforehand, as far as their number is known.
type tally struct {
	slices []Slice
	cpu    time.Duration // of the thread when the last one was opened
	at     int64
	before counts // of the share then
	isOpen bool   // between open and settle
}

// counts are the figures of a share, since the run began, that slices tell apart.
type counts struct{ replies, left, failed uint64 }

func (t *tally) open(s *share, target int, at int64, cpu time.Duration) {
	t.slices = append(t.slices, Slice{Target: target, Start: time.Duration(at)})
	t.cpu, t.at, t.before, t.isOpen = cpu, at, s.counts(), true
}

func (t *tally) close(s *share, at int64, cpu time.Duration) {
	c, now := &t.slices[len(t.slices)-1], s.counts()
	c.Measured = time.Duration(at - t.at)
	c.ClientCPU = cpu - t.cpu
	c.Replies, c.Left = now.replies-t.before.replies, now.left-t.before.left
}

func (t *tally) settle(s *share) {
	if t.isOpen {
		t.slices[len(t.slices)-1].Failed = s.counts().failed - t.before.failed
		t.isOpen = false
	}
}

// counts adds what was handed over to what was not yet.
func (s *share) counts() counts {
	m, b := s.samples, &s.handed
	return counts{b.replies + m.Replies, b.left + m.Left, b.failed + m.Failed()}
}

// A lap adds measured time, the CPU time that a thread used in it and the time that it
// waited for a CPU, to samples, so that what is handed over in the middle of a window has
// its part of all.
type lap struct {
	at    int64
	cpu   time.Duration
	delay time.Duration
}

// add adds what has passed since l until now.
func (l *lap) add(m *record.Samples, thread int, now lap) {
	m.Measured += time.Duration(now.at - l.at)
	m.ThreadCPU[thread] += now.cpu - l.cpu
	m.RunDelay += now.delay - l.delay
	*l = now
}

func threadCPU() time.Duration {
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_THREAD_CPUTIME_ID, &ts) != nil {
		return 0 // cannot be: the clock always exists
	}
	return time.Duration(ts.Nano())
}
