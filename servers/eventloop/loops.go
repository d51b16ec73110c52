package main

import (
	"fmt"

	"github.com/panjf2000/gnet/v2"
	"github.com/rs/zerolog"

	"modelbench/servers/daemon"
)

var _ daemon.Model = (*loops)(nil)

// loops is the model: it gives each connection to one of its loops.
type loops struct {
	host  *daemon.Host
	each  []*loop
	block bool // pauses hold the loop: the classic mistake, to be measured
	pool  pool // where spins run; nil: on the loop
}

// fewest is the loop for the next connection: the one that has the fewest.
func (m *loops) fewest() int {
	to := 0
	for i, part := range m.host.Parts {
		if part.Open.Load() < m.host.Parts[to].Open.Load() {
			to = i
		}
	}
	return to
}

// Adopt gives the connection to its loop. That one may be busy with a spin and
// take it later; meanwhile the others get theirs.
func (m *loops) Adopt(c *daemon.Conn) { m.each[c.Part()].arrive(c) }

// startLoops starts gnet loops, each in a gnet "client": loops without a listener,
// in which connections can be enrolled. A client each, and not one with all of
// them, because gnet counts a connection only once its loop has looked up from
// what it does, and so could not tell a loop that is busy from one that is free.
func startLoops(host *daemon.Host, f *flags) (*loops, error) {
	m := &loops{host: host, block: f.BlockLoop}
	host.Parts, host.Pick = daemon.NewTallies(f.Loops), m.fewest
	if f.Offload > 0 {
		m.pool = make(pool, f.Offload)
	}
	for range f.Loops {
		l := &loop{loops: m}
		l.alarms.due = l.bell.ring
		var err error
		if l.client, err = gnet.NewClient(l, gnet.WithNumEventLoop(1), gnet.WithLogger(gnetLog{host.Log})); err == nil {
			err = l.client.Start()
		}
		if err == nil {
			err = l.bell.hang(l.client)
		}
		if err != nil { // the process is about to end
			return nil, fmt.Errorf("start %d event loops: %w", f.Loops, err)
		}
		m.each = append(m.each, l)
	}
	return m, nil
}

func (m *loops) stop() {
	for _, l := range m.each {
		if err := l.client.Stop(); err != nil {
			m.host.Log.Warn().Err(err).Msg("stop event loop")
		}
		l.bell.rope.Close()
	}
}

// gnetLog turns gnet's own log, which would go to standard output, into ours.
type gnetLog struct{ zerolog.Logger }

func (l gnetLog) Debugf(f string, a ...any) { l.Logger.Debug().Msgf("gnet: "+f, a...) }
func (l gnetLog) Infof(f string, a ...any)  { l.Logger.Debug().Msgf("gnet: "+f, a...) }
func (l gnetLog) Warnf(f string, a ...any)  { l.Logger.Warn().Msgf("gnet: "+f, a...) }
func (l gnetLog) Errorf(f string, a ...any) { l.Logger.Error().Msgf("gnet: "+f, a...) }
func (l gnetLog) Fatalf(f string, a ...any) { l.Logger.Fatal().Msgf("gnet: "+f, a...) }
