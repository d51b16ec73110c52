package main

import "modelbench/servers/protocol"

// A pool is how an event loop gets rid of work that would hold it: up to
// cap(pool) goroutines compute, each for one conversation, and wake it when they
// are done. This is what asyncio calls an executor. The price is the way there
// and back, and that the loop is no longer the only one who runs code.
type pool chan struct{}

// work is what the step in the pool came to.
type work struct {
	out  []byte
	next protocol.Next
}

// compute has the session's next step, which needs no input, run by the pool. The
// conversation leaves its session alone until v.work is there.
func (p pool) compute(v *conversation, done *bell) {
	go func() {
		p <- struct{}{}
		var w work
		_, w.out, w.next = v.conn.Step(nil, nil)
		<-p
		v.aside.work.Store(&w)
		done.ring(v)
	}()
}
