// Package rig runs the programs that a measurement consists of: servers and load
// generators, ours like anyone's, each on the core it is told.
//
// It builds a bare C server (BuildBare) as the floor of what a request costs, starts
// servers on free addresses and waits until they accept (Launcher.Up), and reads the
// memory of a process tree (PSS). It measures nothing and prints nothing; what a child
// prints goes to a file.
//
// No child outlives the process that made it, see Launcher. A Launcher and its Processes
// are used by one goroutine, but for Launcher.Do and what only looks at a Process or
// signals to it, which any may call.
package rig

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"syscall"
)

// Launcher starts every child, and none outlives it:
//
//	stop           asked to end, killed when it does not, with all that it started
//	process group  its own, so that a terminal's Ctrl-C reaches this process alone
//	death signal   the kernel kills it when this process dies, by SIGKILL too
//
// The death signal is sent when the *thread* that made the child ends, and a child
// inherits the cores and namespaces of that thread. So one goroutine makes them all, locked to a
// thread of its own for as long as the launcher lives, and moves it to the core that is
// asked for.
type Launcher struct {
	jobs    chan func()
	quit    chan struct{} // closed by Close
	ended   chan struct{} // closed when the thread is
	folder  string
	running []*Process
	count   int
}

// NewLauncher returns a launcher whose children print to files in folder, which exists.
// Executables there go before those on the PATH. Close is due.
func NewLauncher(folder string) *Launcher {
	l := &Launcher{jobs: make(chan func()), quit: make(chan struct{}), ended: make(chan struct{}), folder: folder}
	go l.serve()
	return l
}

func (l *Launcher) serve() {
	defer close(l.ended)
	runtime.LockOSThread() // never unlocked: the thread is of no further use to anybody
	for {
		select {
		case job := <-l.jobs:
			job()
		case <-l.quit:
			return
		}
	}
}

// errClosed is for whoever still wants something after Close.
var errClosed = errors.New("the launcher is closed")

// Do calls f on the thread that makes the children and returns its error. What f changes
// of that thread (its namespaces, say) is what later children begin with. Any goroutine may
// call it, after Close for an error.
func (l *Launcher) Do(f func() error) error {
	reply := make(chan error)
	select {
	case l.jobs <- func() { reply <- f() }:
		return <-reply
	case <-l.quit:
		return errClosed
	}
}

// A Command is what to start.
type Command struct {
	Name string   // for messages and the log's name
	Args []string // the program and its arguments
	CPU  int      // the core that it and all it starts run on
}

// Start starts a child. It is stopped by Stop or Close, unless Finish has seen it end.
func (l *Launcher) Start(c Command) (*Process, error) {
	l.count++
	p := &Process{Name: c.Name, Log: filepath.Join(l.folder, fmt.Sprintf("%d-%s.log", l.count, c.Name)), done: make(chan struct{})}
	log, err := os.Create(p.Log)
	if err != nil {
		return nil, fmt.Errorf("make a log for %s: %w", c.Name, err)
	}
	defer log.Close()
	var cmd *exec.Cmd
	err = l.Do(func() error {
		// The path of a program is looked up in our own PATH, by its name in the child's.
		cmd = exec.Command(c.Args[0], c.Args[1:]...)
		cmd.Env = append(cmd.Environ(), "PATH="+l.folder+string(os.PathListSeparator)+os.Getenv("PATH"))
		cmd.Stdout, cmd.Stderr = log, log
		cmd.SysProcAttr = tied()
		if err := pinThread(c.CPU); err != nil {
			return err
		}
		return cmd.Start()
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", c.Name, err)
	}
	p.PID = cmd.Process.Pid
	l.running = append(l.running, p)
	go func() {
		p.err = cmd.Wait()
		p.state = cmd.ProcessState
		close(p.done)
	}()
	return p, nil
}

// Stop ends all that runs: each is asked at once, and waited for.
func (l *Launcher) Stop() error {
	for _, p := range l.running {
		p.Signal(syscall.SIGTERM)
	}
	var errs []error
	for _, p := range l.running {
		errs = append(errs, p.wait(stopGrace))
	}
	l.running = nil
	return errors.Join(errs...)
}

// StopOne ends one that runs, as Stop does.
func (l *Launcher) StopOne(p *Process) error {
	p.Signal(syscall.SIGTERM)
	l.forget(p)
	return p.wait(stopGrace)
}

func (l *Launcher) forget(p *Process) {
	l.running = slices.DeleteFunc(l.running, func(other *Process) bool { return other == p })
}

// Close stops all and ends the thread. The launcher is of no use after it.
func (l *Launcher) Close() error {
	err := l.Stop()
	close(l.quit)
	<-l.ended
	return err
}

// Finish waits for a process that ends by itself. When ctx does it is told to, and the
// error is that of ctx. How the process ended is for Process.Err to say.
func (l *Launcher) Finish(ctx context.Context, p *Process) error {
	select {
	case <-p.done:
	case <-ctx.Done():
		p.Signal(syscall.SIGINT)
		_ = p.wait(stopGrace) // Close says it again, if it is still there
		return context.Cause(ctx)
	}
	l.forget(p)
	return p.wait(0)
}
