package engine

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/record"
)

// A connection per request: the server sees as many connections as requests, and one
// that found out whether it is there.
func TestSingle(t *testing.T) {
	t.Parallel()
	for _, p := range []Plan{
		{Connections: 3},
		{Connections: 5, Threads: 2},
		{Connections: 3, Rate: 2000},
		{Connections: 5, Threads: 2, Rate: 2000},
	} {
		polite := serve(t, each(func(_ *fake, c net.Conn) bool {
			io.WriteString(c, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi")
			return false
		}))
		deaf := serve(t, always(okReply)) // leaves its connections open
		delimits := serve(t, each(func(_ *fake, c net.Conn) bool {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\nall of it")
			return false
		}))
		echo := serve(t, func(f *fake, c net.Conn) {
			n, _ := io.Copy(c, c)
			f.requests.Add(n / 10001)
		})
		for i, server := range []*fake{polite, deaf, delimits, echo} {
			p.NoKeepalive, p.Requests, p.Duration, p.Timeout = true, 60, bound, bound
			p.Targets = []Target{httpTarget(t, "a", server)}
			if server == echo {
				p.Targets = []Target{echoTarget(t, server, 10001)}
			}
			s := &mustRun(t, p).Targets[0]
			server.end()
			if s.Completed != 60 || s.Due != 60 || server.requests.Load() != 60 {
				t.Errorf("rate %g, server %d: due %d, completed %d, errors %v, %d requests reached the server; want 60 of each",
					p.Rate, i, s.Due, s.Completed, s.Errors, server.requests.Load())
			}
			if got := server.accepted.Load(); got != 61 {
				t.Errorf("rate %g, server %d: %d connections, want 61", p.Rate, i, got)
			}
			if s.Connect.Count() != 60 || s.Service.Count() != 60 || s.Latency.Mean() < s.Connect.Mean()+s.Service.Mean() {
				t.Errorf("rate %g, server %d: %d connects (%v), %d services (%v), latency %v", p.Rate, i,
					s.Connect.Count(), s.Connect.Mean(), s.Service.Count(), s.Service.Mean(), s.Latency.Mean())
			}
		}
	}
}

// A connection that cannot be made is its request's failure, and its slot rests: a
// thousand attempts would be made in this time, were it not for the back-off.
func TestSingleServerDies(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 500} {
		longEnough(t, 300*time.Millisecond, func(d time.Duration) string {
			server := serve(t, each(func(f *fake, c net.Conn) bool {
				if f.requests.Load() >= 20 { // whoever comes to be the 20th, and those with it
					f.die()
				}
				io.WriteString(c, okReply)
				return true
			}))
			rep, _ := inTime(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 2, Rate: rate, NoKeepalive: true, Duration: d, Timeout: d / 6})
			if rep == nil {
				return "the server cannot be reached"
			}
			s := &rep.Targets[0]
			saw := fmt.Sprintf("rate %g: completed %d, errors %v, %d attempts to connect failed", rate, s.Completed, s.Errors, s.ConnectFailed)
			if s.Completed > 20 || s.ConnectFailed < s.Errors[record.Connect] && rate == 0 {
				t.Error(saw)
			}
			// Two slots, and more than 100 ms between two attempts of each before long.
			if most := 2 * (20 + uint64(d/(100*time.Millisecond))); s.ConnectFailed > most {
				t.Errorf("rate %g: %d attempts to connect to a dead port in %v", rate, s.ConnectFailed, d)
			}
			if want := rate * d.Seconds(); rate > 0 && float64(s.Due) != want {
				t.Errorf("%d due, want %g", s.Due, want)
			}
			if s.Completed == 0 || s.Errors[record.Connect] == 0 {
				return saw
			}
			return ""
		})
	}
}

// Surplus bytes behind the one reply are nobody's.
func TestSingleSurplus(t *testing.T) {
	server := serve(t, always(okReply+"!"))
	s := &mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 2, NoKeepalive: true,
		Requests: 20, Duration: bound, Timeout: bound}).Targets[0]
	if s.Completed != 20 || s.Unasked != 20 {
		t.Errorf("completed %d, unasked %d, want 20 each", s.Completed, s.Unasked)
	}
}

func TestSingleNobodyListens(t *testing.T) {
	server := serve(t, always(okReply))
	server.die()
	for _, rate := range []float64{0, 100} {
		_, err := carryOut(t.Context(), Plan{Targets: []Target{httpTarget(t, "gone", server)}, Rate: rate, NoKeepalive: true})
		if !errors.Is(err, unix.ECONNREFUSED) {
			t.Errorf("rate %g: error %v", rate, err)
		}
	}
}

// What is still connecting when the drain ends had a target that was there before.
func TestSingleUnfinished(t *testing.T) {
	t.Parallel()
	for _, rate := range []float64{0, 1000} {
		server := serve(t, each(func(*fake, net.Conn) bool { return true }))
		longEnough(t, 50*time.Millisecond, func(d time.Duration) string {
			s := &mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 3, Rate: rate, NoKeepalive: true,
				Duration: d, Timeout: 2 * bound}).Targets[0]
			want := uint64(3)
			if rate > 0 {
				want = uint64(rate * d.Seconds())
			}
			saw := fmt.Sprintf("rate %g: due %d, sent %d, unfinished %d, errors %v", rate, s.Due, s.Sent, s.Unfinished, s.Errors)
			if s.Unfinished != s.Due || s.Due > want || s.Sent > 3 {
				t.Error(saw)
			}
			if s.Due < want || s.Sent < 3 {
				return saw
			}
			return ""
		})
	}
}

func TestSingleRotation(t *testing.T) {
	t.Parallel()
	a, b := serve(t, always(okReply)), serve(t, always(okReply))
	for _, p := range []Plan{{Connections: 3}, {Connections: 5, Threads: 2, Rate: 500}} {
		p.Targets = []Target{httpTarget(t, "a", a), httpTarget(t, "b", b)}
		longEnough(t, 50*time.Millisecond, func(slice time.Duration) (instead string) {
			p.NoKeepalive, p.Duration, p.Slice, p.Timeout = true, 4*slice, slice, bound
			rep := mustRun(t, p)
			for i := range rep.Targets {
				s := &rep.Targets[i]
				if s.Failed() > 0 {
					t.Errorf("rate %g, target %d: errors %v", p.Rate, i, s.Errors)
				}
				if s.Completed == 0 {
					instead = fmt.Sprintf("rate %g, target %d: nothing completed", p.Rate, i)
				}
			}
			return instead
		})
	}
}

func addrs(t *testing.T, text ...string) []netip.Addr {
	t.Helper()
	var out []netip.Addr
	for _, s := range text {
		out = append(out, netip.MustParseAddr(s))
	}
	return out
}

// The server sees every source as often as any other.
func TestSources(t *testing.T) {
	sources := addrs(t, "127.0.0.2", "127.0.0.3", "127.0.7.4", "127.0.0.5")
	for _, p := range []Plan{
		{Connections: 12, Requests: 12},
		{Connections: 6, Threads: 2, Idle: 6, Requests: 6},
		{Connections: 2, Requests: 47, NoKeepalive: true}, // and one that asks whether the server is there
	} {
		var mu sync.Mutex
		seen := make(map[netip.Addr]int)
		server := serve(t, func(f *fake, c net.Conn) {
			mu.Lock()
			seen[netip.MustParseAddrPort(c.RemoteAddr().String()).Addr()]++
			mu.Unlock()
			always(okReply)(f, c)
		})
		p.Targets, p.Sources, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, sources, bound, bound
		mustRun(t, p)
		server.end()
		for _, a := range sources {
			if want := int(server.accepted.Load()) / len(sources); seen[a] != want {
				t.Errorf("%+v: from %s %d connections, want %d", p, a, seen[a], want)
			}
		}
	}
}

func TestSourceIsNotOurs(t *testing.T) {
	server := serve(t, always(okReply))
	_, err := carryOut(t.Context(), Plan{Targets: []Target{httpTarget(t, "a", server)}, Sources: addrs(t, "127.0.0.2", "192.0.2.1")})
	const want = "bind to 192.0.2.1: cannot assign requested address: --source takes addresses of this machine"
	if !errors.Is(err, unix.EADDRNOTAVAIL) || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestExplain(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want string
	}{
		{unix.ECONNREFUSED, "connection refused: is the server up?"},
		{unix.EADDRNOTAVAIL, "cannot assign requested address: no local port is left: connect from more addresses, such as --source 127.0.0.2-127.0.0.40"},
		{unix.EMFILE, "too many open files: no descriptor is left: see ulimit -n"},
	} {
		if err := explain(tt.err, "is the server up?"); err.Error() != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("got %v, want %s", err, tt.want)
		}
	}
}

func TestPlanOfConnectionsRefuses(t *testing.T) {
	four := Target{Name: "four", Addr: netip.MustParseAddrPort("127.0.0.1:1")}
	six := Target{Name: "six", Addr: netip.MustParseAddrPort("[::1]:1")}
	for _, tt := range []struct {
		plan Plan
		says string
	}{
		{Plan{Targets: []Target{four}, Sources: addrs(t, "::1")}, "source: no target can be reached from ::1"},
		{Plan{Targets: []Target{four, six}, Sources: addrs(t, "127.0.0.1")}, "source: six at [::1]:1 cannot be reached"},
		{Plan{Targets: []Target{four}, Sources: addrs(t, "0.0.0.0")}, "source: 0.0.0.0 is not"},
		{Plan{Targets: []Target{four}, Sources: addrs(t, "224.0.0.1")}, "source: 224.0.0.1 is not"},
		{Plan{Targets: []Target{four}, Idle: -1}, "idle: -1"},
		{Plan{Targets: []Target{four}, NoKeepalive: true, Pipeline: 2}, "no-keepalive: "},
	} {
		if err := tt.plan.Validate(); err == nil || !strings.HasPrefix(err.Error(), tt.says) {
			t.Errorf("got %v, want %s...", err, tt.says)
		}
	}
	both := Plan{Targets: []Target{four, six}, Sources: addrs(t, "127.0.0.2", "::1")}
	if err := both.Validate(); err != nil {
		t.Errorf("a source for each target: %v", err)
	}
}

// Idle connections are open before load begins and stay so.
func TestIdle(t *testing.T) {
	const n, conns = 41, 2
	for _, p := range []Plan{{Threads: 2}, {Rate: 1000}, {NoKeepalive: true}} {
		want := int64(n + conns)
		if p.NoKeepalive {
			want = n + 1 // the one that asks whether the server is there
		}
		server := serve(t, always(okReply))
		p.Probe = before{do: func() {
			defer time.AfterFunc(bound, server.die).Stop()
			if server.await(want); server.accepted.Load() != want {
				t.Errorf("load is about to begin with %d of %d connections", server.accepted.Load(), want)
			}
		}}
		p.Targets, p.Connections, p.Idle, p.Requests, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, conns, n, 50, bound, bound
		s := &mustRun(t, p).Targets[0]
		if s.Completed != 50 || s.IdleUp != n || s.IdleClosed != 0 {
			t.Errorf("%+v: completed %d, %d idle up, %d closed", p, s.Completed, s.IdleUp, s.IdleClosed)
		}
	}
}

// before is a Probe that calls a function before load begins.
type before struct {
	noProbe
	do func()
}

func (b before) Before(int) { b.do() }

// Idle connections that the server closes are counted and opened again: when the first
// request comes, it closes some, and answers when they are back.
func TestIdleClosed(t *testing.T) {
	const n, closed = 20, 7
	for _, p := range []Plan{{}, {Rate: 1000}} {
		server := serve(t, each(func(f *fake, c net.Conn) bool {
			if f.requests.Load() == 1 {
				f.await(1 + n)
				f.closeOthers(c, closed)
				f.await(1 + n + closed)
			}
			_, err := io.WriteString(c, okReply)
			return err == nil
		}))
		p.Targets, p.Connections, p.Idle, p.Requests, p.Duration, p.Timeout = []Target{httpTarget(t, "a", server)}, 1, n, 50, bound, bound
		s := &mustRun(t, p).Targets[0]
		if s.Completed != 50 || s.IdleUp != n || s.IdleClosed != closed {
			t.Errorf("rate %g: completed %d, %d idle up, %d closed; want 50, %d, %d", p.Rate, s.Completed, s.IdleUp, s.IdleClosed, n, closed)
		}
	}
}

// What an idle connection costs: a slot and a place in the queue.
func TestIdleMemory(t *testing.T) {
	server := serve(t, always(okReply))
	heap := func(n int) int64 {
		p := Plan{Targets: []Target{httpTarget(t, "a", server)}, Idle: n, Rate: 1, Pipeline: 16}.withDefaults()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		th, err := newThread(0, &run{plan: p, isOpen: true})
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		th.net.close()
		return int64(after.TotalAlloc - before.TotalAlloc)
	}
	const n = 10000
	if each := (heap(n) - heap(0)) / n; each < 1 || each > 256 {
		t.Errorf("an idle connection takes %d bytes, want at most 256", each)
	}
}

// However many threads, few attempts are under way and they do not come all at once.
func TestStormIsBounded(t *testing.T) {
	first, again := conn{}, conn{tried: true}
	for threads := 1; threads <= MaxThreads; threads++ {
		s := newStorm(threads)
		if s.limit < 1 || s.limit*threads > max(maxConnecting, threads) {
			t.Fatalf("%d threads have %d attempts each under way", threads, s.limit)
		}
		begun := 0
		const span = 100 * int64(time.Millisecond)
		for now := int64(1e9); now < 1e9+span; now += 1000 { // every attempt succeeds at once
			for s.passes(&first, now) {
				begun++
			}
		}
		if most := int(s.burst + span/s.interval); begun > most || begun < most-1 {
			t.Errorf("%d threads: %d attempts in 100 ms each, want %d", threads, begun, most)
		}
		if all := s.burst * int64(threads); all > max(connectBurst, int64(threads)) {
			t.Errorf("%d threads: %d attempts at once", threads, all)
		}
	}
	s := newStorm(1)
	for i := range maxConnecting {
		if !s.passes(&first, int64(time.Hour)*int64(1+i)) {
			t.Fatalf("attempt %d has to wait", i)
		}
		s.underWay++
	}
	if s.passes(&first, never) {
		t.Error("more attempts than the limit are under way")
	}
	// A server that closes behind every reply is not held to this pace.
	s = newStorm(1)
	for i := range maxConnecting {
		if !s.passes(&again, 0) {
			t.Fatalf("attempt %d behind a last reply has to wait", i)
		}
		s.underWay++
	}
}
