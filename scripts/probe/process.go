package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"modelbench/scripts/probe/begun"
)

// startProcesses starts this program n times, each to be one of package begun's. A byte on the
// one pipe says that one of them runs; the end of the other tells them to end.
func startProcesses(n int) (took time.Duration, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, err
	}
	ready, readyEnd, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	defer ready.Close()
	stay, quit, err := os.Pipe()
	if err != nil {
		return 0, errors.Join(err, readyEnd.Close())
	}
	attr := &os.ProcAttr{
		Env:   append(os.Environ(), begun.Mark+"=1"),
		Files: []*os.File{stay, nil, os.Stderr, begun.File: readyEnd},
	}
	argv := []string{self}
	var all []*os.Process
	defer func() {
		_ = quit.Close()
		err = errors.Join(err, waitAll(all))
	}()

	begin := time.Now()
	for len(all) < n && err == nil {
		var p *os.Process
		if p, err = os.StartProcess(self, argv, attr); err == nil {
			all = append(all, p)
		}
	}
	_, _ = stay.Close(), readyEnd.Close() // ours; the processes have theirs
	if err != nil {
		return 0, err
	}
	said, err := io.ReadFull(ready, make([]byte, n))
	took = time.Since(begin)
	if err != nil {
		return 0, fmt.Errorf("%d of %d processes have begun to run: %w", said, n, err)
	}
	return took, nil
}

// waitAll waits for processes that have been told to end.
func waitAll(all []*os.Process) error {
	var errs []error
	for _, p := range all {
		if state, err := p.Wait(); err != nil {
			errs = append(errs, err)
		} else if !state.Success() {
			errs = append(errs, fmt.Errorf("process %d: %v", p.Pid, state))
		}
	}
	return errors.Join(errs...)
}
