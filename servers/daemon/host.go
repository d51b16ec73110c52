package daemon

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"modelbench/servers/protocol"
)

// A Model turns accepted connections into running code. This is what is
// compared; all else in a server is the same for every model.
type Model interface {
	// Adopt takes a connection over and returns without waiting for its
	// conversation. Adopt is called by one goroutine a listener, which accepts
	// nothing more until it returns.
	Adopt(c *Conn)
}

// A Host accepts connections and hands them to a model, in one process.
type Host struct {
	Flags *Flags
	Rules *protocol.Rules
	Model Model
	Log   zerolog.Logger

	Most  int   // connections that the model can have at most, in this process; 0: any number
	Turns Turns // nil unless other processes accept from the same listener

	// Parts are where connections are counted, each in one of them: in turn, unless
	// the model says where (see Conn.Join). Empty: nobody looks.
	Parts []*Tally
}

// Serve accepts until ctx ends, then drains: it takes what the kernel has
// accepted already, stops listening, has the sessions finish what is in flight
// and waits for them, for Flags.Drain at most even if the model is busy. It owns
// and closes the listeners. The error says how many conversations had to be
// broken off.
func (h *Host) Serve(ctx context.Context, l Listeners) error {
	defer keepDate(h.Rules)()
	open := h.newConns()
	var accepting sync.WaitGroup
	l.Each(func(name string, l *net.TCPListener) {
		accepting.Go(func() { h.accept(ctx, l, open, h.session(name)) })
	})
	<-ctx.Done()
	start := time.Now()
	h.Log.Info().Int("open", open.len()).Dur("at_most", h.Flags.Drain).Msg("draining")

	h.Rules.Drain() // before the last are taken in, so that these hear of it too
	patience, cancel := context.WithTimeout(context.Background(), lastCall+h.Flags.Drain)
	defer cancel()
	accepted := make(chan struct{})
	go func() { accepting.Wait(); close(accepted) }()
	select {
	case <-accepted:
	case <-patience.Done(): // Adopt waits for a model that is busy
	}
	l.Close()
	select {
	case <-open.drain():
	case <-patience.Done():
		if n := open.len(); n > 0 {
			return fmt.Errorf("drain: not over after %v, connections broken off: %d", h.Flags.Drain, n)
		}
	}
	h.Log.Info().Dur("took", time.Since(start)).Msg("drained")
	return nil
}

func (h *Host) session(name string) func() protocol.Session {
	if name == "echo" {
		return func() protocol.Session { return protocol.NewEcho(h.Rules) }
	}
	return func() protocol.Session { return protocol.NewHTTP(h.Rules) }
}

// lastCall is how long a draining listener still takes connections whose
// handshake the kernel has completed: closing at once would reset them.
const lastCall = 20 * time.Millisecond

// accept hands connections to the model until ctx ends.
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
		default: // out of descriptors or memory: it passes when connections close
			h.Log.Warn().Err(err).Dur("next_try", pause.next()).Msg("accept")
			pause.wait(ctx)
			continue
		}
		if c := open.add(t, session()); c != nil {
			h.Model.Adopt(c)
			continue
		}
		t.Close()
		h.Log.Debug().Int("max_conns", min(open.here, open.all)).Msg("refused: too many connections")
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
	mayAccept = func() bool { return ctx.Err() != nil || !h.Turns.Ahead() || d.leftOver() }
	return mayAccept, func() { stop(); d.close() }
}

// reserve is how many descriptors are kept for what is not a client: listeners,
// pollers, logs, and a duplicate of each socket that is changing hands.
const reserve = 64

func (h *Host) limits() limits {
	if n := h.Flags.MaxConns; n > 0 {
		return limits{here: n, all: n}
	}
	here := max(descriptorLimit()-reserve, 1) // descriptors are each process's own
	if h.Most > 0 {
		here = min(here, h.Most)
	}
	return limits{here: here, all: math.MaxInt}
}

// A backoff grows from 5 ms to 1 s while something keeps failing.
type backoff struct{ last time.Duration }

func (b *backoff) reset() { b.last = 0 }

func (b *backoff) next() time.Duration { return min(max(2*b.last, 5*time.Millisecond), time.Second) }

func (b *backoff) wait(ctx context.Context) {
	b.last = b.next()
	select {
	case <-ctx.Done():
	case <-time.After(b.last):
	}
}

// keepDate tells the rules the time at each full second until the returned
// function is called.
func keepDate(rules *protocol.Rules) (stop func()) {
	done := make(chan struct{})
	rules.SetDate(time.Now())
	go func() {
		for {
			now := time.Now()
			select {
			case <-done:
				return
			case <-time.After(now.Truncate(time.Second).Add(time.Second).Sub(now)):
				rules.SetDate(time.Now())
			}
		}
	}()
	return func() { close(done) }
}
