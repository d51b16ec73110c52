package engine

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/record"
)

// bound is how long a run may take before a test calls it stuck. It is not a measure:
// runs end by their number of requests, so that a busy machine changes nothing.
const bound = 30 * time.Second

// mustRun carries out a plan and checks what holds for every run: it ends by itself,
// the identity holds, and nothing was sent that was not due.
func mustRun(t *testing.T, p Plan) *Report {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	rep, err := carryOut(ctx, p)
	if err != nil {
		t.Fatal(err)
	}
	if rep.Interrupted {
		t.Fatalf("the run had to be stopped after %v", bound)
	}
	checkBalance(t, rep)
	return rep
}

func checkBalance(t *testing.T, rep *Report) {
	t.Helper()
	for i := range rep.Targets {
		s := &rep.Targets[i]
		if !s.Balanced() {
			t.Errorf("%s: due %d, completed %d, unfinished %d, errors %v do not add up",
				rep.Plan.Targets[i].Name, s.Due, s.Completed, s.Unfinished, s.Errors)
		}
		if s.Sent > s.Due || s.Completed != s.Latency.Count() {
			t.Errorf("%s: due %d, sent %d, completed %d, with latency %d", rep.Plan.Targets[i].Name, s.Due, s.Sent, s.Completed, s.Latency.Count())
		}
		if s.Failures.Count() != s.Failed() {
			t.Errorf("%s: %d failed, %d with a time", rep.Plan.Targets[i].Name, s.Failed(), s.Failures.Count())
		}
	}
	checkSlices(t, rep)
}

// The slices of a target are its measured time and all that happened in it.
func checkSlices(t *testing.T, rep *Report) {
	t.Helper()
	sums := make([]Slice, len(rep.Targets))
	at := time.Duration(0)
	for _, s := range rep.Slices {
		if s.Start < at || s.Measured < 0 {
			t.Errorf("slice %+v begins before %v", s, at)
		}
		at = s.Start + s.Measured
		sum := &sums[s.Target]
		sum.Measured += s.Measured
		sum.Replies += s.Replies
		sum.Left += s.Left
		sum.Failed += s.Failed
		sum.ClientCPU += s.ClientCPU
	}
	for i, sum := range sums {
		s := &rep.Targets[i]
		if sum.Measured != s.Measured || sum.Replies != s.Replies || sum.Left != s.Left || sum.Failed != s.Failed() {
			t.Errorf("%s: the slices add up to %+v; measured %v, replies %d, left %d, failed %d",
				rep.Plan.Targets[i].Name, sum, s.Measured, s.Replies, s.Left, s.Failed())
		}
		if sum.ClientCPU != s.ClientCPU() {
			t.Errorf("%s: CPU time %v in slices, %v in all", rep.Plan.Targets[i].Name, sum.ClientCPU, s.ClientCPU())
		}
	}
}

// A fault is a server's misconduct and what it must be counted as.
type fault struct {
	name      string
	serve     func(*fake, net.Conn)
	want      []record.Kind // at least one of these occurs, and no others
	completes bool          // some requests succeed
	also      func(*record.Samples) bool
}

var faults = []fault{
	{name: "good", serve: always(okReply), completes: true},
	{name: "interim replies", serve: always("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n" + okReply), completes: true},
	{name: "one byte at a time", serve: each(func(_ *fake, c net.Conn) bool { return drip(c, okReply) }), completes: true},
	{name: "says close", serve: each(func(_ *fake, c net.Conn) bool {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
		return false
	}), completes: true},
	{name: "delimits by closing", serve: each(func(_ *fake, c net.Conn) bool {
		io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nall of it")
		return false
	}), completes: true},
	{name: "not found", serve: always("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"), want: []record.Kind{record.Status}},
	{name: "reset", serve: each(func(_ *fake, c net.Conn) bool { return reset(c) }), want: []record.Kind{record.Reset}},
	{name: "end before a reply", serve: each(func(*fake, net.Conn) bool { return false }), want: []record.Kind{record.EOF}},
	{name: "end inside a reply", serve: each(func(_ *fake, c net.Conn) bool {
		io.WriteString(c, okReply[:len(okReply)-1])
		return false
	}), want: []record.Kind{record.EOF}},
	// The next request may cross the close, and then meets a socket that is gone.
	{name: "end between replies", serve: each(func(_ *fake, c net.Conn) bool {
		io.WriteString(c, okReply)
		return false
	}), want: []record.Kind{record.EOF, record.Reset}, completes: true,
		also: func(s *record.Samples) bool { return s.Failed()+s.IdleClosed > 0 }},
	{name: "garbage", serve: always("220 smtp.example.com ESMTP\r\n"), want: []record.Kind{record.Malformed}},
	// The first is good. Nobody asked for the second, which costs the connection.
	{name: "two replies for one", serve: always(okReply + okReply), completes: true,
		also: func(s *record.Samples) bool { return s.Unasked > 0 }},
	{name: "silence", serve: each(func(*fake, net.Conn) bool { return true }), want: []record.Kind{record.Timeout}},
	{name: "interim replies without end", serve: each(func(_ *fake, c net.Conn) bool {
		for {
			if _, err := io.WriteString(c, "HTTP/1.1 102 Processing\r\n\r\n"); err != nil {
				return false
			}
		}
	}), want: []record.Kind{record.Timeout}},
}

// check compares what was counted with what the fault must be counted as. In an open
// loop, requests go on being due while connections that keep breaking are in back-off:
// they wait in line, and some longer than the timeout.
func (f *fault) check(t *testing.T, p *Plan, s *record.Samples) {
	t.Helper()
	if s.Due == 0 {
		t.Fatal("nothing was due")
	}
	if (s.Completed > 0) != f.completes {
		t.Errorf("%d completed, want some: %v", s.Completed, f.completes)
	}
	allowed := make(map[record.Kind]bool)
	occurred := false
	for _, k := range f.want {
		allowed[k] = true
		occurred = occurred || s.Errors[k] > 0
	}
	if p.Rate > 0 && len(f.want) > 0 {
		allowed[record.Connect], allowed[record.Timeout] = true, true
	}
	if f.also != nil {
		occurred = f.also(s)
	}
	for k := range record.Kinds {
		if s.Errors[k] > 0 && !allowed[k] {
			t.Errorf("%d err_%s", s.Errors[k], k)
		}
	}
	if (len(f.want) > 0 || f.also != nil) && !occurred {
		t.Errorf("errors %v, want some of %v", s.Errors, f.want)
	}
}

// timeout is short where it is waited for, and elsewhere out of the way: on a busy
// machine any reply may take long.
func (f *fault) timeout(rate float64) time.Duration {
	inLine := rate > 0 && !f.completes
	if inLine || slices.Contains(f.want, record.Timeout) {
		return 40 * time.Millisecond
	}
	return bound
}

func TestFaults(t *testing.T) {
	loops := []struct {
		name string
		plan Plan
	}{
		{"closed", Plan{Connections: 3}},
		{"open", Plan{Connections: 3, Rate: 500}},
		{"two threads", Plan{Connections: 3, Threads: 2}},
	}
	for _, f := range faults {
		for _, l := range loops {
			t.Run(f.name+"/"+l.name, func(t *testing.T) {
				t.Parallel()
				server := serve(t, f.serve)
				p := l.plan
				p.Targets = []Target{httpTarget(t, "a", server)}
				p.Requests, p.Duration, p.Timeout = 12, bound, f.timeout(p.Rate)
				rep := mustRun(t, p)
				f.check(t, &rep.Plan, &rep.Targets[0])
				if done := int64(rep.Targets[0].Completed); done > server.requests.Load() {
					t.Errorf("%d requests completed of %d that reached the server", done, server.requests.Load())
				}
			})
		}
	}
}

// What is behind a fault on the same connection fails with it.
func TestFaultsPipelined(t *testing.T) {
	for _, f := range faults {
		if f.name == "end between replies" || f.name == "two replies for one" || strings.Contains(f.name, "clos") {
			continue // with a pipeline these are other faults: replies are owed at the close
		}
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, f.serve)
			rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 2, Pipeline: 4,
				Requests: 12, Duration: bound, Timeout: f.timeout(0)})
			f.check(t, &rep.Plan, &rep.Targets[0])
		})
	}
}

func TestUnfinished(t *testing.T) {
	t.Parallel()
	server := serve(t, each(func(*fake, net.Conn) bool { return true }))
	rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 3, Pipeline: 2, Duration: 20 * time.Millisecond})
	if s := &rep.Targets[0]; s.Unfinished != 6 || s.Due != 6 {
		t.Errorf("due %d, unfinished %d, want 6 each", s.Due, s.Unfinished)
	}
}

// What waits in line behind a server that is too slow is unfinished: it had connections.
func TestUnfinishedInLine(t *testing.T) {
	t.Parallel()
	server := serve(t, each(func(*fake, net.Conn) bool { return true }))
	rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 3, Threads: 2, Rate: 1000, Duration: 50 * time.Millisecond})
	if s := &rep.Targets[0]; s.Unfinished != 50 || s.Due != 50 || s.Sent != 3 {
		t.Errorf("due %d, sent %d, unfinished %d, errors %v; want 50, 3, 50, none", s.Due, s.Sent, s.Unfinished, s.Errors)
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	server := serve(t, always(okReply))
	server.die()
	for _, rate := range []float64{0, 100} {
		_, err := carryOut(context.Background(), Plan{Targets: []Target{httpTarget(t, "gone", server)}, Rate: rate})
		if !errors.Is(err, unix.ECONNREFUSED) || !strings.Contains(err.Error(), "gone") {
			t.Errorf("rate %g: error %v, want a refused connection to gone", rate, err)
		}
	}
}

// The server dies under load, and with it every connection. What is due in an open loop
// then has no connection to leave on. In a closed loop nothing is due any more: an
// attempt to connect is no request.
func TestServerDies(t *testing.T) {
	for _, rate := range []float64{0, 1000} {
		server := serve(t, each(func(f *fake, c net.Conn) bool {
			if f.requests.Load() >= 20 { // whoever comes to be the 20th, and those with it
				f.die()
			}
			_, err := io.WriteString(c, okReply)
			return err == nil
		}))
		rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 4, Rate: rate,
			Duration: 300 * time.Millisecond, Timeout: 50 * time.Millisecond})
		if s := &rep.Targets[0]; s.Completed == 0 || (s.Errors[record.Connect] > 0) != (rate > 0) || s.ConnectFailed == 0 {
			t.Errorf("rate %g: completed %d, errors %v, %d attempts to connect failed", rate, s.Completed, s.Errors, s.ConnectFailed)
		}
	}
}

// A greeting nobody asked for concerns no request: the connection is replaced.
func TestUnasked(t *testing.T) {
	t.Parallel()
	server := serve(t, func(f *fake, c net.Conn) {
		io.WriteString(c, okReply)
		always(okReply)(f, c)
	})
	rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 2, Rate: 20,
		Requests: 3, Duration: bound, Timeout: 20 * time.Millisecond})
	if s := &rep.Targets[0]; s.Unasked == 0 {
		t.Errorf("unasked %d, completed %d, errors %v", s.Unasked, s.Completed, s.Errors)
	}
}

func TestEcho(t *testing.T) {
	t.Parallel()
	good := serve(t, func(_ *fake, c net.Conn) { io.Copy(c, c) })
	for _, p := range []Plan{
		{Connections: 3, Pipeline: 7},
		{Connections: 3, Pipeline: 7, Rate: 5000},
		{Connections: 2, Pipeline: 128}, // 8 MiB each: far more than a socket takes, so writes are cut short
	} {
		size := 10001
		if p.Pipeline == 128 {
			size = 64 << 10
		}
		p.Targets, p.Requests, p.Duration = []Target{echoTarget(t, good, size)}, 300, bound
		if s := &mustRun(t, p).Targets[0]; s.Completed == 0 || s.Failed() > 0 {
			t.Errorf("pipeline %d, rate %g: completed %d, errors %v", p.Pipeline, p.Rate, s.Completed, s.Errors)
		}
	}
	swapped := serve(t, func(_ *fake, c net.Conn) {
		b := make([]byte, 100)
		for {
			if _, err := io.ReadFull(c, b); err != nil {
				return
			}
			b[7], b[8] = b[8], b[7]
			c.Write(b)
		}
	})
	rep := mustRun(t, Plan{Targets: []Target{echoTarget(t, swapped, 100)}, Connections: 3, Requests: 30, Duration: bound})
	if s := &rep.Targets[0]; s.Completed > 0 || s.Errors[record.Mismatch] == 0 {
		t.Errorf("completed %d, errors %v, want mismatches", s.Completed, s.Errors)
	}
}

// A backlog that is full answers a SYN with silence, which is no refusal.
func TestConnectMeetsSilence(t *testing.T) {
	listener, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(listener)
	if err := errors.Join(unix.Bind(listener, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(listener, 0)); err != nil {
		t.Fatal(err)
	}
	addr, err := unix.Getsockname(listener)
	if err != nil {
		t.Fatal(err)
	}
	for range 4 { // a backlog of 0 holds one; what is in excess stays unanswered
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		if err := unix.Connect(fd, addr); err != nil && err != unix.EINPROGRESS {
			t.Fatal(err)
		}
	}
	target := httpTarget(t, "", &fake{addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(addr.(*unix.SockaddrInet4).Port))})
	target.Name = target.Addr.String()
	_, err = carryOut(t.Context(), Plan{Targets: []Target{target}, Connections: 2, Timeout: 20 * time.Millisecond, Duration: time.Millisecond})
	if want := "connect to " + target.Name + ": connection timed out: is the server up?"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
