package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync/atomic"
	"syscall"

	"github.com/rs/zerolog"

	"modelbench/servers/daemon"
)

type supervisor struct {
	flags     *flags
	log       zerolog.Logger
	listeners []daemon.Listeners // one for all workers, or one for each
	page      *os.File           // of the balance
	counts    *balance           // the same, mapped
	unclean   atomic.Bool        // a worker had to break connections off
}

// A worker is a child process as its supervisor sees it.
//
// It inherits, from descriptor 3 on: the end of a pipe that reads end-of-file
// when the supervisor is gone, however it went; the end of a pipe to say that it
// is ready; the page of the balance; the listeners. workerEnv says its number,
// how many workers there are and how many listeners.
type worker struct {
	number int
	cmd    *exec.Cmd
	life   *os.File      // closing it, or dying, tells the worker to go
	news   *os.File      // one byte when the worker accepts, then end-of-file when it ends
	ended  chan struct{} // closed when the process has been waited for
}

const workerEnv = "MODELBENCH_PREFORK_WORKER"

func (s *supervisor) startWorker(program string, n int, listeners []*os.File) (*worker, error) {
	lifeEnd, life, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start worker %d: %w", n, err)
	}
	defer lifeEnd.Close()
	news, newsEnd, err := os.Pipe()
	if err != nil {
		life.Close()
		return nil, fmt.Errorf("start worker %d: %w", n, err)
	}
	defer newsEnd.Close()

	cmd := exec.Command(program, os.Args[1:]...)
	cmd.Stderr = os.Stderr // its log; standard output is the supervisor's alone
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d,%d,%d", workerEnv, n, s.flags.Workers, len(listeners)))
	cmd.ExtraFiles = append([]*os.File{lifeEnd, newsEnd, s.page}, listeners...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // Ctrl-C is for the supervisor
	if err := cmd.Start(); err != nil {
		life.Close()
		news.Close()
		return nil, fmt.Errorf("start worker %d: %w", n, err)
	}
	w := &worker{number: n, cmd: cmd, life: life, news: news, ended: make(chan struct{})}
	go func() {
		cmd.Wait() // how it ended stands in cmd.ProcessState
		s.counts.workers[n].Forget()
		life.Close()
		close(w.ended)
	}()
	return w, nil
}

// awaitReady waits until the worker accepts connections; an error says that it
// ended first.
func (w *worker) awaitReady(ctx context.Context) error {
	stop := context.AfterFunc(ctx, func() { w.news.Close() })
	defer stop()
	defer w.news.Close()
	if _, err := io.ReadFull(w.news, make([]byte, 1)); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		<-w.ended
		return fmt.Errorf("worker %d ended before it was ready: %s", w.number, w.cause())
	}
	return nil
}

func (w *worker) pid() int   { return w.cmd.Process.Pid }
func (w *worker) terminate() { w.cmd.Process.Signal(syscall.SIGTERM) }
func (w *worker) kill()      { w.cmd.Process.Kill() }

// cause is how the process ended ("signal: killed", "exit status 2"). Only after
// it has.
func (w *worker) cause() string { return w.cmd.ProcessState.String() }

// clean reports whether it ended because it was asked to, with nothing broken
// off. One that SIGTERM itself has ended had not begun to serve: it catches the
// signal before it does.
func (w *worker) clean() bool {
	how := w.cmd.ProcessState.Sys().(syscall.WaitStatus)
	return how.Exited() && how.ExitStatus() == daemon.ExitStopped || how.Signaled() && how.Signal() == syscall.SIGTERM
}

// inherited is what a worker has from its supervisor.
type inherited struct {
	number    int // of this worker, from 0
	workers   int // how many there are
	life      *os.File
	news      *os.File
	page      *os.File
	listeners []*os.File
}

// inheritance returns what this process has inherited, if it is a worker.
func inheritance() (p inherited, ok bool) {
	var listeners int
	if n, _ := fmt.Sscanf(os.Getenv(workerEnv), "%d,%d,%d", &p.number, &p.workers, &listeners); n != 3 {
		return p, false
	}
	os.Unsetenv(workerEnv)
	p.life, p.news, p.page = os.NewFile(3, "life"), os.NewFile(4, "news"), os.NewFile(5, "page")
	for i := range listeners {
		p.listeners = append(p.listeners, os.NewFile(uintptr(6+i), "listener "+strconv.Itoa(i)))
	}
	return p, true
}

// ready tells the supervisor that the worker accepts connections.
func (p *inherited) ready() error {
	_, err := p.news.Write([]byte{1})
	if err = errors.Join(err, p.news.Close()); err != nil {
		return fmt.Errorf("tell the supervisor: %w", err)
	}
	return nil
}

// watch calls gone when the supervisor is no more. It blocks until then.
func (p *inherited) watch(gone func()) {
	p.life.Read(make([]byte, 1)) // nothing is ever written
	gone()
}
