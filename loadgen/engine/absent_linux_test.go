package engine

import (
	"fmt"
	"testing"
	"time"

	"modelbench/loadgen/record"
)

// A thread that is kept from its work finds out, in either loop: a probe that does not
// return holds thread 0 as a missing CPU would. (Lower bounds only, and a pause that is
// longer than others that the machine may make.)
func TestAbsent(t *testing.T) {
	t.Parallel()
	server := serve(t, always(okReply))
	for name, p := range map[string]Plan{
		"closed":             {},
		"closed, 2 threads":  {Threads: 2},
		"closed, pipeline":   {Pipeline: 4},
		"closed, single":     {NoKeepalive: true},
		"open":               {Rate: 2000},
		"open, 2 threads":    {Rate: 2000, Threads: 2},
		"open, watched":      {Rate: 2000, Interval: 20 * time.Millisecond, Watch: func(*Interval) {}},
		"open, one":          {Rate: 1000, Connections: 1},
		"open, from a pause": {Rate: 50},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			longEnough(t, 200*time.Millisecond, func(pause time.Duration) string {
				p.Targets, p.Connections, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, or(p.Connections, 4), pause*5/2, bound
				p.Warmup, p.Probe = 20*time.Millisecond, &spy{open: func() { time.Sleep(pause) }}
				if p.Open() { // all that is due leaves, however long that takes
					p.Requests, p.Duration = uint64(p.Rate*p.Duration.Seconds()), bound
				}
				return absent(mustRun(t, p), pause)
			})
		})
	}
}

// absent says what is missing of a thread's absence for so long.
func absent(rep *Report, pause time.Duration) string {
	p, s := &rep.Plan, &rep.Targets[0]
	// The thread may have meant to sleep until a little after the probe was called.
	if least := pause - 50*time.Millisecond; s.Absent < least || s.Absent > s.Measured {
		return fmt.Sprintf("absent for %v of %v, want %v or more", s.Absent, s.Measured, least)
	}
	if v, why := s.Judge(record.Evidence{Offered: p.Rate}); v != record.Lagging {
		return fmt.Sprintf("%s: %s, want lagging", v, why)
	}
	if !p.Open() {
		return ""
	}
	// Of the requests that were due in the pause, on thread 0, half were due in its first
	// half, and all those left late by the generator's own doing.
	late, want := 0, int(p.Rate*(pause/2).Seconds())/p.Threads-2
	for _, bar := range s.Late.Histogram().Distribution() {
		if bar.To >= int64(pause/2-5*time.Millisecond) {
			late += int(bar.Count)
		}
	}
	if late < want {
		return fmt.Sprintf("%d of %d requests late by half the pause, want %d or more", late, s.Late.Count(), want)
	}
	return ""
}

func TestSpan(t *testing.T) {
	s := span{100, 300}
	for at, want := range map[int64]int64{99: 0, 100: 200, 299: 1, 300: 0} {
		if got := s.rest(at); got != want {
			t.Errorf("behind %d lie %d, want %d", at, got, want)
		}
	}
	if got := (span{}).rest(0); got != 0 {
		t.Errorf("%d of nothing", got)
	}
}

// Only what is measured counts, and a shorter absence does not hide a longer one whose
// requests still wait.
func TestWasAway(t *testing.T) {
	var samples record.Samples
	const ms = int64(time.Millisecond)
	th := &thread{run: &run{isOpen: true}, t0: 1000 * ms, t1: 2000 * ms}
	th.here(500 * ms) // nothing is under way
	th.cur = &share{samples: &samples, next: 1100 * ms}
	for _, step := range []struct{ sleep, now, absent, from int64 }{
		{900, 1100, 100, 900},  // since before the window
		{1101, 1101, 100, 900}, // on time
		{1102, 1400, 398, 1102},
		{1500, 1480, 398, 1102}, // early
		{1480, 1481, 398, 1102}, // not worth mentioning
		{1500, 1505, 398, 1500}, // late, and short: no absence that counts
		{1900, 2100, 498, 1900}, // until after the window
		{2200, 2300, 498, 1900}, // after it; the first requests of the longer one still wait
	} {
		if th.gone.to < step.sleep*ms {
			th.cur.next = th.gone.to // all that was due in the last absence has left
		}
		if step.from == 1900 {
			th.cur.next = 1850 * ms // from before it
		}
		th.seen = step.sleep * ms
		th.here(step.now * ms)
		if samples.Absent != time.Duration(step.absent*ms) || th.gone.from != step.from*ms {
			t.Errorf("at %d: absent for %v, the last time from %v; want %+v", step.now, samples.Absent, time.Duration(th.gone.from), step)
		}
	}
}

func TestParseRunDelay(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"1228712 4567 9\n": 4567, "1 0 1\n": 0, "12 34": 34, "12": 0, "": 0, "a b c\n": 0, "1  2": 0,
	} {
		if got := parseRunDelay([]byte(text)); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
