package campaign

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"time"
)

// pipeGrace is how long a finished process's output may stay open (a
// grandchild can hold it) before it is closed on our side.
const pipeGrace = 500 * time.Millisecond

// killGrace bounds the wait for a process that was sent SIGKILL. The kernel
// reaps it in microseconds; only a process stuck in a driver takes longer.
const killGrace = 2 * time.Second

// launcher starts every child of a campaign and knows which of them still run.
//
// Three ropes tie a child to the campaign, so that none outlives it:
//
//	stop           asked to end, waited for, killed when it does not: the ordinary way
//	process group  its own, so that a terminal's Ctrl-C reaches the campaign alone, and
//	               so that a kill reaches the child's own children as well
//	death signal   the kernel kills it when the campaign dies, by SIGKILL too
//
// The kernel sends the death signal when the *thread* that made the child ends,
// and Go ends threads as it likes: a child made by just any goroutine can be killed
// in the middle of a campaign. So one goroutine makes them all, locked to its thread
// for as long as the launcher lives, and so for as long as any child does. What that
// thread is tied to its children inherit, from their first instruction on.
type launcher struct {
	cpus   string // list of CPUs that all children are tied to; empty: to none. Set before the first start
	starts chan startRequest
	quit   chan struct{}
	ended  chan struct{}

	mu      sync.Mutex
	running map[*process]struct{}
	started int
	waited  int
}

type startRequest struct {
	cmd   *exec.Cmd
	reply chan error
}

func newLauncher() *launcher {
	l := &launcher{
		starts:  make(chan startRequest),
		quit:    make(chan struct{}),
		ended:   make(chan struct{}),
		running: make(map[*process]struct{}),
	}
	go l.serve()
	return l
}

func (l *launcher) serve() {
	defer close(l.ended)
	runtime.LockOSThread() // never unlocked: the thread is of no further use to anybody
	for {
		select {
		case r := <-l.starts:
			err := tieThread(l.cpus)
			if err == nil {
				err = r.cmd.Start()
			}
			r.reply <- err
		case <-l.quit:
			return
		}
	}
}

// process is a child that was started: it is waited for from the first moment,
// by a goroutine that ends when the child does.
type process struct {
	name   string
	pid    int // also its process group's
	os     *os.Process
	stderr *tail
	rope   io.Closer     // of a guard: see startGuarded
	done   chan struct{} // closed once the child is reaped
	err    error         // why it ended, nil for exit code 0; read after done
}

// child is what to run. The functions are given each line of its output, in order,
// from one goroutine each; nil drops them. The last lines of standard error are kept
// for error messages in any case.
type child struct {
	name   string // for messages
	path   string
	args   []string
	dir    string   // empty: where we are
	env    []string // beside our own environment
	stdout func(line string)
	stderr func(line string)

	// Of a guard: see startGuarded.
	stdin      *os.File   // nil: /dev/null
	extra      []*os.File // descriptors from 3 on
	rope       io.Closer  // the process's from the start on; closed when it is stopped
	keepStdout bool       // standard output goes into error messages as well
}

func (l *launcher) start(c child) (*process, error) {
	name := c.name
	cmd := exec.Command(c.path, c.args...)
	cmd.Dir = c.dir
	cmd.Env = append(cmd.Environ(), c.env...)
	p := &process{name: name, stderr: &tail{}, rope: c.rope, done: make(chan struct{})}
	lines := &lineWriter{each: func(line string) {
		p.stderr.add(line)
		if c.stderr != nil {
			c.stderr(line)
		}
	}}
	cmd.Stderr = lines
	printed := &lineWriter{each: func(line string) {
		if c.keepStdout {
			p.stderr.add(line)
		}
		c.stdout(line)
	}}
	if c.stdout != nil {
		cmd.Stdout = printed
	}
	if c.stdin != nil { // a nil *os.File is no nil io.Reader
		cmd.Stdin = c.stdin
	}
	cmd.ExtraFiles = c.extra
	cmd.WaitDelay = pipeGrace
	if err := tie(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	if c.rope != nil { // it notices our death by that, and has work to do then
		spare(cmd)
	}
	reply := make(chan error, 1)
	select {
	case l.starts <- startRequest{cmd, reply}:
	case <-l.ended:
		return nil, fmt.Errorf("start %s: the campaign is over", name)
	}
	if err := <-reply; err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	p.os, p.pid = cmd.Process, cmd.Process.Pid
	l.mu.Lock()
	l.started++
	l.running[p] = struct{}{}
	l.mu.Unlock()
	go func() {
		err := cmd.Wait()
		if errors.Is(err, exec.ErrWaitDelay) {
			err = nil // it ended well; something of its own still held its output
		}
		lines.flush()
		printed.flush()
		p.err = err
		l.mu.Lock()
		l.waited++
		delete(l.running, p)
		l.mu.Unlock()
		close(p.done)
	}()
	return p, nil
}

// close kills what still runs, waits for it and ends the thread. It reports
// children that were left running (a bug of the caller, or a child that survived
// its SIGKILL); after nil, every child that was ever started has been waited for.
func (l *launcher) close() error {
	l.mu.Lock()
	var left []*process
	for p := range l.running {
		left = append(left, p)
	}
	l.mu.Unlock()
	var errs []error
	for _, p := range left {
		errs = append(errs, fmt.Errorf("%s (pid %d) was still running at the end and was killed", p.name, p.pid))
		if _, err := p.stop(context.Background(), os.Kill, 0); err != nil {
			errs = append(errs, err)
		}
	}
	close(l.quit)
	<-l.ended
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.started != l.waited {
		errs = append(errs, fmt.Errorf("%d of %d child processes were not waited for", l.started-l.waited, l.started))
	}
	return errors.Join(errs...)
}

// exited reports whether the process has ended, and if so waits until it is reaped. It
// asks the kernel, since whoever waits for the process may not have had its turn yet: a
// server that died under load must not pass for one that is up.
func (p *process) exited() bool {
	select {
	case <-p.done:
		return true
	default:
	}
	if !ended(p.pid) {
		return false
	}
	<-p.done
	return true
}

// stop ends the process: the signal ask, up to grace for it to finish what it has
// in flight, then SIGKILL to its whole group. The grace ends early with ctx. It
// returns once the process has been waited for; killed says that asking did not
// do. What the process left in its group is killed, and is an error.
func (p *process) stop(ctx context.Context, ask os.Signal, grace time.Duration) (killed bool, err error) {
	defer closeRope(p.rope)
	if !p.exited() && grace > 0 {
		_ = p.os.Signal(ask)
		timer := time.NewTimer(grace)
		select {
		case <-p.done:
		case <-timer.C:
		case <-ctx.Done():
		}
		timer.Stop()
	}
	if !p.exited() {
		killed = true
		if p.rope != nil { // a guard kills its command better than we can
			closeRope(p.rope)
			p.within(killGrace)
		}
		// Its children may have groups of their own (prefork's workers do); once their
		// parent is gone nothing tells any more that they were its children.
		family := descendants(p.pid)
		killGroup(p.pid)
		killAll(family)
		if !p.within(killGrace) {
			return true, fmt.Errorf("stop %s: pid %d is still there %v after SIGKILL", p.name, p.pid, killGrace)
		}
	}
	if n := groupMembers(p.pid); len(n) > 0 {
		killGroup(p.pid)
		if !killed {
			return killed, fmt.Errorf("stop %s: it ended and left processes %v behind, which were killed", p.name, n)
		}
	}
	return killed, nil
}

// within waits for the process to end, no longer than d, and tells whether it has.
func (p *process) within(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-p.done:
		return true
	case <-timer.C:
		return false
	}
}

// diagnosis says how the process ended and what it said last: the part of an
// error message that lets a user act. Call it after done.
func (p *process) diagnosis() string {
	why := "exit status 0"
	if p.err != nil {
		why = p.err.Error()
	}
	if said := p.stderr.String(); said != "" {
		return why + "; it said: " + said
	}
	if p.rope != nil { // both outputs were listened to
		return why + "; it said nothing"
	}
	return why + "; it said nothing on stderr"
}
