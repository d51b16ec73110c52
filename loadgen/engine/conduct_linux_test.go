package engine

import (
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"modelbench/loadgen/record"
)

// A conduct is what a server does with a request that it has read, and what the request
// must be counted as: good, or a kind of failure. The fake counts what it did, so that
// the client's counts can be compared with it exactly.
type conduct struct {
	name    string
	want    record.Kind           // or good
	act     func(c net.Conn) bool // false ends the connection
	unasked bool                  // bytes remain that nobody asked for
	head    bool                  // for requests by HEAD
}

const good = record.Kinds

// says writes a text and goes on with the connection; ends closes it, cuts resets it.
func says(text string) func(net.Conn) bool {
	return func(c net.Conn) bool {
		_, err := io.WriteString(c, text)
		return err == nil
	}
}

func ends(text string) func(net.Conn) bool {
	return func(c net.Conn) bool {
		io.WriteString(c, text)
		return false
	}
}

func cuts(text string) func(net.Conn) bool {
	return func(c net.Conn) bool {
		io.WriteString(c, text)
		return reset(c)
	}
}

// forever begins with a text and repeats another until the client has enough: fast until
// any limit is passed, then at a pace that leaves the machine to others.
func forever(text, again string) func(net.Conn) bool {
	again = strings.Repeat(again, 1+4096/len(again))
	return func(c net.Conn) bool {
		_, err := io.WriteString(c, text)
		for sent := 0; err == nil; sent += len(again) {
			if sent > 1<<20 {
				time.Sleep(time.Millisecond)
			}
			_, err = io.WriteString(c, again)
		}
		return false
	}
}

const (
	chunkedHead = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
	interim     = "HTTP/1.1 100 Continue\r\n\r\n"
)

var conducts = []conduct{
	{name: "sized", want: good, act: says(okReply)},
	{name: "empty", want: good, act: says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")},
	{name: "chunked", want: good, act: says(chunkedHead + "2\r\nhi\r\n5;x=y\r\nthere\r\n0\r\nT: v\r\n\r\n")},
	{name: "interim first", want: good, act: says(interim + "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + okReply)},
	{name: "204", want: good, act: says("HTTP/1.1 204 No Content\r\n\r\n")},
	{name: "304 with a length", want: good, act: says("HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n")},
	{name: "one byte at a time", want: good, act: func(c net.Conn) bool { return drip(c, okReply) }},
	{name: "says close", want: good, act: ends("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi")},
	{name: "delimits by closing", want: good, act: ends("HTTP/1.1 200 OK\r\n\r\nall of it")},
	{name: "1.0", want: good, act: ends("HTTP/1.0 200 OK\r\n\r\nall of it")},
	{name: "to HEAD", want: good, head: true, act: says("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n")},

	{name: "two replies for one", want: good, unasked: true, act: says(okReply + okReply)},
	{name: "too long", want: good, unasked: true, act: says(okReply + "!")},
	{name: "204 with a body", want: good, unasked: true, act: says("HTTP/1.1 204 No Content\r\n\r\nbody")},
	{name: "304 with a body", want: good, unasked: true, act: says("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody")},
	{name: "HEAD with a body", want: good, unasked: true, head: true, act: says(okReply)},

	{name: "404", want: record.Status, act: says("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")},
	{name: "999", want: record.Status, act: says("HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n")},
	{name: "500 and close", want: record.Status, act: ends("HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")},
	{name: "503 until close", want: record.Status, act: ends("HTTP/1.1 503 Busy\r\n\r\nsorry")},

	{name: "ends before the reply", want: record.EOF, act: ends("")},
	{name: "ends in the status line", want: record.EOF, act: ends("HTTP/1.1 2")},
	{name: "ends in the head", want: record.EOF, act: ends("HTTP/1.1 200 OK\r\nContent-Len")},
	{name: "ends in the body", want: record.EOF, act: ends(okReply[:len(okReply)-1])},
	{name: "too short", want: record.EOF, act: ends("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nhi")},
	{name: "ends in a chunk", want: record.EOF, act: ends(chunkedHead + "5\r\nhi")},
	{name: "ends in a chunk size", want: record.EOF, act: ends(chunkedHead + "2\r\nhi\r\n1")},
	{name: "ends between chunks", want: record.EOF, act: ends(chunkedHead + "2\r\nhi\r\n")},
	{name: "ends in the trailer", want: record.EOF, act: ends(chunkedHead + "0\r\nT: v\r\n")},
	{name: "ends behind an interim reply", want: record.EOF, act: ends(interim)},

	{name: "resets before the reply", want: record.Reset, act: cuts("")},
	{name: "resets in the head", want: record.Reset, act: cuts("HTTP/1.1 200 OK\r\n")},
	{name: "resets in the body", want: record.Reset, act: cuts(okReply[:len(okReply)-1])},
	{name: "resets in a chunk", want: record.Reset, act: cuts(chunkedHead + "5\r\nhi")},

	{name: "garbage", want: record.Malformed, act: says("220 smtp.example.com ESMTP\r\n")},
	{name: "garbage without an end", want: record.Malformed, act: says("\x16\x03\x01")},
	{name: "line feeds only", want: record.Malformed, act: says("HTTP/1.1 200 OK\nContent-Length: 0\n\n")},
	{name: "status 99", want: record.Malformed, act: says("HTTP/1.1 99 Low\r\nContent-Length: 0\r\n\r\n")},
	{name: "status 1000", want: record.Malformed, act: says("HTTP/1.1 1000 High\r\nContent-Length: 0\r\n\r\n")},
	{name: "101", want: record.Malformed, act: says("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n")},
	{name: "both lengths", want: record.Malformed, act: says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n")},
	{name: "two lengths", want: record.Malformed, act: says("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi")},
	{name: "chunk longer than it says", want: record.Malformed, act: says(chunkedHead + "2\r\nhiho\r\n")},
	{name: "endless head", want: record.Malformed, act: forever("HTTP/1.1 200 OK\r\n", "A: b\r\n")},
	{name: "endless header line", want: record.Malformed, act: forever("HTTP/1.1 200 OK\r\nA: ", "b")},
	{name: "endless chunk extension", want: record.Malformed, act: forever(chunkedHead+"2;", "x")},
	{name: "endless trailer", want: record.Malformed, act: forever(chunkedHead+"0\r\n", "A: b\r\n")},

	{name: "silence", want: record.Timeout, act: says("")},
	{name: "half a reply", want: record.Timeout, act: func(c net.Conn) bool {
		io.WriteString(c, okReply[:20])
		io.Copy(io.Discard, c)
		return false
	}},
	{name: "endless interim replies", want: record.Timeout, act: forever("", "HTTP/1.1 102 Processing\r\n\r\n")},
	{name: "endless chunks", want: record.Timeout, act: forever(chunkedHead, "2\r\nhi\r\n")},
	{name: "endless body", want: record.Timeout, act: forever("HTTP/1.1 200 OK\r\n\r\n", "hi")},
}

// behave starts a fake that does with each request what pick says.
func behave(t testing.TB, pick func(f *fake, rng *rand.Rand) *conduct) *fake {
	t.Helper()
	return behaveAt(t, netip.MustParseAddrPort("127.0.0.1:0"), pick)
}

func behaveAt(t testing.TB, addr netip.AddrPort, pick func(f *fake, rng *rand.Rand) *conduct) *fake {
	t.Helper()
	return serveAt(t, addr, func(f *fake, c net.Conn) {
		rng := rand.New(rand.NewPCG(uint64(f.order(c)), 0x636f6e64756374))
		each(func(f *fake, c net.Conn) bool {
			d := pick(f, rng)
			more := d.act(c)
			f.did[d.want].Add(1)
			return more
		})(f, c)
	})
}

// target is what a conduct is tried with.
func (d *conduct) target(t *testing.T, f *fake) Target {
	if d.head {
		return requestTarget(t, f, "HEAD", nil)
	}
	return httpTarget(t, "a", f)
}

// patiently calls try with the timeout to have: short where it is waited for, unless try
// says that it was too short for something else, such as to connect. Elsewhere it is out
// of the way: on a busy machine any reply may take long.
func (d *conduct) patiently(t *testing.T, try func(timeout time.Duration) (instead string)) {
	t.Helper()
	if d.want == record.Timeout {
		longEnough(t, 40*time.Millisecond, try)
	} else if instead := try(bound); instead != "" {
		t.Error(instead)
	}
}

// requests is how many to make: few where each waits for its timeout.
func (d *conduct) requests() int64 {
	if d.want == record.Timeout {
		return 6
	}
	return 12
}

// check compares what was counted with what the conduct must be counted as.
func (d *conduct) check(t *testing.T, s *record.Samples) {
	t.Helper()
	n := uint64(d.requests())
	want := record.Samples{Due: n}
	if d.want == good {
		want.Completed = n
	} else {
		want.Errors[d.want] = n
	}
	if d.unasked {
		want.Unasked = n
	}
	if d.want == record.Status { // such conducts are named after it
		if got := s.StatusCounts(); len(got) != 1 || got[0].N != n || !strings.HasPrefix(d.name, strconv.Itoa(got[0].Code)) {
			t.Errorf("%s: statuses %v, want %d of that one", d.name, got, n)
		}
	} else if got := s.StatusCounts(); got != nil {
		t.Errorf("%s: statuses %v", d.name, got)
	}
	if s.Due != want.Due || s.Completed != want.Completed || s.Errors != want.Errors || s.Unasked != want.Unasked || s.IdleClosed > 0 {
		t.Errorf("%s: due %d, completed %d, errors %v, unasked %d, closed while idle %d; want %d, %d, %v, %d, 0",
			d.name, s.Due, s.Completed, s.Errors, s.Unasked, s.IdleClosed, want.Due, want.Completed, want.Errors, want.Unasked)
	}
}

// Every request that is due ends as the server's conduct says, and no other way; the
// server has seen exactly these.
func TestConduct(t *testing.T) {
	for _, p := range []Plan{
		{Connections: 3},
		{Connections: 3, Threads: 2},
		{Connections: 3, Rate: 1000},
		{Connections: 3, Rate: 1000, Threads: 2},
		{Connections: 3, NoKeepalive: true},
		{Connections: 3, NoKeepalive: true, Rate: 1000, Threads: 2},
	} {
		for i := range conducts {
			d := &conducts[i]
			t.Run(fmt.Sprintf("%s/rate=%g,threads=%d,keepalive=%v", d.name, p.Rate, p.Threads, !p.NoKeepalive), func(t *testing.T) {
				t.Parallel()
				d.patiently(t, func(timeout time.Duration) string {
					server := behave(t, func(*fake, *rand.Rand) *conduct { return d })
					p, n := p, d.requests()
					p.Targets = []Target{d.target(t, server)}
					p.Requests, p.Duration, p.Timeout = uint64(n), bound, timeout
					rep, ok := inTime(t, p)
					server.end()
					if !ok {
						return "no connection was made in time"
					}
					d.check(t, &rep.Targets[0])
					// What took longer than a timeout to be sent or read has not been read.
					if got := server.requests.Load(); got != n && d.want != record.Timeout || got > n {
						t.Errorf("%d requests reached the server, want %d", got, n)
					}
					return ""
				})
			})
		}
	}
}

// What is behind a fault on the same connection fails with it. A server that closes with
// requests unread resets, as TCP has it.
func TestConductPipelined(t *testing.T) {
	const n = 12
	for i := range conducts {
		d := &conducts[i]
		if d.unasked {
			continue // two replies for one answer the next request too: nobody can tell
		}
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			d.patiently(t, func(timeout time.Duration) string {
				server := behave(t, func(*fake, *rand.Rand) *conduct { return d })
				rep, ok := inTime(t, Plan{Targets: []Target{d.target(t, server)}, Connections: 2, Pipeline: 4,
					Requests: n, Duration: bound, Timeout: timeout})
				server.end()
				if !ok {
					return "no connection was made in time"
				}
				s := &rep.Targets[0]
				if s.Completed+s.Failed() != n || int64(s.Completed) > server.did[good].Load() {
					t.Errorf("completed %d, errors %v, of %d; the server has served %d", s.Completed, s.Errors, n, server.did[good].Load())
				}
				d.checkPipelined(t, s, n)
				return ""
			})
		})
	}
}

// checkPipelined is check where what is behind a request fails with it.
func (d *conduct) checkPipelined(t *testing.T, s *record.Samples, n uint64) {
	t.Helper()
	ended := s.Errors[record.EOF] + s.Errors[record.Reset]
	switch got := s.Errors[d.want%good]; {
	case d.want == good, d.want == record.Status:
		if s.Completed+s.Errors[record.Status]+ended != n {
			t.Errorf("completed %d, errors %v", s.Completed, s.Errors)
		}
	case d.want == record.EOF:
		if ended != n {
			t.Errorf("errors %v, want %d err_eof or err_reset", s.Errors, n)
		}
	case got != n:
		t.Errorf("errors %v, want %d err_%s", s.Errors, n, d.want)
	}
}

// Whoever ends a connection before it has read anything resets or closes it; which of
// them, and whether the connection was ever up, is a matter of nanoseconds.
func TestEndsAtOnce(t *testing.T) {
	for _, end := range []struct {
		name  string
		serve func(*fake, net.Conn)
	}{
		{"closes", func(*fake, net.Conn) {}},
		{"resets", func(_ *fake, c net.Conn) { reset(c) }},
	} {
		for _, p := range []Plan{{}, {Threads: 2}, {Pipeline: 4}, {NoKeepalive: true}} {
			t.Run(fmt.Sprintf("%s/%d/%d/%v", end.name, p.Threads, p.Pipeline, p.NoKeepalive), func(t *testing.T) {
				t.Parallel()
				server := serve(t, end.serve)
				p := p
				p.Targets, p.Connections, p.Requests, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, 3, 12, bound, bound
				ctx := t.Context()
				rep, err := carryOut(ctx, p)
				if err != nil {
					// None of them was up any more when load was about to begin.
					if !strings.HasPrefix(err.Error(), "connect to a at ") {
						t.Error(err)
					}
					return
				}
				checkBalance(t, rep)
				s := &rep.Targets[0]
				if ended := s.Errors[record.EOF] + s.Errors[record.Reset] + s.Errors[record.Connect]; s.Due != 12 || ended != 12 {
					t.Errorf("due %d, completed %d, errors %v", s.Due, s.Completed, s.Errors)
				}
				if s.Errors[record.Connect] > 0 && !p.NoKeepalive {
					t.Errorf("an attempt to connect was counted as a request: errors %v", s.Errors)
				}
			})
		}
	}
}
