package engine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/record"
	"modelbench/loadgen/uring"
)

// Auto falls back to epoll and says why; who insists on io_uring gets the reason as an
// error.
func TestEngineIsForbidden(t *testing.T) {
	t.Parallel()
	server := serve(t, always(okReply))
	for _, errno := range []unix.Errno{unix.EPERM, unix.ENOSYS} {
		sys := thisSystem
		sys.probe = func() error { return &uring.Unavailable{Reason: "not today", Err: errno} }
		p := Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: minBatch, Threads: 1, Requests: 10}
		rep, err := start(t.Context(), p, sys)
		if err != nil {
			t.Fatal(err)
		}
		if rep.Plan.Engine != Epoll || !strings.Contains(rep.EngineReason, "not today") || rep.Targets[0].Completed != 10 {
			t.Errorf("engine %s because of %q, %d completed", rep.Plan.Engine, rep.EngineReason, rep.Targets[0].Completed)
		}
		p.Engine = Uring
		if _, err := start(t.Context(), p, sys); !errors.Is(err, errno) || !strings.Contains(err.Error(), "not today") {
			t.Errorf("engine uring: %v", err)
		}
		p.Engine = Epoll
		if rep, err := start(t.Context(), p, sys); err != nil || rep.Plan.Engine != Epoll || rep.EngineReason != "" {
			t.Errorf("engine epoll: %+v, %v", rep, err)
		}
	}
}

// With queues and buffers that always run out, every byte of an echo still comes back in
// its place, and faults are what they are.
func TestTinyRing(t *testing.T) {
	if underTest != Uring {
		return // epoll has no ring
	}
	sys := thisSystem
	sys.ring = ringSizes{requests: 2, completions: 4, buffers: 2, bufferSize: 512}
	echo := serve(t, func(_ *fake, c net.Conn) { io.Copy(c, c) })
	for _, p := range []Plan{
		{Connections: 7, Pipeline: 5},
		{Connections: 7, Pipeline: 5, Rate: 20000},
		{Connections: 7, Threads: 2},
	} {
		p.Targets, p.Requests, p.Duration, p.Timeout, p.Engine = []Target{echoTarget(t, echo, 1001)}, 500, bound, bound, Uring
		rep, err := start(t.Context(), p, sys)
		if err != nil {
			t.Fatal(err)
		}
		checkBalance(t, rep)
		if s := &rep.Targets[0]; s.Completed != 500 || s.Unasked > 0 {
			t.Errorf("pipeline %d, rate %g: %d of 500 completed, errors %v", p.Pipeline, p.Rate, s.Completed, s.Errors)
		}
	}
	for i := range conducts {
		d := &conducts[i]
		d.patiently(t, func(timeout time.Duration) string {
			server := behave(t, func(*fake, *rand.Rand) *conduct { return d })
			rep, err := start(t.Context(), Plan{Targets: []Target{d.target(t, server)}, Connections: 7, Requests: uint64(d.requests()), Duration: bound,
				Timeout: timeout, Engine: Uring}, sys)
			if errors.Is(err, unix.ETIMEDOUT) {
				return err.Error()
			}
			if err != nil {
				t.Fatal(err)
			}
			checkBalance(t, rep)
			d.check(t, &rep.Targets[0])
			return ""
		})
	}
}

// Requests larger than any socket takes at once arrive whole, one and several in a row.
func TestSendIsCutShort(t *testing.T) {
	body := make([]byte, 8<<20)
	for i := range body {
		body[i] = byte(i ^ i>>8 ^ i>>16)
	}
	server := serve(t, func(_ *fake, c net.Conn) {
		got := make([]byte, len(body))
		for r := bufio.NewReader(c); readRequest(r); {
			if _, err := io.ReadFull(r, got); err != nil || !bytes.Equal(got, body) {
				return
			}
			io.WriteString(c, okReply)
		}
	})
	for _, p := range []Plan{{}, {Pipeline: 3}, {Pipeline: 3, Rate: 1000}} {
		p.Targets = []Target{requestTarget(t, server, "", body)}
		p.Connections, p.Requests, p.Duration, p.Timeout = 2, 8, bound, bound
		if s := &mustRun(t, p).Targets[0]; s.Completed != 8 {
			t.Errorf("pipeline %d: %d of 8 completed, errors %v, unasked %d", p.Pipeline, s.Completed, s.Errors, s.Unasked)
		}
	}
}

// A request that does not fit into the sockets, to a server that stops reading in the
// middle of it: it times out, or is reset, while it is still being sent.
func TestSendIsBlocked(t *testing.T) {
	t.Parallel()
	for want, act := range map[record.Kind]func(net.Conn, <-chan struct{}){
		record.Timeout: func(_ net.Conn, over <-chan struct{}) { <-over },
		record.Reset:   func(c net.Conn, _ <-chan struct{}) { reset(c) },
	} {
		over := make(chan struct{})
		server := serve(t, func(_ *fake, c net.Conn) {
			if readRequest(bufio.NewReader(c)) {
				act(c, over)
			}
		})
		target := requestTarget(t, server, "", make([]byte, 16<<20))
		(&conduct{want: want}).patiently(t, func(timeout time.Duration) string {
			rep, ok := inTime(t, Plan{Targets: []Target{target}, Connections: 2, Requests: 4, Duration: bound, Timeout: timeout})
			if !ok {
				return "no connection was made in time"
			}
			if s := &rep.Targets[0]; s.Errors[want] != 4 || s.Failed() != 4 {
				t.Errorf("errors %v, want 4 err_%s", s.Errors, want)
			}
			return ""
		})
		close(over)
	}
}

// An address of either family is what the kernel takes it for.
func TestRingAddress(t *testing.T) {
	t.Parallel()
	u := &uringTransport{addrs: make(map[*share]*unix.RawSockaddrAny)}
	p, size := u.addr(&share{target: &Target{Addr: netip.MustParseAddrPort("127.1.2.3:258")}})
	four := (*unix.RawSockaddrInet4)(p)
	if four.Family != unix.AF_INET || *(*[2]byte)(unsafe.Pointer(&four.Port)) != [2]byte{1, 2} || four.Addr != [4]byte{127, 1, 2, 3} || size != unsafe.Sizeof(*four) {
		t.Errorf("%+v of %d bytes", four, size)
	}
	p, size = u.addr(&share{target: &Target{Addr: netip.MustParseAddrPort("[::1]:258")}})
	six := (*unix.RawSockaddrInet6)(p)
	if six.Family != unix.AF_INET6 || *(*[2]byte)(unsafe.Pointer(&six.Port)) != [2]byte{1, 2} || six.Addr != [16]byte{15: 1} || size != unsafe.Sizeof(*six) {
		t.Errorf("%+v of %d bytes", six, size)
	}
}

// Nothing is left of a run: no descriptor, and no connection that its server still holds.
func TestNothingIsLeft(t *testing.T) {
	server := serve(t, func(f *fake, c net.Conn) {
		for r := bufio.NewReader(c); readRequest(r); {
			if n := f.requests.Add(1); n%7 == 0 { // some connections are replaced
				reset(c)
				return
			}
			io.WriteString(c, okReply)
		}
	})
	before := openFiles(t)
	for _, p := range []Plan{{}, {Threads: 3}, {Rate: 5000}, {Pipeline: 4}} {
		p.Targets, p.Connections, p.Requests, p.Duration = []Target{httpTarget(t, "a", server)}, 20, 200, bound
		mustRun(t, p)
		for end := time.Now().Add(bound); server.connections() > 0; time.Sleep(time.Millisecond) { // until it has noticed
			if time.Now().After(end) {
				t.Fatalf("%d connections are open after the run", server.connections())
			}
		}
		if after := openFiles(t); after > before {
			t.Errorf("%+v: %d descriptors, %d before", p, after, before)
		}
	}
}

// connections returns how many the server holds.
func (f *fake) connections() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns)
}

func openFiles(t *testing.T) int {
	t.Helper()
	all, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(all)
}

// A run that is interrupted while it connects ends, whatever is under way.
func TestInterruptedWhileConnecting(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	server := serve(t, func(f *fake, c net.Conn) {
		cancel()
		always(okReply)(f, c)
	})
	rep, err := carryOut(ctx, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 300, Threads: 2, Duration: bound})
	if err != nil {
		t.Fatal(err)
	}
	if checkBalance(t, rep); !rep.Interrupted {
		t.Error("the report does not say that it is partial")
	}
}
