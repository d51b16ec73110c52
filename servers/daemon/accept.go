package daemon

import (
	"context"
	"errors"
	"net"
	"time"

	"modelbench/servers/protocol"
)

// lastCall is how long a draining listener still takes connections whose
// handshake the kernel has completed: closing at once would reset them.
const lastCall = 20 * time.Millisecond

// accept hands connections to the model until ctx ends. That accept fails for
// want of descriptors or memory passes when connections close: until then those
// that come wait in the kernel's queue, and those that are open are served.
func (h *Host) accept(ctx context.Context, l *net.TCPListener, open *conns, session func() protocol.Session) {
	stop := context.AfterFunc(ctx, func() { l.SetDeadline(time.Now().Add(lastCall)) })
	defer stop()
	mayAccept, leave := h.takeTurns(ctx, l)
	defer leave()
	var pause backoff
	for {
		if !mayAccept() {
			continue
		}
		t, err := l.AcceptTCP()
		switch {
		case err == nil:
			pause.reset()
		case ctx.Err() != nil:
			return
		case errors.Is(err, net.ErrClosed):
			h.Log.Error().Err(err).Msg("accept: the listener is gone")
			return
		default:
			open.failed(err)
			pause.wait(ctx)
			continue
		}
		if c := open.add(t, session()); c != nil {
			h.Model.Adopt(c)
			continue
		}
		t.Close()
	}
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

// longestPause is how late an accept loop may notice that it can go on: well
// below the second after which a client's kernel repeats a SYN that a full queue
// has dropped. Two tries a second cost nothing.
const longestPause = 500 * time.Millisecond

func (b *backoff) reset() { b.last = 0 }

func (b *backoff) next() time.Duration { return min(max(2*b.last, 5*time.Millisecond), longestPause) }

func (b *backoff) wait(ctx context.Context) {
	b.last = b.next()
	select {
	case <-ctx.Done():
	case <-time.After(b.last):
	}
}
