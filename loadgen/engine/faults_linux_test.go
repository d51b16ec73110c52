package engine

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/record"
)

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

func TestUnfinished(t *testing.T) {
	t.Parallel()
	server := serve(t, each(func(*fake, net.Conn) bool { return true }))
	longEnough(t, 20*time.Millisecond, func(d time.Duration) string {
		s := &mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 3, Pipeline: 2, Duration: d, Timeout: bound}).Targets[0]
		if s.Unfinished != s.Due || s.Due > 6 {
			t.Errorf("due %d, unfinished %d, want 6 each", s.Due, s.Unfinished)
		}
		if s.Due < 6 {
			return fmt.Sprintf("%d due, want 6", s.Due)
		}
		return ""
	})
}

// What waits in line behind a server that is too slow is unfinished: it had connections.
func TestUnfinishedInLine(t *testing.T) {
	t.Parallel()
	server := serve(t, each(func(*fake, net.Conn) bool { return true }))
	rep := mustRun(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 3, Threads: 2, Rate: 1000,
		Duration: 50 * time.Millisecond, Timeout: bound})
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
	t.Parallel()
	for _, rate := range []float64{0, 1000} {
		longEnough(t, 300*time.Millisecond, func(d time.Duration) string {
			server := serve(t, each(func(f *fake, c net.Conn) bool {
				if f.requests.Load() >= 20 { // whoever comes to be the 20th, and those with it
					f.die()
				}
				_, err := io.WriteString(c, okReply)
				return err == nil
			}))
			rep, _ := inTime(t, Plan{Targets: []Target{httpTarget(t, "a", server)}, Connections: 4, Rate: rate, Duration: d, Timeout: d / 6})
			if rep == nil {
				return "the server cannot be reached"
			}
			s := &rep.Targets[0]
			saw := fmt.Sprintf("rate %g: completed %d, errors %v, %d attempts to connect failed, %d connections lost", rate, s.Completed, s.Errors, s.ConnectFailed, s.Lost)
			if rate == 0 && s.Errors[record.Connect] > 0 || s.Lost > 4 {
				t.Error(saw)
			}
			if s.Completed == 0 || s.Lost < 4 || s.ConnectFailed == 0 || rate > 0 && s.Errors[record.Connect] == 0 {
				return saw
			}
			return ""
		})
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
		p.Targets, p.Requests, p.Duration, p.Timeout = []Target{echoTarget(t, good, size)}, 300, bound, bound
		if s := &mustRun(t, p).Targets[0]; s.Completed == 0 || s.Failed() > 0 || s.Lost > 0 {
			t.Errorf("pipeline %d, rate %g: completed %d, errors %v, %d connections lost", p.Pipeline, p.Rate, s.Completed, s.Errors, s.Lost)
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

// narrow listens with a backlog that holds one connection, and never accepts it. The
// target is called by its address.
func narrow(t *testing.T) (unix.Sockaddr, Target) {
	t.Helper()
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	if err := errors.Join(unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}), unix.Listen(fd, 0)); err != nil {
		t.Fatal(err)
	}
	addr, err := unix.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	f := &fake{addr: netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(addr.(*unix.SockaddrInet4).Port))}
	return addr, httpTarget(t, f.addr.String(), f)
}

// A backlog that is full answers a SYN with silence, which is no refusal.
func TestConnectMeetsSilence(t *testing.T) {
	addr, target := narrow(t)
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
	_, err := carryOut(t.Context(), Plan{Targets: []Target{target}, Connections: 2, Timeout: 20 * time.Millisecond, Duration: time.Millisecond})
	if want := "connect to " + target.Name + ": connection timed out: is the server up?"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}
