package daemon

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"modelbench/servers/protocol"
)

// lastCall is how long a draining listener still takes connections that are in the
// kernel's queue or, since their handshake has begun, on the way to it: closing at
// once would reset them.
const lastCall = 100 * time.Millisecond

// moreCalls is how often at most the last call is repeated, because there still was
// somebody in the queue: for a second, and for half of the drain, the other half of
// which requests in flight may need. Where other processes go on accepting there
// always may be somebody.
func (h *Host) moreCalls() int { return int(min(time.Second, h.Flags.Drain/2) / lastCall) }

// accept hands connections to the model until ctx ends. That accept fails for
// want of descriptors or memory passes when connections close: until then those
// that come wait in the kernel's queue, and those that are open are served.
func (h *Host) accept(ctx context.Context, l *net.TCPListener, open *conns, session func() protocol.Session) {
	stop := context.AfterFunc(ctx, func() { l.SetDeadline(time.Now().Add(lastCall)) })
	defer stop()
	mayAccept, leave := h.takeTurns(ctx, l)
	defer leave()
	var pause backoff
	calls := 0
	for {
		if !mayAccept() {
			continue
		}
		t, err := l.AcceptTCP()
		switch {
		case err == nil:
			pause.reset()
		case errors.Is(err, os.ErrDeadlineExceeded) && calls < h.moreCalls() && queued(l): // this loop came late to the last call
			calls++
			l.SetDeadline(time.Now().Add(lastCall))
			continue
		case ctx.Err() != nil:
			return
		case errors.Is(err, net.ErrClosed):
			h.Log.Error().Err(err).Msg("accept: the listener is gone")
			return
		default:
			open.failed(err)
			pause.wait(ctx, open.freed)
			continue
		}
		t.SetKeepAliveConfig(probes) // fails for a connection that is gone already: who reads it will know
		if c := open.add(t, session()); c != nil {
			h.Model.Adopt(c)
			continue
		}
		t.Close()
	}
}

// probes find peers that are gone without a word, because their machine has lost
// power or a router between has forgotten them: what was silent for 15 s is asked
// for an answer, and closed by the kernel if four times, 15 s apart, none comes.
// So after 75 s; a break of the network that lasts less than a minute is survived.
// The first comes early as many routers forget a silent connection after 30 s,
// and it is cheap: 10,000 idle connections cost 670 small packets a second.
//
// With the default flags --idle-timeout is faster, so probes are for those who
// raise it. Until then the peer costs its place in --max-conns, a descriptor, and
// what the model keeps for an idle connection: a parked goroutine (goroutine,
// prefork), a thread blocked in the kernel (--os-threads), 1 KiB of notes
// (eventloop). Nobody waits for it, not even when it goes away with its reply
// half read: the model waits for that as for any slow reader (--write-timeout);
// only with --serial all others do too.
var probes = net.KeepAliveConfig{Enable: true, Idle: 15 * time.Second, Interval: 15 * time.Second, Count: 4}

// queued reports whether a connection waits to be accepted.
func queued(l *net.TCPListener) (is bool) {
	raw, err := l.SyscallConn()
	return err == nil && raw.Control(func(fd uintptr) { is = pending(fd) }) == nil && is
}

// takeTurns returns what the accept loop asks before each accept: whether the
// connection is for this process. It may wait; it says yes once ctx has ended.
func (h *Host) takeTurns(ctx context.Context, l *net.TCPListener) (mayAccept func() bool, leave func()) {
	if h.Turns == nil {
		return func() bool { return true }, func() {}
	}
	d, err := newDoor(l)
	if err != nil {
		h.Log.Warn().Err(err).Msg("connections may be spread unevenly")
		return func() bool { return true }, func() {}
	}
	stop := context.AfterFunc(ctx, d.close)
	mayAccept = func() bool {
		if ctx.Err() != nil || !h.Turns.Ahead() {
			return true
		}
		left := d.leftOver()
		h.Turns.Left(!left)
		return left
	}
	return mayAccept, func() { stop(); d.close() }
}

// A backoff grows from 5 ms to longestPause while something keeps failing.
type backoff struct{ last time.Duration }

// longestPause is how late an accept loop may notice that it can go on, when it is
// not a connection of this process that has made room.
const longestPause = time.Second

func (b *backoff) reset() { b.last = 0 }

func (b *backoff) next() time.Duration { return min(max(2*b.last, 5*time.Millisecond), longestPause) }

// wait returns early when there is hope.
func (b *backoff) wait(ctx context.Context, hope <-chan struct{}) {
	b.last = b.next()
	select {
	case <-ctx.Done():
	case <-hope:
	case <-time.After(b.last):
	}
}
