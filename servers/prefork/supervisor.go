package main

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"modelbench/servers/daemon"
)

// supervise listens, keeps the workers running until ctx ends, then has them
// drain. It touches no connection itself.
func supervise(ctx context.Context, f *flags, log zerolog.Logger, ready func(daemon.Listeners) error) error {
	listeners, err := listen(f)
	if err != nil {
		return err
	}
	defer closeAll(listeners)

	page, err := newBalance(f.Workers)
	if err != nil {
		return err
	}
	defer page.Close()
	counts, err := openBalance(page, f.Workers, 0, false)
	if err != nil {
		return err
	}
	s := &supervisor{flags: f, log: log, listeners: listeners, page: page, counts: counts}
	first := make(chan error, f.Workers)
	var slots sync.WaitGroup
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	for n := range f.Workers {
		slots.Go(func() { s.keep(ctx, n, first) })
	}
	for range f.Workers {
		if err = <-first; err != nil {
			break
		}
	}
	if err == nil {
		err = ready(listeners[0])
	}
	switch {
	case err == nil:
		<-ctx.Done()
	case ctx.Err() != nil:
		err = nil // told to stop before all were up
	}
	stop()
	closeAll(listeners)
	slots.Wait()
	if err == nil && s.unclean.Load() {
		err = fmt.Errorf("a worker did not drain within %v", f.Drain)
	}
	return err
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

func closeAll(listeners []daemon.Listeners) {
	for _, l := range listeners {
		l.Close()
	}
}

// keep has a worker in slot n until ctx ends: when one dies the next is started,
// at once after a long life, later and later after short ones. What became of
// the slot's very first start goes to first.
func (s *supervisor) keep(ctx context.Context, n int, first chan<- error) {
	const shortLife, longestPause = time.Second, 5 * time.Second
	var pause time.Duration
	for starts := 0; ; starts++ {
		began := time.Now()
		w, err := s.start(n)
		if err == nil {
			err = w.awaitReady(ctx)
			if starts == 0 || err == nil {
				s.log.Info().Int("worker", n).Int("pid", w.pid()).Dur("took", time.Since(began)).AnErr("error", err).Msg("worker started")
			}
		}
		if starts == 0 {
			first <- err
		}
		if w != nil {
			s.waitOrStop(ctx, w)
		}
		if ctx.Err() != nil {
			return
		}
		cause := "start failed"
		if w != nil {
			cause = w.cause()
		}
		if lived := time.Since(began); lived >= shortLife {
			pause = 0
		}
		s.log.Error().Int("worker", n).Str("cause", cause).AnErr("error", err).Dur("restart_in", pause).Msg("worker died")
		select {
		case <-ctx.Done():
			return
		case <-time.After(pause):
		}
		pause = min(max(2*pause, 50*time.Millisecond), longestPause)
	}
}

// waitOrStop waits until the worker has ended, and ends it when ctx does: with
// SIGTERM, and with SIGKILL when it overstays its drain.
func (s *supervisor) waitOrStop(ctx context.Context, w *worker) {
	select {
	case <-w.ended:
		return
	case <-ctx.Done():
	}
	w.terminate()
	select {
	case <-w.ended:
	case <-time.After(s.flags.Drain + 2*time.Second):
		s.log.Error().Int("worker", w.number).Msg("worker does not stop: killed")
		w.kill()
		<-w.ended
	}
	if !w.clean() {
		s.unclean.Store(true)
	}
}

// start starts a worker process with the flags of this one.
func (s *supervisor) start(n int) (*worker, error) {
	files, err := s.listeners[n%len(s.listeners)].Files()
	defer func() {
		for _, f := range files {
			f.Close()
		}
	}()
	if err != nil {
		return nil, fmt.Errorf("pass on the listeners: %w", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find the worker's program: %w", err)
	}
	return s.startWorker(self, n, files)
}
