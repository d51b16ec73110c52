package live

import (
	"slices"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

// columns is how much of the past is kept, in intervals: what the widest sparkline shows.
const columns = 120

// minMeasured is the shortest measured time that a rate may be told from: at the edge of
// the warm-up an interval may hold less.
const minMeasured = 10 * time.Millisecond

// A state is what is known of a run so far. It is plain data: intervals go in, and the
// views read it. Its zero value with facts filled in is a run that is still connecting.
type state struct {
	facts
	began   bool          // an interval has come, so connections are up
	now     time.Duration // since load began
	phase   engine.Phase
	since   time.Duration // when the first measured interval began
	targets []row
}

// facts are what the plan says.
type facts struct {
	names       []string // of the targets
	connections int      // to each
	warmup      time.Duration
	duration    time.Duration
	requests    uint64 // 0 means no limit
	open        bool   // an open loop, in which achieving the rate is a feat
}

// A row is what is known of one target.
type row struct {
	up            int
	connectFailed uint64
	completed     uint64
	measured      time.Duration
	errors        [record.Kinds]uint64
	latency       record.Hist // of the whole run

	// Of the last interval that measured this target for long enough.
	rate, due float64 // requests per second

	// What sparklines show, one value for each of these intervals, oldest first. The p99
	// here is the best there is, also of few samples: a picture of where the slow ones are,
	// never shown as a figure.
	rates, p50s, p99s []float64
}

func newState(f facts) *state {
	return &state{facts: f, targets: make([]row, len(f.names))}
}

// add takes in an interval, of which nothing is kept.
func (s *state) add(iv *engine.Interval) {
	s.began, s.now, s.phase = true, iv.End, iv.Phase
	before := s.measured()
	for i := range s.targets {
		s.targets[i].add(&iv.Targets[i])
	}
	if before == 0 && s.measured() > 0 {
		s.since = iv.Start
	}
}

func (r *row) add(s *record.Samples) {
	r.up = s.Up
	r.connectFailed += s.ConnectFailed
	r.completed += s.Completed
	r.measured += s.Measured
	for k, n := range s.Errors {
		r.errors[k] += n
	}
	r.latency.Merge(&s.Latency)
	if s.Measured < minMeasured {
		return
	}
	r.rate, r.due = s.Throughput(), float64(s.Due)/s.Measured.Seconds()
	p50, _ := s.Latency.Quantile(0.5)
	p99, _ := s.Latency.Quantile(0.99)
	r.rates = remember(r.rates, r.rate)
	r.p50s = remember(r.p50s, p50.Seconds())
	r.p99s = remember(r.p99s, p99.Seconds())
}

// remember appends v to the past and forgets what is too old.
func remember(past []float64, v float64) []float64 {
	if len(past) == columns {
		copy(past, past[1:])
		past = past[:columns-1]
	}
	return append(past, v)
}

// measured returns the measured time of all targets together.
func (s *state) measured() time.Duration {
	sum := time.Duration(0)
	for i := range s.targets {
		sum += s.targets[i].measured
	}
	return sum
}

// progress returns how much of the measurement is done, 0 to 1.
func (s *state) progress() float64 {
	p := s.measured().Seconds() / s.duration.Seconds()
	if s.requests > 0 {
		for i := range s.targets {
			p = max(p, float64(s.targets[i].completed)/float64(s.requests))
		}
	}
	return min(p, 1)
}

// left estimates how much longer the run takes, from how fast it got to where it is.
func (s *state) left() time.Duration {
	p := s.progress()
	if p == 0 {
		return max(s.warmup-s.now, 0) + s.duration
	}
	return time.Duration(float64(s.now-s.since) * (1 - p) / p)
}

// doing names what the run is doing.
func (s *state) doing() string {
	switch {
	case !s.began:
		return "connecting"
	case s.phase == engine.Done:
		return "done"
	case s.phase == engine.Warming:
		return "warming up"
	case s.progress() == 1:
		return "draining"
	}
	return "measuring"
}

// failed returns how many requests to the target have failed.
func (r *row) failed() uint64 {
	sum := uint64(0)
	for _, n := range r.errors {
		sum += n
	}
	return sum
}

// A frame is a state to be drawn by another goroutine: nothing in it changes any more.
type frame struct {
	state
	figures []figures
}

// figures are the quantiles of a target so far, which take a while to be looked up.
type figures struct {
	p50, p99, max time.Duration
	has50, has99  bool // there are samples enough for it
}

// frame copies what is drawn.
func (s *state) frame() frame {
	f := frame{state: *s, figures: make([]figures, len(s.targets))}
	f.targets = slices.Clone(s.targets)
	for i := range f.targets {
		r, g := &f.targets[i], &f.figures[i]
		g.p50, g.has50 = r.latency.Quantile(0.5)
		g.p99, g.has99 = r.latency.Quantile(0.99)
		g.max = r.latency.Max()
		r.latency = record.Hist{}
		r.rates, r.p50s, r.p99s = slices.Clone(r.rates), slices.Clone(r.p50s), slices.Clone(r.p99s)
	}
	return f
}
