package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

const (
	stopGrace = 2 * time.Second // how long a server may take to stop; its load is gone by then
	killGrace = 2 * time.Second // how long the kernel may take to end what was killed
	tailLines = 8               // of a log that go into an error message
)

// launcher starts every child, and none outlives it:
//
//	stop           asked to end, killed when it does not, with all that it started
//	process group  its own, so that a terminal's Ctrl-C reaches this process alone
//	death signal   the kernel kills it when this process dies, by SIGKILL too
//
// The death signal is sent when the *thread* that made the child ends, and a child
// inherits the cores of that thread. So one goroutine makes them all, locked to a thread
// of its own for as long as the launcher lives, and moves it to the core that is asked
// for. Everything else is used by one goroutine.
type launcher struct {
	starts  chan startRequest
	ended   chan struct{}
	logs    string // folder of what children print
	running []*process
	count   int
}

type startRequest struct {
	cmd   *exec.Cmd
	cpu   int
	reply chan error
}

func newLauncher(logs string) *launcher {
	l := &launcher{starts: make(chan startRequest), ended: make(chan struct{}), logs: logs}
	go l.serve()
	return l
}

func (l *launcher) serve() {
	defer close(l.ended)
	runtime.LockOSThread() // never unlocked: the thread is of no further use to anybody
	for r := range l.starts {
		err := pinThread(r.cpu)
		if err == nil {
			err = r.cmd.Start()
		}
		r.reply <- err
	}
}

// A process is a child that was started.
type process struct {
	name string
	pid  int           // also its process group's
	log  string        // file of all that it prints
	done chan struct{} // closed once it has been waited for
	err  error         // why it ended, nil for exit code 0; read after done
}

// start runs args on one core. env goes beside our own environment.
func (l *launcher) start(name string, args, env []string, cpu int) (*process, error) {
	l.count++
	p := &process{name: name, log: filepath.Join(l.logs, fmt.Sprintf("%d-%s.log", l.count, name)), done: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, fmt.Errorf("make a log for %s: %w", name, err)
	}
	defer log.Close()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Env = append(cmd.Environ(), env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = tied()
	reply := make(chan error)
	l.starts <- startRequest{cmd, cpu, reply}
	if err := <-reply; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.pid = cmd.Process.Pid
	l.running = append(l.running, p)
	go func() {
		p.err = cmd.Wait()
		close(p.done)
	}()
	return p, nil
}

// stop ends all that runs: each is asked at once, and waited for.
func (l *launcher) stop() error {
	for _, p := range l.running {
		p.signal(syscall.SIGTERM)
	}
	var errs []error
	for _, p := range l.running {
		errs = append(errs, p.wait(stopGrace))
	}
	l.running = nil
	return errors.Join(errs...)
}

// close stops all and ends the thread.
func (l *launcher) close() error {
	err := l.stop()
	close(l.starts)
	<-l.ended
	return err
}

func (p *process) ended() bool {
	select {
	case <-p.done:
		return true
	default:
		return false
	}
}

// signal is sent to a process that has not been waited for, so that its id is its own.
func (p *process) signal(s syscall.Signal) {
	if !p.ended() {
		_ = syscall.Kill(p.pid, s) // it may just have ended
	}
}

// wait returns when the process has ended, by itself within grace or killed after it,
// and nothing of its process group is left.
func (p *process) wait(grace time.Duration) error {
	if !p.endsWithin(grace) {
		// Its children may have groups of their own; once it is gone nobody knows them.
		family := tree(p.pid)
		for _, pid := range family {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		if !p.endsWithin(killGrace) {
			return fmt.Errorf("stop %s: process %d is still there %v after SIGKILL", p.name, p.pid, killGrace)
		}
	}
	_ = syscall.Kill(-p.pid, syscall.SIGKILL) // mostly nobody is left
	return nil
}

func (p *process) endsWithin(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// finish waits for a process that ends by itself. When ctx does it is told to.
func (l *launcher) finish(ctx context.Context, p *process) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		p.signal(syscall.SIGINT)
		_ = p.wait(stopGrace) // close says it again, if it is still there
		return context.Cause(ctx)
	}
	l.running = l.running[:len(l.running)-1] // it was started last
	return p.wait(0)
}

// diagnosis is how a process ended and what it said last.
func (p *process) diagnosis() string {
	why := "it still runs"
	if p.ended() {
		why = "exit status 0"
		if p.err != nil {
			why = p.err.Error()
		}
	}
	text, _ := os.ReadFile(p.log)
	said := strings.TrimSpace(string(text))
	if said == "" {
		return why + "; it said nothing"
	}
	lines := strings.Split(said, "\n")
	return why + "; it said:\n\t" + strings.Join(lines[max(0, len(lines)-tailLines):], "\n\t")
}
