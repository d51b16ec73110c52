package main

import (
	"sync/atomic"
	"time"

	"github.com/panjf2000/gnet/v2"

	"modelbench/servers/daemon"
	"modelbench/servers/protocol"
)

// A conversation is what the loop remembers of a connection between two events:
// what it waits for, and since when. A goroutine has all this on its stack.
type conversation struct {
	conn   connection
	opened bool
	why    error // we closed it

	waits    waiting
	until    time.Time // when the wait ends; zero: never
	held     int       // forBytes: the bytes that the session has seen and left
	readBy   time.Time // forBytes: when the session's patience ends; zero: never
	draining bool      // the session has been told

	work atomic.Pointer[work] // forWork: what came of it, once it is done

	then   gnet.Action   // forRoom: what comes after, None (go on) or Close
	linger time.Duration // before a Close
	giveUp time.Time     // on a peer that does not read
	unsent int           // what it had not read when we last looked
	look   time.Duration // until we look again

	wake  func()      // makes the loop call OnTraffic
	timer *time.Timer // calls wake; nil until it is needed
	armed time.Time   // when the timer fires; zero: it does not
}

// A connection is what a conversation needs of a daemon.Conn.
type connection interface {
	protocol.Session
	OnDrain(func())
	Done(why error)
}

var _ connection = (*daemon.Conn)(nil)

type waiting uint8

const (
	forBytes waiting = iota // more input
	forTime                 // the end of a pause
	forWork                 // the pool
	forRoom                 // the peer to read what was said
	forPeer                 // the peer to close, after our last words
)

// write sends out; false means that gnet has closed the connection.
func (v *conversation) write(c gnet.Conn, out []byte) bool {
	if len(out) == 0 {
		return true
	}
	_, err := c.Write(out)
	return err == nil
}

// waitForBytes waits for input, for as long as the session has patience.
func (v *conversation) waitForBytes(next protocol.Next) {
	now := time.Now()
	switch {
	case next.Do == protocol.Extend:
		v.readBy = v.readBy.Add(next.For)
	case next.For > 0:
		v.readBy = now.Add(next.For)
	case next.For < 0:
		v.readBy = time.Time{}
	}
	v.waits, v.until = forBytes, v.readBy
	v.arm(now)
}

// wait waits for d from now. The clock is read here and not when the loop came
// to the connection: the session may have computed for long since.
func (v *conversation) wait(what waiting, d time.Duration) {
	now := time.Now()
	v.waits, v.until = what, now.Add(d)
	v.arm(now)
}

// early reports whether the time that is waited for is still to come, and sees
// to it that the loop hears of the connection then: what woke it may have been
// the timer, set for a time that has moved since.
func (v *conversation) early() bool {
	now := time.Now()
	if !v.until.IsZero() && !now.Before(v.until) {
		return false
	}
	v.arm(now)
	return true
}

// arm sees to it that the loop hears of the connection no later than until.
// Hearing of it too early is harmless, so a time that only moves away is left
// alone: on a busy connection the timer is set once in a timeout, not once in a
// request.
func (v *conversation) arm(now time.Time) {
	if v.until.IsZero() || v.armed.After(now) && !v.until.Before(v.armed) {
		return
	}
	v.armed = v.until
	if v.timer == nil {
		v.timer = time.AfterFunc(v.until.Sub(now), v.wake)
		return
	}
	v.timer.Reset(v.until.Sub(now))
}
