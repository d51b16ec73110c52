package main

import (
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"unsafe"

	"modelbench/servers/daemon"
)

// A page is memory that the supervisor shares with all workers:
//
//	slot 0           slot 1           slot 2
//	seat 0  seat 1   seat 2  seat 3   seat 4  seat 5
//
// A slot has two seats, because a worker that is being replaced still drains while
// the next one serves. A seat belongs to one process at a time, and no two write
// to the same one. It keeps what its processes have done: the sums only grow.
type page []seat

const seatsPerSlot = 2

// A seat is where one worker process writes and all others read.
type seat struct {
	daemon.Tally
	beats   atomic.Int64  // grows while the process makes progress; never set back
	accepts atomic.Bool   // the process takes new connections
	_       [64 - 16]byte // workers run on different cores: no cache line in common
}

// newPage makes the page for n slots. The file is for the workers to inherit; it
// has no name.
func newPage(n int) (*os.File, error) {
	f, err := anonymousFile(filePage)
	if err != nil {
		return nil, fmt.Errorf("make the page that workers share: %w", err)
	}
	if err := f.Truncate(pageSize(n)); err != nil {
		f.Close()
		return nil, fmt.Errorf("make the page that workers share: %w", err)
	}
	return f, nil
}

// openPage maps the page for n slots into this process. It fails for a page of
// another size: the supervisor's program was replaced, and its page is laid out
// otherwise.
func openPage(f *os.File, n int) (page, error) {
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, fmt.Errorf("map the page that workers share: %w", err)
	case info.Size() != pageSize(n):
		return nil, fmt.Errorf("map the page that workers share: it has %d bytes where this program wants %d: is the supervisor of another version? restart it", info.Size(), pageSize(n))
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, int(pageSize(n)), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	if err != nil {
		return nil, fmt.Errorf("map the page that workers share: %w", err)
	}
	return unsafe.Slice((*seat)(unsafe.Pointer(&b[0])), n*seatsPerSlot), nil
}

func pageSize(n int) int64 { return int64(n) * seatsPerSlot * int64(unsafe.Sizeof(seat{})) }

// slot is the seats of slot n.
func (p page) slot(n int) []seat { return p[n*seatsPerSlot : (n+1)*seatsPerSlot] }

// vacate takes back what the process in the seat was doing: it is dead. What it has done
// stays. The result is how many connections it had open.
func (s *seat) vacate() (open int) {
	s.accepts.Store(false)
	open = int(s.Open.Load())
	s.Forget()
	return open
}
