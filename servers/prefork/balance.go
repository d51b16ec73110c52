package main

import (
	"sync/atomic"

	"modelbench/servers/daemon"
)

// A balance is how a worker sees the page: how many connections each has.
//
// Without it a burst of connections goes to whichever worker wakes first: it
// accepts all that are waiting before the others have been scheduled, and as a
// connection stays where it was accepted, one core then does all the work. (Seen
// with 64 connections and two workers: all 64 in one, in a run of six.) So a
// worker that has more than its share leaves the next one to the others, for a
// moment.
//
// Nobody holds a turn, so nobody can keep it: a worker that is stopped in the
// middle of anything delays a connection by that moment, and only a few of them,
// after which the others no longer wait for it until it shows a sign of life.
type balance struct {
	page
	seat     int  // of this worker
	oneQueue bool // all workers accept from one listener: there are turns to take

	declined atomic.Int32   // connections in a row that were left to the others in vain
	ignored  []atomic.Int64 // by seat: one more than its beats when it was given up
}

var _ daemon.Turns = (*balance)(nil)

// newBalance is for the worker that has a seat. Where each worker has a listener of
// its own, it only counts.
func newBalance(p page, seat int, oneQueue bool) *balance {
	return &balance{page: p, seat: seat, oneQueue: oneQueue, ignored: make([]atomic.Int64, len(p))}
}

// own is where this worker counts.
func (b *balance) own() []*daemon.Tally { return []*daemon.Tally{&b.page[b.seat].Tally} }

// Open is how many connections all workers have.
func (b *balance) Open() (all int) {
	for i := range b.page {
		all += int(b.page[i].Open.Load())
	}
	return all
}

// Ahead reports whether this worker has more than its share: an eighth more than
// the one with the fewest.
func (b *balance) Ahead() bool {
	if !b.oneQueue {
		return false
	}
	for i := range b.page {
		if b.behind(i) {
			return true
		}
	}
	return false
}

// behind reports whether the worker in a seat has less than its share, and would
// take a connection if it could.
func (b *balance) behind(i int) bool {
	mine, other := b.page[b.seat].Open.Load(), &b.page[i]
	theirs := other.Open.Load()
	return mine > theirs+theirs/8 && other.accepts.Load() && b.ignored[i].Load() != other.beats.Load()+1
}

// patience is how many connections in a row a worker leaves to others that do not
// come before it gives them up, for some 30 ms: on busy cores it can take a while
// until a worker that is awake is scheduled.
const patience = 32

// Left is told what became of a connection that this worker left to the others.
func (b *balance) Left(taken bool) {
	if taken {
		b.declined.Store(0)
		return
	}
	if b.declined.Add(1) < patience {
		return
	}
	b.declined.Store(0)
	for i := range b.page {
		if b.behind(i) {
			b.ignored[i].Store(b.page[i].beats.Load() + 1)
		}
	}
}
