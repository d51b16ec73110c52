package engine

import (
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbench/loadgen/record"
)

// A reply of any size is read in constant memory, however it is delimited.
func TestHugeBodies(t *testing.T) {
	const size = 256 << 20
	piece := make([]byte, 256<<10)
	chunk := []byte("40000\r\n" + string(piece) + "\r\n")
	stream := func(c net.Conn, head string, piece []byte, n int, tail string) {
		io.WriteString(c, head)
		for range n {
			if _, err := c.Write(piece); err != nil {
				return
			}
		}
		io.WriteString(c, tail)
	}
	for _, tt := range []struct {
		name  string
		size  int
		reply func(c net.Conn, n int)
	}{
		{"sized", size, func(c net.Conn, n int) {
			stream(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 268435456\r\n\r\n", piece, n, "")
		}},
		{"chunked", size / 2, func(c net.Conn, n int) { stream(c, chunkedHead, chunk, n, "0\r\n\r\n") }},
		{"until close", size / 2, func(c net.Conn, n int) { stream(c, "HTTP/1.1 200 OK\r\n\r\n", piece, n, "") }},
	} {
		server := serve(t, each(func(_ *fake, c net.Conn) bool {
			tt.reply(c, tt.size/len(piece))
			return false
		}))
		plan := Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 1, Requests: 1, Duration: bound, Timeout: bound}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		s := &mustRun(t, plan).Targets[0]
		runtime.ReadMemStats(&after)
		if s.Completed != 1 || s.Bytes < uint64(tt.size) {
			t.Errorf("%s: completed %d, %d bytes, errors %v", tt.name, s.Completed, s.Bytes, s.Errors)
		}
		if grown := after.TotalAlloc - before.TotalAlloc; grown > 32<<20 { // most of it are the histograms
			t.Errorf("%s: %d bytes allocated for a body of %d", tt.name, grown, tt.size)
		}
	}
}

// A server that never reads fills the buffers of both sides, and the requests time out.
func TestServerDoesNotRead(t *testing.T) {
	t.Parallel()
	for _, p := range []Plan{{}, {Pipeline: 3}, {Rate: 1000}, {NoKeepalive: true}} {
		longEnough(t, 40*time.Millisecond, func(timeout time.Duration) string {
			gone := make(chan struct{})
			defer close(gone)
			server := serve(t, func(*fake, net.Conn) { <-gone })
			p.Targets = []Target{requestTarget(t, server, "PUT", make([]byte, 8<<20))}
			p.Connections, p.Requests, p.Duration, p.Timeout = 2, 6, bound, timeout
			rep, ok := inTime(t, p)
			if !ok {
				return "no connection was made in time"
			}
			if s := &rep.Targets[0]; s.Due != 6 || s.Errors[record.Timeout] != 6 {
				t.Errorf("pipeline %d, rate %g, keepalive %v: due %d, errors %v", p.Pipeline, p.Rate, !p.NoKeepalive, s.Due, s.Errors)
			}
			return ""
		})
	}
}

// Replies that come faster than they can be read do not keep a run from its end.
func TestEndsUnderAFlood(t *testing.T) {
	flood := []byte(strings.Repeat(okReply, 1000))
	server := serve(t, func(_ *fake, c net.Conn) {
		for {
			if _, err := c.Write(flood); err != nil {
				return
			}
		}
	})
	for _, p := range []Plan{{Pipeline: 64}, {Rate: 1000}, {Threads: 2, Idle: 4}} {
		longEnough(t, 50*time.Millisecond, func(d time.Duration) string {
			p.Targets, p.Connections, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, 4, d, bound
			if s := &mustRun(t, p).Targets[0]; s.Unasked == 0 {
				return fmt.Sprintf("pipeline %d, rate %g: nothing unasked: %d completed, errors %v", p.Pipeline, p.Rate, s.Completed, s.Errors)
			}
			return ""
		})
	}
}

// What idle connections are told concerns no request: each is replaced, once.
func TestUnasked(t *testing.T) {
	const n = 9
	for _, p := range []Plan{{}, {Rate: 1000}} {
		server := serve(t, func(f *fake, c net.Conn) {
			if k := f.order(c); k > 1 && k <= 1+n {
				io.WriteString(c, "220 hello\r\n")
			}
			each(func(f *fake, c net.Conn) bool {
				f.await(1 + 2*n)
				_, err := io.WriteString(c, okReply)
				return err == nil
			})(f, c)
		})
		p.Targets, p.Connections, p.Idle, p.Requests, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, 1, n, 20, bound, bound
		s := &mustRun(t, p).Targets[0]
		if s.Completed != 20 || s.Unasked != n || s.IdleUp != n {
			t.Errorf("rate %g: completed %d, unasked %d, %d idle up, errors %v", p.Rate, s.Completed, s.Unasked, s.IdleUp, s.Errors)
		}
	}
}

// A backlog that is full answers with silence. Attempts end by the timeout, and each is
// its request's failure where a request makes its own connection. (A backlog of 0 holds
// one: that which has asked whether the server is there.)
func TestBacklogIsFull(t *testing.T) {
	t.Parallel()
	for _, p := range []Plan{{}, {Rate: 1000}, {Threads: 2}} {
		longEnough(t, 30*time.Millisecond, func(timeout time.Duration) string {
			_, target := narrow(t)
			p.Targets, p.Connections, p.Requests, p.Duration = []Target{target}, 3, 6, bound
			p.NoKeepalive, p.Timeout = true, timeout
			rep, _ := inTime(t, p)
			if rep == nil {
				return "the one connection that it holds was not made in time"
			}
			s := &rep.Targets[0]
			if s.Errors[record.Timeout] > 0 && p.Rate > 0 {
				return "some waited in line for the whole timeout before anything was tried"
			}
			if s.Due != 6 || s.Errors[record.Connect] != 6 || s.Sent != 0 {
				t.Errorf("rate %g, %d threads: due %d, sent %d, errors %v", p.Rate, p.Threads, s.Due, s.Sent, s.Errors)
			}
			if want := "connection timed out"; s.ConnectError != want {
				t.Errorf("attempts to connect failed with %q, want %q", s.ConnectError, want)
			}
			return ""
		})
	}
}

// A server that dies and comes back on the same port is found again, in every load. It
// comes back when it has been missed.
func TestServerComesBack(t *testing.T) {
	t.Parallel()
	for i, p := range []Plan{{}, {Threads: 2, Pipeline: 3}, {Rate: 3000}, {NoKeepalive: true}, {Idle: 3}} {
		var dies, missed sync.Once
		server := serveAt(t, ownAddr(newChaos(uint64(os.Getpid()*10+i)).rng), each(func(f *fake, c net.Conn) bool {
			if f.requests.Load() >= 50 { // two may come at once, and see 51
				dies.Do(f.die)
			}
			_, err := io.WriteString(c, okReply)
			if err == nil {
				f.did[good].Add(1)
			}
			return err == nil
		}))
		p.Watch, p.Interval = func(in *Interval) {
			if in.Targets[0].ConnectFailed > 0 {
				missed.Do(func() {
					if err := server.listen(); err != nil {
						t.Error(err)
					}
				})
			}
		}, MinSlice
		p.Targets, p.Connections, p.Requests, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, 3, 300, bound, bound
		s := &mustRun(t, p).Targets[0]
		server.end()
		if s.Due != 300 || s.Completed < 150 || int64(s.Completed) > server.did[good].Load() || s.ConnectFailed == 0 {
			t.Errorf("plan %d: due %d, completed %d of %d served, errors %v, %d attempts to connect failed",
				i, s.Due, s.Completed, server.did[good].Load(), s.Errors, s.ConnectFailed)
		}
		// Who was connected lost what it was owed. Only where a request makes its own
		// connection can it fail while the server is away.
		if most := uint64(3 * max(1, p.Pipeline)); s.Failed() > most && !p.NoKeepalive {
			t.Errorf("plan %d: errors %v, want at most %d", i, s.Errors, most)
		}
	}
}
