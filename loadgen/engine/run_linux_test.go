package engine

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"math"
	"net"
	"reflect"
	"runtime"
	"sync"
	"testing"
	"time"
)

// spy notes the calls of a Probe.
type spy struct {
	calls []string
	open  func()
}

func (s *spy) note(call string, target int) { s.calls = append(s.calls, call+string(rune('0'+target))) }
func (s *spy) Before(target int)            { s.note("before", target) }
func (s *spy) Close(target int)             { s.note("close", target) }
func (s *spy) After(target int)             { s.note("after", target) }
func (s *spy) End()                         { s.note("end", 0) }
func (s *spy) Open(target int) {
	s.note("open", target)
	if s.open != nil {
		s.open()
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	a, b := serve(t, always(okReply)), serve(t, always(okReply))
	for _, p := range []Plan{
		{Connections: 5},
		{Connections: 5, Threads: 2},
		{Connections: 5, Threads: 2, Rate: 2000},
	} {
		longEnough(t, 50*time.Millisecond, func(slice time.Duration) (instead string) {
			probe := &spy{}
			p.Targets = []Target{httpTarget(t, "a", a), httpTarget(t, "b", b)}
			p.Warmup, p.Slice, p.Duration, p.Timeout, p.Probe, p.Seed = 20*time.Millisecond, slice, slice*24/5, bound, probe, 7
			rep := mustRun(t, p)
			if want := probed(rep); !reflect.DeepEqual(probe.calls, want) {
				t.Errorf("probe calls %v, want %v", probe.calls, want)
			}
			for i := range rep.Targets {
				s := &rep.Targets[i]
				if s.Measured != p.Duration/2 || s.Windows != 3 || len(s.ThreadCPU) != rep.Plan.Threads || s.Failed() > 0 {
					t.Errorf("target %d: measured %v in %d windows on %d threads, errors %v", i, s.Measured, s.Windows, len(s.ThreadCPU), s.Errors)
				}
				// Due times are arithmetic, whatever the server did.
				if want := p.Rate * s.Measured.Seconds(); p.Rate > 0 && math.Abs(float64(s.Due)-want) > 3 {
					t.Errorf("target %d: %d due, want %g", i, s.Due, want)
				}
				if s.Completed == 0 {
					instead = fmt.Sprintf("%+v: nothing completed on target %d", p, i)
				}
			}
			return instead
		})
	}
}

// probed returns the calls that a probe gets in a rotation.
func probed(rep *Report) []string {
	var all []string
	for _, v := range rep.Plan.schedule() {
		if v.recorded {
			for _, call := range []string{"before", "open", "close", "after"} {
				all = append(all, call+string(rune('0'+v.target)))
			}
		}
	}
	return append(all, "end0")
}

// A target that is stuck costs its drains and nothing else: the other is not disturbed.
func TestRotationWithAStuckTarget(t *testing.T) {
	t.Parallel()
	good, stuck := serve(t, always(okReply)), serve(t, each(func(*fake, net.Conn) bool { return true }))
	for _, rate := range []float64{0, 500} {
		longEnough(t, 50*time.Millisecond, func(slice time.Duration) string {
			rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "good", good), httpTarget(t, "stuck", stuck)}, Connections: 3, Rate: rate,
				Duration: slice * 24 / 5, Slice: slice, Timeout: bound})
			if s := &rep.Targets[1]; s.Completed > 0 || rate > 0 && s.Unfinished != s.Due || s.Windows != 3 {
				t.Errorf("rate %g, stuck: completed %d of %d, unfinished %d, errors %v, %d windows", rate, s.Completed, s.Due, s.Unfinished, s.Errors, s.Windows)
			}
			s := &rep.Targets[0]
			saw := fmt.Sprintf("rate %g, good: completed %d, unfinished %d, errors %v", rate, s.Completed, s.Unfinished, s.Errors)
			if s.Failed() > 0 {
				t.Error(saw)
			}
			if s.Completed == 0 || s.Unfinished > 0 { // or its drains were too short too
				return saw
			}
			return ""
		})
	}
}

func TestRequestsEndTheRun(t *testing.T) {
	t.Parallel()
	server := serve(t, always(okReply))
	for _, p := range []Plan{{}, {Threads: 3}, {Pipeline: 3}, {Rate: 20000}, {Rate: 20000, Threads: 2}, {Warmup: 10 * time.Millisecond}} {
		p.Targets, p.Connections, p.Requests, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, 4, 200, time.Hour, bound
		rep := mustRun(t, p)
		if s := &rep.Targets[0]; s.Due != 200 || s.Completed != 200 {
			t.Errorf("%+v: due %d, completed %d, want 200", p, s.Due, s.Completed)
		}
	}
}

func TestInterrupted(t *testing.T) {
	t.Parallel()
	for _, p := range []Plan{
		{Duration: time.Hour},
		{Duration: time.Hour, Rate: 1000, Threads: 2},
		{Duration: time.Hour, Slice: time.Minute, Threads: 2},
		{Duration: time.Hour, Warmup: time.Hour},
	} {
		ctx, cancel := context.WithCancel(context.Background())
		server := serve(t, each(func(f *fake, c net.Conn) bool {
			if f.requests.Load() >= 50 { // two may come at once, and see 51
				cancel()
			}
			_, err := io.WriteString(c, okReply)
			return err == nil
		}))
		p.Targets = []Target{httpTarget(t, "a", server)}
		if p.Slice > 0 {
			p.Targets = append(p.Targets, httpTarget(t, "b", server))
		}
		p.Connections = 4
		rep, err := carryOut(ctx, p)
		if err != nil {
			t.Fatal(err)
		}
		checkBalance(t, rep)
		if !rep.Interrupted {
			t.Errorf("%+v: the report does not say that it is partial", p)
		}
		if p.Warmup == 0 && p.Slice == 0 && rep.Targets[0].Completed == 0 {
			t.Errorf("%+v: nothing completed before the interruption", p)
		}
	}
}

// A stall appears in the latency of every request that was due during it, not only of
// the one that met it: 1000/s, and the first reply takes 200 ms, so half of 400 requests
// wait, the k-th for at least 200-k ms. (Lower bounds only: a slow machine is slower.)
func TestStall(t *testing.T) {
	t.Parallel()
	const stall = 200 * time.Millisecond
	var once sync.Once
	server := serve(t, each(func(_ *fake, c net.Conn) bool {
		once.Do(func() { time.Sleep(stall) })
		_, err := io.WriteString(c, okReply)
		return err == nil
	}))
	s := &mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 1, Rate: 1000, Requests: 400, Duration: bound, Timeout: bound}).Targets[0]
	if s.Due != 400 || s.Completed != 400 {
		t.Fatalf("%d due, %d completed, want 400", s.Due, s.Completed)
	}
	if d, _ := s.Latency.Quantile(0.80); d < 115*time.Millisecond {
		t.Errorf("latency p80 %v: 80 of 400 requests waited for 120 ms or more", d)
	}
	if s.Latency.Max() < stall {
		t.Errorf("latency max %v of a stall of %v", s.Latency.Max(), stall)
	}
}

// Ten times the requests, and not ten times the allocations: none belongs to a request.
func TestNoAllocationPerRequest(t *testing.T) {
	server := serve(t, func(_ *fake, c net.Conn) {
		r, reply := bufio.NewReader(c), []byte(okReply)
		for readRequest(r) {
			if _, err := c.Write(reply); err != nil {
				return
			}
		}
	})
	for _, p := range []Plan{{}, {Pipeline: 4}, {Rate: 50000}} {
		p.Targets, p.Connections, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, 8, bound, bound
		allocs := func(requests uint64) uint64 {
			p.Requests = requests
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			rep := mustRun(t, p)
			runtime.ReadMemStats(&after)
			if rep.Targets[0].Completed != requests {
				t.Fatalf("%d of %d requests completed", rep.Targets[0].Completed, requests)
			}
			return after.Mallocs - before.Mallocs
		}
		few, many := allocs(1000), allocs(11000)
		if many > few+500 {
			t.Errorf("pipeline %d, rate %g: %d allocations for 1000 requests, %d for 11000", p.Pipeline, p.Rate, few, many)
		}
	}
}
