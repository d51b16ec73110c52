package main

import (
	"sync"

	"modelbench/servers/daemon"
	"modelbench/servers/memory"
)

// Arrivals are connections on their way to a loop. To enrol one takes until the
// loop has looked up, so a few are enrolled at a time; the others stand in line.
type arrivals struct {
	mu        sync.Mutex
	line      []*daemon.Conn
	enrolling int // goroutines at it
}

// atOnce bounds the connections that are being enrolled: until the loop takes it,
// each of these has two descriptors.
const atOnce = 8

// arrive puts a connection in line.
func (l *loop) arrive(c *daemon.Conn) {
	a := &l.arrivals
	a.mu.Lock()
	defer a.mu.Unlock()
	a.line = append(a.line, c)
	if a.enrolling < atOnce {
		a.enrolling++
		go l.enrolAll()
	}
}

func (l *loop) enrolAll() {
	for c := l.arrivals.next(); c != nil; c = l.arrivals.next() {
		l.enrol(c)
	}
}

// next is the first in line. With nil, whoever asks has to leave off.
func (a *arrivals) next() *daemon.Conn {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.line) == 0 {
		a.line = nil
		a.enrolling--
		return nil
	}
	c := a.line[0]
	a.line = a.line[1:]
	return c
}

// enrol returns when the loop has taken the connection.
func (l *loop) enrol(c *daemon.Conn) {
	v := &conversation{conn: c}
	if _, err := l.client.EnrollContext(c.TCPConn, v); v.gnet == nil {
		c.Done(err) // gnet has closed the socket and will not call OnClose
		return
	}
	c.TCPConn = nil // gnet has a duplicate, and has closed this one: let go of its memory
	memory.Freed(memory.Few)
}
