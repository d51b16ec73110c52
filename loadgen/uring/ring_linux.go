package uring

import (
	"fmt"
	"os"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A Ring is a pair of queues; see the package comment. It has no useful zero value.
type Ring struct {
	fd       int
	rings    []byte   // the memory of both queues but for the requests
	requests []byte   // those
	memory   [][]byte // of Buffers

	// Submission queue. The kernel reads it only inside our calls, so the tail is
	// published when they are made.
	sqes    unsafe.Pointer // ring of SQE
	sqMask  uint32
	sqSize  uint32
	sqHead  *uint32 // the kernel's
	sqTail  *uint32 // ours
	sqFlags *uint32 // the kernel's
	queued  uint32  // tail including what is not published
	offered uint32  // tail up to which the kernel has taken requests

	// Completion queue.
	cqes   unsafe.Pointer // ring of CQE
	cqMask uint32
	cqHead *uint32 // ours
	cqTail *uint32 // the kernel's
	seen   uint32  // our head

	// Sleeping: flags, and memory that enter is told of.
	sleepFlags uintptr
	wait       waitArg
	ts         timespec
}

// Sizes of a ring. Powers of two.
type Sizes struct {
	Requests    uint32 // that can be queued between two calls
	Completions uint32 // that can be outstanding; the kernel keeps what is over, at a price
}

// New makes a ring. If io_uring cannot be used the error is an *Unavailable.
func New(size Sizes) (*Ring, error) { return newRing(size, setup, setupNoSQArray) }

// setupCall is io_uring_setup. It returns a descriptor.
type setupCall func(entries uint32, p *params) (int, error)

func setup(entries uint32, p *params) (int, error) {
	fd, _, errno := unix.Syscall(unix.SYS_IO_URING_SETUP, uintptr(entries), uintptr(unsafe.Pointer(p)), 0)
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// baseFlags are those the package is built on. Without the last two the kernel would
// interrupt the thread, or other threads, for every completion.
const baseFlags = setupCQSize | setupDisabled | setupSubmitAll | setupSingle | setupCoopTaskrun | setupDefer

// newRing sets up a ring with the optional flags or, if the kernel does not know them,
// without.
func newRing(size Sizes, setup setupCall, optional uint32) (*Ring, error) {
	p := params{flags: baseFlags | optional, cqEntries: size.Completions}
	fd, err := setup(size.Requests, &p)
	if err == unix.EINVAL && optional != 0 {
		p = params{flags: baseFlags, cqEntries: size.Completions}
		fd, err = setup(size.Requests, &p)
	}
	if err != nil {
		return nil, explain(err)
	}
	r := &Ring{fd: fd}
	if err := r.mapMemory(&p); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// neededFeatures are older than the flags, but may be absent from another
// implementation of the interface.
const neededFeatures = featSingleMmap | featNoDrop | featFastPoll | featExtArg | featCQESkip

func (r *Ring) mapMemory(p *params) error {
	if missing := neededFeatures &^ p.features; missing != 0 {
		return &Unavailable{Reason: fmt.Sprintf("the kernel lacks features %#x of it", missing)}
	}
	size := max(uintptr(p.cq.cqes)+uintptr(p.cqEntries)*cqeSize, uintptr(p.sq.array)+uintptr(p.sqEntries)*4)
	const access, flags = unix.PROT_READ | unix.PROT_WRITE, unix.MAP_SHARED | unix.MAP_POPULATE
	var err error
	if r.rings, err = unix.Mmap(r.fd, offsetRings, int(size), access, flags); err != nil {
		return &Unavailable{"map the queues", err}
	}
	if r.requests, err = unix.Mmap(r.fd, offsetSQEs, int(uintptr(p.sqEntries)*sqeSize), access, flags); err != nil {
		return &Unavailable{"map the requests", err}
	}
	at := func(offset uint32) unsafe.Pointer { return unsafe.Pointer(&r.rings[offset]) }
	r.sqes, r.sqSize, r.sqMask = unsafe.Pointer(&r.requests[0]), p.sqEntries, p.sqEntries-1
	r.sqHead, r.sqTail = (*uint32)(at(p.sq.head)), (*uint32)(at(p.sq.tail))
	r.sqFlags = (*uint32)(at(p.sq.flags))
	r.cqes, r.cqMask = at(p.cq.cqes), p.cqEntries-1
	r.cqHead, r.cqTail = (*uint32)(at(p.cq.head)), (*uint32)(at(p.cq.tail))
	if p.flags&setupNoSQArray == 0 { // then requests are taken in the order of an array
		for i := range p.sqEntries {
			*(*uint32)(unsafe.Add(at(p.sq.array), 4*i)) = i
		}
	}
	if p.features&featNoIowait != 0 {
		r.sleepFlags = enterNoIowait // a thread that sleeps here does not wait for a disk
	}
	r.wait.ts = address(unsafe.Pointer(&r.ts))
	return nil
}

// Start binds the ring to the calling thread, which from now on is the only one that
// may use it. Before, any one thread may: NewBuffers, that is.
func (r *Ring) Start() error {
	if _, err := r.register(registerEnable, nil, 0); err != nil {
		return os.NewSyscallError("io_uring_register: enable", err)
	}
	return nil
}

// Close gives everything back. Requests that are still under way are cancelled by the
// kernel some time after; who wants to see their sockets closed ends them before. Any
// thread may call it once the ring's own no longer uses it.
func (r *Ring) Close() {
	if r.fd < 0 {
		return
	}
	unix.Close(r.fd)
	r.fd = -1
	for _, m := range append(r.memory, r.rings, r.requests) {
		if m != nil {
			unix.Munmap(m)
		}
	}
}

func (r *Ring) register(op uintptr, arg unsafe.Pointer, n uintptr) (int, error) {
	res, _, errno := unix.Syscall6(unix.SYS_IO_URING_REGISTER, uintptr(r.fd), op, uintptr(arg), n, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(res), nil
}

// Next returns the next free request of the queue, to be filled in before any other
// call, or nil if the queue is full: Submit makes room.
func (r *Ring) Next() *SQE {
	if r.queued-r.offered >= r.sqSize {
		return nil
	}
	s := (*SQE)(unsafe.Add(r.sqes, uintptr(r.queued&r.sqMask)*sqeSize))
	r.queued++
	return s
}

// Queued returns the number of requests that wait to be submitted.
func (r *Ring) Queued() int { return int(r.queued - r.offered) }

// Ready returns the number of completions that are there.
func (r *Ring) Ready() int { return int(atomic.LoadUint32(r.cqTail) - r.seen) }

// Completions returns what has completed, oldest first, as far as it lies in one piece:
// after Seen there may be more. Only a call that submits or waits adds to it.
func (r *Ring) Completions() []CQE {
	n := atomic.LoadUint32(r.cqTail) - r.seen
	if n == 0 {
		return nil
	}
	at := r.seen & r.cqMask
	return unsafe.Slice((*CQE)(unsafe.Add(r.cqes, uintptr(at)*cqeSize)), min(n, r.cqMask+1-at))
}

// Overflowing reports whether the kernel holds completions for which there was no room.
// Look and Wait bring them as soon as there is.
func (r *Ring) Overflowing() bool { return atomic.LoadUint32(r.sqFlags)&sqOverflow != 0 }

// Seen gives the places of the oldest n completions back.
func (r *Ring) Seen(n int) {
	r.seen += uint32(n)
	atomic.StoreUint32(r.cqHead, r.seen)
}

// Submit hands the queued requests to the kernel. It does not look for completions,
// though requests that are over at once may add theirs.
func (r *Ring) Submit() error { return r.enter(0, 0, false) }

// Look submits, and lets the kernel complete what it can. It never sleeps.
//
// The Go scheduler is not told about it: telling costs more than a look that finds work.
// Sockets are served meanwhile, some microseconds each, so a look at a full queue may
// take a good part of a millisecond, in which nothing else can run on this P. Whoever
// finds nothing to do must use Wait.
func (r *Ring) Look() error { return r.enter(0, enterGetEvents, false) }

// Wait submits, and sleeps until something has completed, for timeout at most. It
// returns early when interrupted. The scheduler is told, so that the P is free for
// others meanwhile.
func (r *Ring) Wait(timeout time.Duration) error {
	r.ts = timespec{int64(timeout / time.Second), int64(timeout % time.Second)}
	return r.enter(1, enterGetEvents|enterExtArg|r.sleepFlags, true)
}

// enter makes the system call. Requests that the kernel did not take, for lack of
// memory, stay in the queue.
func (r *Ring) enter(wait, flags uintptr, sleeps bool) error {
	atomic.StoreUint32(r.sqTail, r.queued)
	var arg unsafe.Pointer
	var size uintptr
	if flags&enterExtArg != 0 {
		arg, size = unsafe.Pointer(&r.wait), unsafe.Sizeof(r.wait)
	}
	var errno unix.Errno
	if sleeps {
		_, _, errno = unix.Syscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(r.queued-r.offered), wait, flags, uintptr(arg), size)
	} else {
		_, _, errno = unix.RawSyscall6(unix.SYS_IO_URING_ENTER, uintptr(r.fd), uintptr(r.queued-r.offered), wait, flags, uintptr(arg), size)
	}
	r.offered = atomic.LoadUint32(r.sqHead)
	switch errno {
	case 0, unix.EINTR, unix.ETIME:
		return nil
	case unix.EAGAIN, unix.EBUSY: // short of memory for a moment: what is queued stays queued
		return nil
	}
	return os.NewSyscallError("io_uring_enter", errno)
}
