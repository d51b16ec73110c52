package app

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// A Counter keeps the one number that /count is about. Any number of goroutines
// may call it at once. An error says, for the client to read, why the number
// cannot be had.
type Counter interface {
	Add() (uint64, error)  // counts one more and returns the new number
	Load() (uint64, error) // returns the number
}

// Racy is the counter of a program that has forgotten that it is concurrent: of two
// increments at once, both may read the same number and one is lost. That is its
// point. (Each half is atomic in Go's memory model, so no race detector complains:
// what is wrong is what happens between the two.)
//
// Between reading and writing it gives way, as a handler does that allocates, logs or
// asks somebody in between. Without that, two cores still lose increments, but on
// one core the two instructions are so rarely parted that the mistake would hide.
type Racy struct{ n atomic.Uint64 }

// Add increments, unless another does before it has written.
func (r *Racy) Add() (uint64, error) {
	n := r.n.Load() + 1
	runtime.Gosched()
	r.n.Store(n)
	return n, nil
}

// Load returns the number.
func (r *Racy) Load() (uint64, error) { return r.n.Load(), nil }

// Mutex is a number behind a lock: whoever comes while another counts has to wait.
type Mutex struct {
	mu sync.Mutex
	n  uint64
}

// Add increments.
func (m *Mutex) Add() (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.n++
	return m.n, nil
}

// Load returns the number.
func (m *Mutex) Load() (uint64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.n, nil
}

// Atomic is a number that the processor increments in one piece. It holds no
// pointer and needs no set-up, so it can lie in memory that processes share.
type Atomic struct{ n atomic.Uint64 }

// Add increments.
func (a *Atomic) Add() (uint64, error) { return a.n.Add(1), nil }

// Load returns the number.
func (a *Atomic) Load() (uint64, error) { return a.n.Load(), nil }

// count asks the counter and puts the number, or why it cannot be had, into rep.
func (a *App) count(ask Job, rep *Reply) {
	var c Counter = &a.own
	if a.Counter != nil {
		c = a.Counter
	}
	var n uint64
	var err error
	if ask == ToAdd {
		n, err = c.Add()
	} else {
		n, err = c.Load()
	}
	if err != nil {
		refuse(rep, 503, "the counter: "+err.Error()+"\n")
		return
	}
	rep.Counted, rep.Number = true, n
}
