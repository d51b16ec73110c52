package live

import (
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ms = time.Millisecond

// planOf is a plan against so many targets, of 64 connections each.
func planOf(rate float64, names ...string) engine.Plan {
	p := engine.Plan{Connections: 64, Duration: 10 * time.Second, Warmup: time.Second, Rate: rate}
	for _, name := range names {
		p.Targets = append(p.Targets, engine.Target{Name: name})
	}
	return p
}

// samples are what n requests per second of a latency that rises from 1 us to n us make
// in a length of time.
func samples(n int, length time.Duration) record.Samples {
	s := record.Samples{Up: 64, Measured: length}
	s.Init(1)
	if n == 0 {
		return s
	}
	all := int(float64(n) * length.Seconds())
	s.Due, s.Completed, s.Replies = uint64(all), uint64(all), uint64(all)
	for i := range all {
		s.Latency.Add(time.Duration(i+1) * time.Microsecond)
	}
	return s
}

// story is a state that has seen a second of warm-up and then these intervals of 250 ms,
// each with the samples of all targets.
func story(p engine.Plan, intervals ...[]record.Samples) *state {
	s := newState(factsOf(&p))
	warm := make([]record.Samples, len(p.Targets))
	for i := range warm {
		warm[i].Up = 64
	}
	s.add(&engine.Interval{End: time.Second, Phase: engine.Warming, Targets: warm})
	for i, all := range intervals {
		start := time.Second + time.Duration(i)*250*ms
		s.add(&engine.Interval{Start: start, End: start + 250*ms, Phase: engine.Measuring, Targets: all})
	}
	return s
}

func TestState(t *testing.T) {
	p := planOf(4000, "a")
	s := newState(factsOf(&p))
	if s.doing() != "connecting" || s.progress() != 0 {
		t.Errorf("before anything: %s, %g", s.doing(), s.progress())
	}
	s = story(p)
	if s.doing() != "warming up" || s.left() != 10*time.Second || s.up() != 64 {
		t.Errorf("after the warm-up: %s, %v left, %d up", s.doing(), s.left(), s.up())
	}
	bad := samples(4000, 250*ms)
	bad.Due += 3
	bad.Errors[record.Timeout], bad.Errors[record.Reset] = 2, 1
	s = story(p, []record.Samples{samples(4000, 250*ms)}, []record.Samples{bad})
	r := &s.targets[0]
	if s.doing() != "measuring" || s.progress() != 0.05 || s.left() != 9500*ms || r.rate != 4000 || r.due != 4012 || r.failed() != 3 || r.completed != 2000 {
		t.Errorf("%s, %g done, %v left, %+v", s.doing(), s.progress(), s.left(), r)
	}
	if g := s.frame().figures[0]; !g.has99 || g.p99 < 990*time.Microsecond || g.p99 > 1010*time.Microsecond || g.max != ms {
		t.Errorf("of 2000 requests of 1 us to 1 ms: %+v", g)
	}
	if r.missed() || !(&row{rate: 98.9, due: 100}).missed() {
		t.Error("a rate is missed when it is more than 1% below what was due")
	}
	s.add(&engine.Interval{Start: 1500 * ms, End: 11 * time.Second, Phase: engine.Measuring, Targets: []record.Samples{samples(0, 9500*ms)}})
	if s.doing() != "draining" || s.left() != 0 {
		t.Errorf("when all is measured: %s, %v left", s.doing(), s.left())
	}
	s.add(&engine.Interval{Start: 11 * time.Second, End: 11100 * ms, Phase: engine.Done, Targets: []record.Samples{{}}})
	if s.doing() != "done" {
		t.Errorf("in the end: %s", s.doing())
	}
}

// With a number of requests the run is as far as whichever ends it.
func TestRequestsEndIt(t *testing.T) {
	p := planOf(0, "a")
	p.Requests = 4000
	if s := story(p, []record.Samples{samples(4000, 250*ms)}); s.progress() != 0.25 || s.left() != 750*ms {
		t.Errorf("%g done, %v left", s.progress(), s.left())
	}
}

// The clock counts what is measured, and before that the warm-up.
func TestClock(t *testing.T) {
	limited := planOf(0, "a")
	limited.Requests = 4000
	quick := planOf(0, "a")
	quick.Warmup = 0
	one := []record.Samples{samples(1000, 250*ms)}
	for want, s := range map[string]*state{
		"1.0s of 1.0s":  story(planOf(0, "a")),
		"0.5s of 10.0s": story(planOf(0, "a"), one, one),
		"0.2s":          story(limited, one),
		"0.0s":          story(quick),
	} {
		f := s.frame()
		if got := f.clock(); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// A target that an interval did not measure keeps its rate, and its past.
func TestRotationMeasuresInTurn(t *testing.T) {
	s := story(planOf(0, "a", "b"), []record.Samples{samples(1000, 250*ms), samples(2000, 250*ms)}, []record.Samples{samples(500, 250*ms), {Up: 3}})
	a, b := &s.targets[0], &s.targets[1]
	if a.rate != 500 || b.rate != 2000 || len(a.rates) != 2 || len(b.rates) != 1 || b.up != 3 {
		t.Errorf("a %+v\nb %+v", a, b)
	}
}

func TestPastIsBounded(t *testing.T) {
	var past []float64
	for i := range 3 * columns {
		past = remember(past, float64(i))
	}
	if len(past) != columns || past[0] != 2*columns || past[columns-1] != 3*columns-1 || cap(past) > 2*columns {
		t.Errorf("%d values of room for %d: %v", len(past), cap(past), past)
	}
}

// At the edge of the warm-up, replies to requests that were due before it say nothing.
func TestTooShortForARate(t *testing.T) {
	edge := samples(0, minMeasured-1)
	edge.Up, edge.Replies = 64, 50
	s := story(planOf(1000, "a"), []record.Samples{edge})
	if r := &s.targets[0]; r.rates != nil || r.rate != 0 {
		t.Errorf("%+v", r)
	}
	iv := engine.Interval{Start: ms, End: time.Second, Phase: engine.Measuring, Targets: []record.Samples{edge}}
	if line := s.line(&iv); line != "   1s  measuring   64 of 64 up\n" {
		t.Errorf("%q", line)
	}
}

// What another goroutine draws does not change any more.
func TestFrameIsACopy(t *testing.T) {
	s := story(planOf(0, "a"), []record.Samples{samples(1000, 250*ms)})
	f := s.frame()
	before := f.view(100, 24)
	for range 2 * columns {
		s.add(&engine.Interval{Start: 2 * time.Second, End: 3 * time.Second, Phase: engine.Measuring, Targets: []record.Samples{samples(3000, 250*ms)}})
	}
	if after := f.view(100, 24); after != before {
		t.Errorf("it was\n%s\nand is\n%s", before, after)
	}
}

func TestPlainLines(t *testing.T) {
	bad := samples(2000, time.Second)
	bad.Errors[record.Timeout], bad.Errors[record.Reset] = 2, 1
	bad.Due += 3
	for _, tt := range []struct {
		rate float64
		iv   engine.Interval
		want string
	}{
		{0, engine.Interval{End: time.Second, Phase: engine.Warming, Targets: []record.Samples{{Up: 60}}}, "   1s  warming up  60 of 64 up\n"},
		{0, engine.Interval{End: 2 * time.Second, Phase: engine.Measuring, Targets: []record.Samples{samples(2000, time.Second)}},
			"   2s  measuring   2000/s  p50 1.00ms  p99 1.98ms  max 2.00ms  errors 0  64 of 64 up\n"},
		{2000, engine.Interval{End: 3250 * ms, Phase: engine.Measuring, Targets: []record.Samples{bad}},
			" 3.2s  measuring   2000/s of 2003/s  p50 1.00ms  p99 1.98ms  max 2.00ms  errors 3 (reset 1, timeout 2)  64 of 64 up\n"},
		{0, engine.Interval{End: 3 * time.Second, Phase: engine.Measuring, Targets: []record.Samples{samples(100, time.Second)}},
			"   3s  measuring   100/s  p50 50.0us  p99 -  max 100us  errors 0  64 of 64 up\n"},
		{0, engine.Interval{End: 3 * time.Second, Phase: engine.Measuring, Targets: []record.Samples{samples(0, time.Second)}},
			"   3s  measuring   0/s  p50 -  p99 -  max -  errors 0  64 of 64 up\n"},
		{0, engine.Interval{End: 3 * time.Second, Phase: engine.Measuring, Targets: []record.Samples{samples(100, time.Second), samples(0, time.Second)}},
			"   3s  measuring   a 100/s  p50 50.0us  p99 -  max 100us  errors 0 | b 0/s  p50 -  p99 -  max -  errors 0  128 of 128 up\n"},
		{0, engine.Interval{End: 3 * time.Second, Phase: engine.Done, Targets: []record.Samples{{}}}, ""},
	} {
		p := planOf(tt.rate, []string{"a", "b"}[:len(tt.iv.Targets)]...)
		s := newState(factsOf(&p))
		s.add(&tt.iv)
		if got := s.line(&tt.iv); strings.ReplaceAll(got, "1.01ms", "1.00ms") != tt.want {
			t.Errorf("%s, want\n%s", got, tt.want)
		}
	}
}
