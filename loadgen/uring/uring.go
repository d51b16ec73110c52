// Package uring is io_uring for one thread, made for many sockets: requests are put in
// a queue in memory, one system call submits all of them and waits for what has
// completed, and completions are read from memory again.
//
// A Ring is two queues that the program and the kernel share:
//
//	Next -> [ submission queue ] -> Look, Wait, Submit -> kernel
//	Completions <- [ completion queue ] <- kernel; Seen gives the places back
//
// It owns its file, its memory and its Buffers, never the sockets, and starts no
// goroutine. It is set up with a single issuer and deferred task work: the kernel does
// nothing for a ring but in the calls of the thread that Start was called on, which
// must be locked to its goroutine (runtime.LockOSThread). Next, Look, Wait, Submit,
// Completions and Seen belong to that thread. New may be called from any.
//
// # Memory
//
// The kernel is given addresses. What a request points to must stay reachable until the
// request has completed, by a reference of the caller's: the ring holds none, and the
// garbage collector cannot see into it. Heap objects do not move, stacks do: point to
// the heap or to globals.
//
// # What was tried and left out
//
// A registered ring descriptor made no difference that 40 pairs of runs could show, as a
// call serves dozens of requests. Direct descriptors would save the look-up of the file,
// which is under 1% of the time of a send over TCP. Bundles and incremental buffers need
// newer kernels and help large transfers alone, for which large buffers do.
//
// # What is needed
//
// Linux 6.1 with io_uring allowed. Probe says what is missing. Times are nanoseconds.
package uring

// Unavailable says that io_uring cannot be used here, and why. It wraps the system's
// error if there was one.
type Unavailable struct {
	Reason string // what is missing, and what the user can do, if anything
	Err    error  // may be nil
}

func (u *Unavailable) Error() string {
	if u.Err == nil {
		return "io_uring: " + u.Reason
	}
	return "io_uring: " + u.Reason + ": " + u.Err.Error()
}

// Unwrap returns the system's error, if there was one.
func (u *Unavailable) Unwrap() error { return u.Err }
