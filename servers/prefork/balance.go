package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"modelbench/servers/daemon"
)

// A balance is a page of memory that all workers share, with the number of
// connections that each has open.
//
// Without it a burst of connections goes to whichever worker wakes first: it
// accepts all that are waiting before the others have been scheduled, and as a
// connection stays where it was accepted, one core then does all the work. (Seen
// with 64 connections and two workers: all 64 in one, in a run of six.) So a
// worker that has more than its share leaves the next one to the others, for a
// moment; one that hangs delays the rest by no more than that.
type balance struct {
	slots    []slot // one a worker
	own      int
	oneQueue bool // all workers accept from one listener: there are turns to take
}

var _ daemon.Turns = (*balance)(nil)

// A slot has a cache line to itself, as each is written by another process.
type slot struct {
	open atomic.Int64
	_    [56]byte
}

// newBalance makes the page for n workers. The file is for the workers to
// inherit; it has no name.
func newBalance(n int) (*os.File, error) {
	f, err := anonymousFile()
	if err != nil {
		return nil, fmt.Errorf("make the page that workers share: %w", err)
	}
	if err := f.Truncate(int64(n) * int64(unsafe.Sizeof(slot{}))); err != nil {
		f.Close()
		return nil, fmt.Errorf("make the page that workers share: %w", err)
	}
	return f, nil
}

// openBalance maps the page into worker number own of n, which starts at zero. Where
// each worker has a listener of its own, the page only counts.
func openBalance(f *os.File, n, own int, oneQueue bool) (*balance, error) {
	size := n * int(unsafe.Sizeof(slot{}))
	page, err := syscall.Mmap(int(f.Fd()), 0, size, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the page that workers share: %w", err)
	}
	b := &balance{slots: unsafe.Slice((*slot)(unsafe.Pointer(&page[0])), n), own: own, oneQueue: oneQueue}
	b.Count(0) // whatever an earlier worker with this number left
	return b, nil
}

// forget takes what worker n had open out of the count, when it is dead.
func (b *balance) forget(n int) { b.slots[n].open.Store(0) }

// Count says how many connections this worker has open, and returns how many all
// have.
func (b *balance) Count(open int) (all int) {
	b.slots[b.own].open.Store(int64(open))
	for i := range b.slots {
		all += int(b.slots[i].open.Load())
	}
	return all
}

// Ahead reports whether this worker has more than its share: an eighth more than
// the one with the fewest.
func (b *balance) Ahead() bool {
	if !b.oneQueue {
		return false
	}
	mine := b.slots[b.own].open.Load()
	least := mine
	for i := range b.slots {
		least = min(least, b.slots[i].open.Load())
	}
	return mine > least+least/8
}
