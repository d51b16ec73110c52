package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync/atomic"
	"syscall"
	"time"

	"modelbench/servers/daemon"
)

// A child is a worker process as its supervisor sees it. What it inherits is
// listed in inherit.go.
type child struct {
	cmd   *exec.Cmd
	seat  *seat
	began time.Time
	news  *os.File      // one byte when the worker accepts, then end-of-file when it ends
	hung  atomic.Bool   // the watchdog has killed it
	ended chan struct{} // closed when the process has been waited for

	// Known once it has ended.
	lived time.Duration
	open  int // connections it had
}

// start starts a worker process with the flags of this one, in a seat of slot n.
func (s *supervisor) start(n, seat int) (*child, error) {
	life, lifeEnd, news, newsEnd, err := pipes()
	if err != nil {
		return nil, fmt.Errorf("start worker %d: %w", n, err)
	}
	defer life.Close()
	defer newsEnd.Close()
	w := &child{seat: &s.page[seat], began: time.Now(), news: news, ended: make(chan struct{})}
	if w.cmd, err = s.spawn(n, seat, life, newsEnd); err != nil {
		lifeEnd.Close()
		news.Close()
		return nil, fmt.Errorf("start worker %d: %w", n, err)
	}
	go func() {
		w.cmd.Wait() // how it ended stands in cmd.ProcessState
		lifeEnd.Close()
		w.lived, w.open = time.Since(w.began), w.seat.vacate()
		close(w.ended)
	}()
	if s.flags.HangTimeout > 0 {
		go w.watchdog(s.flags.HangTimeout)
	}
	return w, nil
}

// spawn starts the process and leaves it its files.
func (s *supervisor) spawn(n, seat int, life, news *os.File) (*exec.Cmd, error) {
	listeners, err := s.listeners[n%len(s.listeners)].Files()
	defer func() {
		for _, f := range listeners {
			f.Close()
		}
	}()
	if err != nil {
		return nil, fmt.Errorf("pass on the listeners: %w", err)
	}
	cmd := exec.Command(s.program, os.Args[1:]...)
	cmd.Stderr = os.Stderr // its log; standard output is the supervisor's alone
	w := will{Slot: n, Seat: seat, Workers: s.flags.Workers, Admin: s.sockets}
	w.leave(cmd, fileLife, life)
	w.leave(cmd, fileNews, news)
	w.leave(cmd, fileListener, listeners...)
	for name, f := range s.shared {
		w.leave(cmd, name, f)
	}
	if s.ledger != nil {
		end, err := s.ledger.connect()
		if err != nil {
			return nil, fmt.Errorf("connect it with the counter: %w", err)
		}
		defer end.Close()
		w.leave(cmd, fileCounter, end)
	}
	if err := w.sign(cmd); err != nil {
		return nil, err
	}
	return cmd, s.nursery.start(cmd)
}

// pipes makes the two pipes between the supervisor and a worker.
func pipes() (life, lifeEnd, news, newsEnd *os.File, err error) {
	if life, lifeEnd, err = os.Pipe(); err != nil {
		return
	}
	if news, newsEnd, err = os.Pipe(); err != nil {
		life.Close()
		lifeEnd.Close()
	}
	return
}

// awaitReady waits until the worker accepts connections; an error says that it
// ended first, or that ctx did.
func (w *child) awaitReady(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { w.news.Close() })
	defer stop()
	defer w.news.Close()
	if _, err := io.ReadFull(w.news, make([]byte, 1)); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		<-w.ended
		return fmt.Errorf("it ended before it was ready: %s", w.cause())
	}
	return nil
}

func (w *child) pid() int   { return w.cmd.Process.Pid }
func (w *child) terminate() { w.cmd.Process.Signal(syscall.SIGTERM) }
func (w *child) kill()      { w.cmd.Process.Kill() }

// alive reports whether the process has not been waited for yet.
func (w *child) alive() bool {
	select {
	case <-w.ended:
		return false
	default:
		return true
	}
}

// cause is how the process ended ("signal: killed", "exit status 1"). Only after
// it has.
func (w *child) cause() string {
	state := w.cmd.ProcessState
	switch {
	case w.hung.Load():
		return "hung: no sign of life, killed"
	case state.ExitCode() == crashed:
		return state.String() + " (Go's runtime says why, above)"
	}
	return state.String()
}

// crashed is the exit code of Go's runtime after a panic or a fatal error, a SIGSEGV
// among them, which it catches. It is also that of a usage error, which a worker,
// with the flags of its supervisor, does not make.
const crashed = daemon.ExitUsage

// clean reports whether it ended because it was asked to, with nothing broken
// off. One that SIGTERM itself has ended had not begun to serve: it catches the
// signal before it does.
func (w *child) clean() bool {
	how := w.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return how.Exited() && how.ExitStatus() == daemon.ExitStopped || how.Signaled() && how.Signal() == syscall.SIGTERM
}
