package main

import (
	"bytes"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/pace"
	"modelbench/loadgen/procstat"
	"modelbench/loadgen/record"
	"modelbench/loadgen/search"
	"modelbench/loadgen/slo"
)

const (
	us = time.Microsecond
	ms = time.Millisecond
)

// samples are those of n good requests in 10 s, whose latencies grow evenly up to a
// millisecond; at a rate half of that is service time.
func samples(n int, open bool) *record.Samples {
	s := &record.Samples{Due: uint64(n), Sent: uint64(n), Completed: uint64(n), Replies: uint64(n), Left: uint64(n), Bytes: uint64(n) * 135,
		Measured: 10 * time.Second, Windows: 1, Up: 64}
	s.Init(1)
	for i := range n {
		d := time.Duration(i+1) * time.Millisecond / time.Duration(n)
		s.Latency.Add(d)
		if open {
			s.Service.Add(d / 2)
			s.Lag.Add(d - d/2)
			s.Late.Add(us)
		}
	}
	for i := range 64 {
		s.Connect.Add(time.Duration(i+100) * us)
	}
	s.ThreadCPU[0] = 4 * time.Second
	return s
}

// spoil gives s failures of two kinds and more that is worth a line.
func spoil(s *record.Samples) *record.Samples {
	for i, k := range []record.Kind{record.Status, record.Timeout, record.Timeout} {
		s.Due++
		s.Sent++
		s.Errors[k]++
		s.Failures.Add(time.Duration(i+1) * time.Second)
	}
	s.Due++
	s.Unfinished++
	s.ConnectFailed, s.ConnectError, s.IdleClosed, s.Unasked, s.Lost = 2, "connection refused: is the server up?", 3, 1, 4
	return s
}

// known makes findings of a plan and the samples of its targets, which are called a, b ...
func known(p engine.Plan, all ...*record.Samples) *findings {
	p.Connections, p.Threads, p.Duration, p.Slice, p.Engine = 64, 1, 10*time.Second, 50*ms, engine.Epoll
	f := &findings{rep: &engine.Report{Plan: p}}
	for i, s := range all {
		name := string(rune('a' + i))
		u := &url.URL{Scheme: "http", Host: "127.0.0.1:8080", Path: "/" + name}
		f.rep.Plan.Targets = append(f.rep.Plan.Targets, engine.Target{Name: name, Addr: netip.MustParseAddrPort("127.0.0.1:8080")})
		f.rep.Targets = append(f.rep.Targets, *s)
		r := result{target: &target{name: name, url: u}, samples: s}
		r.verdict, r.reason = s.Judge(record.Evidence{Offered: p.Offered()})
		f.results = append(f.results, r)
	}
	return f
}

// sliced cuts the measured time of all targets into rounds of slices whose throughput goes
// up and down a little, each target's more by a tenth than the one's before.
func sliced(f *findings, rounds int) *findings {
	n := len(f.results)
	for i := range rounds * n {
		at, t := i/n, i%n
		replies := uint64(1000+at%7*10) * uint64(10+t) / 10
		f.rep.Slices = append(f.rep.Slices, engine.Slice{Target: t, Measured: 100 * ms, Replies: replies})
		f.slices = append(f.slices, sliceCost{time.Duration(10+at%3) * ms, true})
	}
	if n > 1 {
		f.ratios = compare(f.rep, f.slices)
	}
	return f
}

func judged(f *findings, objective string) *findings {
	o, err := slo.Parse(objective)
	if err != nil {
		panic(err)
	}
	for i := range f.results {
		r := o.Evaluate(f.results[i].samples)
		f.results[i].goal = &r
	}
	return f
}

func costing(f *findings, u procstat.Usage) *findings {
	for i := range f.results {
		f.results[i].usage = &u
	}
	return f
}

// scenes are what a report can look like.
func scenes() map[string]*findings {
	usage := procstat.Usage{CPU: 2 * time.Second, User: 500 * ms, Sys: 1500 * ms, PSSBytes: 12 << 20, Threads: 7}
	all := map[string]*findings{
		"closed":      costing(sliced(known(engine.Plan{}, samples(200_000, false)), 100), usage),
		"open":        judged(known(engine.Plan{Rate: 20_000}, samples(200_000, true)), "p99<5ms,errors<0.1%,p99.999<1s"),
		"errors":      judged(known(engine.Plan{}, spoil(samples(500, false))), "p90<500us,errors<0.1%,p99<1s"),
		"nothing":     known(engine.Plan{}, &record.Samples{ConnectFailed: 64, ConnectError: "connection refused: is the server up?"}),
		"rotation":    costing(sliced(known(engine.Plan{}, samples(100_000, false), samples(110_000, false)), 100), usage),
		"lost":        costing(sliced(known(engine.Plan{}, samples(100_000, false), samples(110_000, false)), 100), procstat.Usage{CPU: time.Second, Lost: true}),
		"short":       costing(sliced(known(engine.Plan{Rate: 5000}, samples(100, true), spoil(samples(100, true))), 3), usage),
		"few_errors":  known(engine.Plan{}, samples(100_000, false), spoil(samples(110_000, false))),
		"random":      known(engine.Plan{Rate: 20_000, Poisson: true, NoKeepalive: true, Idle: 100}, samples(200_000, true)),
		"interrupted": known(engine.Plan{Ramp: [2]float64{1000, 20_000}, Pipeline: 4}, samples(10_000, true)),
		"search":      known(engine.Plan{Rate: 9000}, samples(90_000, true)),
	}
	all["random"].results[0].arrivals = &pace.Goodness{Intervals: 199_999, Distance: 0.0021, Critical: 0.0036, P: 0.4, Mean: 1, Variation: 0.998, Lag1: -0.001}
	all["interrupted"].rep.Interrupted = true
	all["limited"] = known(engine.Plan{Requests: 1000, KernelTimestamps: true}, samples(1000, false))
	for range 1000 {
		all["limited"].results[0].samples.Wake.Add(2 * ms)
	}
	late := samples(200_000, true) // more was due than left, and some replies are to what came before
	late.Due, late.Unfinished, late.Replies = 500_000, 300_000, 180_000
	all["overrun"] = known(engine.Plan{Rate: 50_000, Warmup: time.Second}, late)
	o, err := slo.Parse("p99<5ms")
	if err != nil {
		panic(err)
	}
	all["search"].found = &finding{o, search.Result{Rate: 9000, Confirmed: true, Above: 9400, Runs: make([]search.Run, 14)}}
	return all
}

// TestReportText holds what people read against testdata/report. After a change:
// go test ./loadgen -run TestReportText -update
func TestReportText(t *testing.T) {
	t.Parallel()
	for name, f := range scenes() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got bytes.Buffer
			writeReport(&got, f)
			path := filepath.Join("testdata", "report", name+".golden")
			if *update {
				if err := os.WriteFile(path, got.Bytes(), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := content(t, path); !bytes.Equal(got.Bytes(), want) {
				t.Errorf("got\n%s\nwant\n%s", got.Bytes(), want)
			}
		})
	}
}
