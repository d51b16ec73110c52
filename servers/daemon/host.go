package daemon

import (
	"context"
	"fmt"
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

	Turns Turns // nil unless other processes accept, and go on when this one stops; then turning clients away is not for this one to do

	// Parts are where connections are counted, each in one of them. Empty: nobody
	// looks.
	Parts []*Tally
	// Pick says to which part the next connection shall belong, by its index; see
	// Conn.Part. Nil: they take turns.
	Pick func() int
}

// Serve accepts until ctx ends, then drains: it takes what the kernel has
// accepted already, stops listening, has the sessions finish what is in flight
// and waits for them, for Flags.Drain at most even if the model is busy. It owns
// and closes the listeners, but for Admin. The error says how many conversations
// had to be broken off.
func (h *Host) Serve(ctx context.Context, l Listeners) error {
	defer keepDate(h.Rules)()
	open := h.newConns()
	defer open.troublesOver()
	var accepting sync.WaitGroup
	l.Each(func(name string, l *net.TCPListener) {
		accepting.Go(func() { h.accept(ctx, l, open, h.session(name)) })
	})
	<-ctx.Done()
	start := time.Now()
	h.Log.Info().Int("open", open.len()).Dur("at_most", h.Flags.Drain).Msg("draining")

	if h.Turns == nil { // nobody else goes on accepting
		if err := l.TurnAway(); err != nil {
			h.Log.Warn().Err(err).Msg("clients that connect in this moment may be reset")
		}
	}
	h.Rules.Drain() // before the last are taken in, so that these hear of it too
	patience, cancel := context.WithTimeout(context.Background(), lastCall+h.Flags.Drain)
	defer cancel()
	accepted := make(chan struct{})
	go func() { accepting.Wait(); close(accepted) }()
	select {
	case <-accepted:
	case <-patience.Done(): // Adopt waits for a model that is busy
	}
	l.Shut()
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
