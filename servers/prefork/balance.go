package main

import (
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"modelbench/servers/daemon"
)

// A balance is memory that all workers share, in which each counts what it does:
// the connections that it has open among the rest.
//
// Without it a burst of connections goes to whichever worker wakes first: it
// accepts all that are waiting before the others have been scheduled, and as a
// connection stays where it was accepted, one core then does all the work. (Seen
// with 64 connections and two workers: all 64 in one, in a run of six.) So a
// worker that has more than its share leaves the next one to the others, for a
// moment; one that hangs delays the rest by no more than that.
type balance struct {
	workers  []daemon.Tally
	number   int  // of this worker
	oneQueue bool // all workers accept from one listener: there are turns to take
}

var _ daemon.Turns = (*balance)(nil)

// newBalance makes the page for n workers. The file is for the workers to
// inherit; it has no name.
func newBalance(n int) (*os.File, error) {
	f, err := anonymousFile()
	if err != nil {
		return nil, fmt.Errorf("make the page that workers share: %w", err)
	}
	if err := f.Truncate(int64(n) * int64(unsafe.Sizeof(daemon.Tally{}))); err != nil {
		f.Close()
		return nil, fmt.Errorf("make the page that workers share: %w", err)
	}
	return f, nil
}

// openBalance maps the page into worker number of n. Where
// each worker has a listener of its own, the page only counts.
func openBalance(f *os.File, n, number int, oneQueue bool) (*balance, error) {
	size := n * int(unsafe.Sizeof(daemon.Tally{}))
	page, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the page that workers share: %w", err)
	}
	return &balance{workers: unsafe.Slice((*daemon.Tally)(unsafe.Pointer(&page[0])), n), number: number, oneQueue: oneQueue}, nil
}

// own is where this worker counts.
func (b *balance) own() []*daemon.Tally { return []*daemon.Tally{&b.workers[b.number]} }

// Open is how many connections all workers have.
func (b *balance) Open() (all int) {
	for i := range b.workers {
		all += int(b.workers[i].Open.Load())
	}
	return all
}

// Ahead reports whether this worker has more than its share: an eighth more than
// the one with the fewest.
func (b *balance) Ahead() bool {
	if !b.oneQueue {
		return false
	}
	mine := b.workers[b.number].Open.Load()
	least := mine
	for i := range b.workers {
		least = min(least, b.workers[i].Open.Load())
	}
	return mine > least+least/8
}
