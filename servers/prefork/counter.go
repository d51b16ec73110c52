package main

import (
	"fmt"
	"net"
	"net/rpc"
	"os"
	"syscall"
	"time"
	"unsafe"

	"modelbench/servers/app"
)

// Processes share nothing, so a number that all workers count up has to be shared
// by other means. Here are two, the cheapest and the usual one:
//
//	--counter shm   worker 0 --\
//	                            +--> memory that is mapped into each process:
//	                worker 1 --/     an atomic increment, as among threads
//
//	--counter rpc   worker 0 --socket pair--\
//	                                         +--> the supervisor, which counts:
//	                worker 1 --socket pair--/     two messages for each increment
//
// Either way the number is the supervisor's and outlives any worker.

// shareCounter makes what the mode of --counter needs; nothing where each process
// counts for itself.
func (s *supervisor) shareCounter() (err error) {
	switch s.flags.Counter {
	case "shm":
		if s.shared[fileCounter], err = anonymousFile(fileCounter); err == nil {
			err = s.shared[fileCounter].Truncate(int64(unsafe.Sizeof(app.Atomic{})))
		}
	case "rpc":
		s.ledger, err = newLedger()
	}
	if err != nil {
		err = fmt.Errorf("make the counter that workers share: %w", err)
	}
	return err
}

// openCounter is the worker's half: it gives a the counter that f leads to. It
// leaves a alone where each process counts for itself.
func openCounter(mode string, f *os.File, a *app.App) error {
	switch mode {
	case "shm":
		b, err := syscall.Mmap(int(f.Fd()), 0, int(unsafe.Sizeof(app.Atomic{})), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
		if err != nil {
			return fmt.Errorf("map the counter that workers share: %w", os.NewSyscallError("mmap", err))
		}
		a.Counter = (*app.Atomic)(unsafe.Pointer(&b[0]))
	case "rpc":
		c, err := net.FileConn(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("connect with the supervisor: %w", err)
		}
		a.Counter, a.Remote = &remoteCounter{rpc.NewClient(c), make(chan struct{}, mostCalls)}, true
	}
	return nil
}

// A ledger is where the supervisor keeps the number and serves it over RPC.
type ledger struct {
	server *rpc.Server
	n      app.Atomic
}

const ledgerName = "Counter"

func newLedger() (*ledger, error) {
	l := &ledger{server: rpc.NewServer()}
	return l, l.server.RegisterName(ledgerName, &ledgerCalls{&l.n})
}

// ledgerCalls are what a worker may call.
type ledgerCalls struct{ n *app.Atomic }

// Add counts one more.
func (l *ledgerCalls) Add(_ int, n *uint64) (err error) {
	*n, err = l.n.Add()
	return err
}

// Load returns the number.
func (l *ledgerCalls) Load(_ int, n *uint64) (err error) {
	*n, err = l.n.Load()
	return err
}

// connect makes a connection for one worker and returns its end, for the caller to
// close once the worker has it. The other end is served until then, or until the
// worker is gone.
func (l *ledger) connect() (*os.File, error) {
	syscall.ForkLock.RLock()
	fds, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(fds[0])
		syscall.CloseOnExec(fds[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	mine, theirs := os.NewFile(uintptr(fds[0]), fileCounter), os.NewFile(uintptr(fds[1]), fileCounter)
	defer mine.Close()
	c, err := net.FileConn(mine)
	if err != nil {
		theirs.Close()
		return nil, err
	}
	go l.server.ServeConn(c)
	return theirs, nil
}

// remoteCounter is the ledger as a worker sees it.
type remoteCounter struct {
	client *rpc.Client
	calls  chan struct{} // one for each that is under way
}

// mostCalls bounds the calls that are not answered yet. With more of them (some 280
// on Linux) than the kernel holds messages for a supervisor that is stopped, to send
// another would block, and nobody could give up.
const mostCalls = 128

var _ app.Counter = (*remoteCounter)(nil)

// answerWithin is how long a call may take: the supervisor may have been stopped.
const answerWithin = 2 * time.Second

var errNoAnswer = fmt.Errorf("the supervisor has not answered within %v", answerWithin)

// Add has the supervisor count one more. After a call that was not answered, it may
// have.
func (r *remoteCounter) Add() (uint64, error) { return r.call("Add") }

// Load asks the supervisor for the number.
func (r *remoteCounter) Load() (uint64, error) { return r.call("Load") }

func (r *remoteCounter) call(method string) (uint64, error) {
	var n uint64
	patience := time.NewTimer(answerWithin)
	defer patience.Stop()
	select {
	case r.calls <- struct{}{}:
	case <-patience.C:
		return 0, errNoAnswer
	}
	call := r.client.Go(ledgerName+"."+method, 0, &n, make(chan *rpc.Call, 1))
	select {
	case <-call.Done:
		<-r.calls
		if call.Error != nil {
			return 0, fmt.Errorf("ask the supervisor: %w", call.Error)
		}
		return n, nil
	case <-patience.C:
		go func() { <-call.Done; <-r.calls }()
		return 0, errNoAnswer
	}
}
