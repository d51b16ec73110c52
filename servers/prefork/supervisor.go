package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"github.com/rs/zerolog"

	"modelbench/servers/daemon"
)

// A supervisor listens and keeps a worker in each slot. It touches no connection
// itself.
type supervisor struct {
	flags     *flags
	program   string // its path: a new version there is what the next worker runs
	log       zerolog.Logger
	listeners []daemon.Listeners  // one for all workers, or one for each
	shared    map[string]*os.File // what every worker inherits, by its name in the will
	page      page
	ledger    *ledger // nil unless --counter is rpc
	nursery   *nursery
	slots     []*slot
	sockets   string      // what the names of the workers' admin sockets begin with; "": there are none
	remove    func()      // removes those
	unclean   atomic.Bool // a worker had to break connections off
}

// supervise serves until ctx ends, then has the workers drain. Each value from
// hangups replaces the workers.
func supervise(ctx context.Context, f *flags, log zerolog.Logger, ready func(daemon.Listeners) error, hangups <-chan os.Signal) error {
	s, err := newSupervisor(f, log)
	if err != nil {
		return err
	}
	defer s.close()
	defer s.admin(ctx).Start(s.listeners[0].Admin)()

	// Not ctx: when that ends, the workers must not hear of it before the door is shut.
	run, stop := context.WithCancel(context.Background())
	defer stop()
	first := make(chan error, len(s.slots))
	var slots sync.WaitGroup
	for _, slot := range s.slots {
		slots.Go(func() { slot.keep(run, first) })
	}
	if err = s.allStarted(ctx, first); err == nil && ctx.Err() == nil {
		err = ready(s.listeners[0])
	}
	if err == nil {
		s.obey(ctx, hangups)
	}
	s.turnAway()
	stop()
	s.closeListeners() // the workers have theirs
	slots.Wait()
	if err == nil && s.unclean.Load() {
		err = fmt.Errorf("a worker did not drain within %v", f.Drain)
	}
	return err
}

// newSupervisor opens what the workers will share. Whoever gets it must close it.
func newSupervisor(f *flags, log zerolog.Logger) (_ *supervisor, err error) {
	s := &supervisor{flags: f, log: log, nursery: newNursery(), remove: func() {}, shared: make(map[string]*os.File)}
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	if s.program, err = os.Executable(); err != nil {
		return nil, fmt.Errorf("find the workers' program: %w", err)
	}
	if s.listeners, err = listen(f); err != nil {
		return nil, err
	}
	if f.Admin != "" {
		if s.sockets, s.remove, err = adminSockets(); err != nil {
			return nil, err
		}
	}
	if s.shared[filePage], err = newPage(f.Workers); err != nil {
		return nil, err
	}
	if s.page, err = openPage(s.shared[filePage], f.Workers); err != nil {
		return nil, err
	}
	if err = s.shareCounter(); err != nil {
		return nil, err
	}
	for n := range f.Workers {
		s.slots = append(s.slots, s.newSlot(n))
	}
	return s, nil
}

// close is for when no worker is left.
func (s *supervisor) close() {
	s.closeListeners()
	for _, f := range s.shared {
		f.Close()
	}
	s.nursery.close()
	s.remove()
}

// listen opens what the workers will accept from: one set of sockets for all, or
// one for each. Either way they are the supervisor's, so that what the kernel has
// queued outlives a worker.
func listen(f *flags) ([]daemon.Listeners, error) {
	if f.Listener == "reuseport" {
		return daemon.ListenEach(&f.Flags, f.Workers)
	}
	l, err := daemon.Listen(&f.Flags)
	return []daemon.Listeners{l}, err
}

func (s *supervisor) closeListeners() {
	for _, l := range s.listeners {
		l.Shut()
	}
}

// turnAway lets no more connections come, so that the workers can take what is in
// the queue to the last.
func (s *supervisor) turnAway() {
	for _, l := range s.listeners {
		if err := l.TurnAway(); err != nil {
			s.log.Warn().Err(err).Msg("clients that connect in this moment may be reset")
		}
	}
}

// allStarted waits until a worker serves in every slot, or ctx ends. A worker that
// does not start at all is an error.
func (s *supervisor) allStarted(ctx context.Context, first <-chan error) error {
	for range s.slots {
		select {
		case <-ctx.Done():
			return nil
		case err := <-first:
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// obey carries out SIGHUP until ctx ends, one roll at a time.
func (s *supervisor) obey(ctx context.Context, hangups <-chan os.Signal) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangups:
			s.roll(ctx)
		}
	}
}

// status is the state of all slots. Safe to call from anywhere.
func (s *supervisor) status() []status {
	all := make([]status, len(s.slots))
	for i, slot := range s.slots {
		all[i] = slot.status()
	}
	return all
}
