package main

import (
	"os"
	"syscall"
	"time"

	"github.com/panjf2000/gnet/v2"

	"modelbench/servers/clock"
)

// slow is what is remembered of a conversation while the peer has yet to read what
// was said, which a goroutine would spend in a Write that blocks.
type slow struct {
	then    gnet.Action   // what comes after: None (go on) or Close
	linger  time.Duration // before a Close
	dropped int           // bytes that came after it
	giveUp  clock.Time    // on a peer that does not read
	unsent  int           // what it had not read when we last looked
	look    time.Duration // until we look again
	why     error         // the peer was given up
}

// roomy is how much of a connection's output may wait in gnet before the
// session is held up. gnet itself would buffer without bound.
const roomy = 64 << 10

// mostDropped is how many bytes of a peer that goes on sending are read and dropped
// after the last words to it.
const mostDropped = 1 << 20

// A slow reader is looked at now and then, as gnet does not tell when it has
// written what it had buffered: soon at first, and ever later while the peer
// takes nothing, so that thousands who never read do not keep the loop busy.
const soonest, latest = 5 * time.Millisecond, 80 * time.Millisecond

// waitForRoom holds the conversation until the peer has read enough.
func (l *loop) waitForRoom(v *conversation, then gnet.Action, linger time.Duration) gnet.Action {
	v.aside = &aside{slow: slow{then: then, linger: linger, giveUp: clock.Now().After(l.host.Flags.WriteTimeout)}}
	v.waits = forRoom
	return l.flush(v)
}

// flush goes on once there is room, and gives up on a peer that reads too slowly.
func (l *loop) flush(v *conversation) gnet.Action {
	s, unsent, enough := &v.aside.slow, v.gnet.OutboundBuffered(), roomy
	if s.then == gnet.Close {
		enough = 0 // gnet drops what it still holds when it closes
	}
	switch {
	case unsent > enough && clock.Now() < s.giveUp:
		if s.look = min(2*s.look, latest); unsent != s.unsent {
			s.look, s.unsent = soonest, unsent
		}
		l.wait(v, forRoom, s.look)
		return l.bounded(v)
	case unsent > enough:
		s.why = os.ErrDeadlineExceeded
		// Else the kernel would keep for minutes what the peer does not read.
		syscall.SetsockoptLinger(v.gnet.Fd(), syscall.SOL_SOCKET, syscall.SO_LINGER, &syscall.Linger{Onoff: 1})
		return gnet.Close
	case s.then == gnet.None:
		v.aside = nil
		return l.advance(v)
	case s.linger > 0 && syscall.Shutdown(v.gnet.Fd(), syscall.SHUT_WR) == nil:
		l.wait(v, forPeer, s.linger)
		return gnet.None
	}
	return gnet.Close
}

// bounded closes a connection that sends on and on while it has to wait. gnet
// cannot stop reading, so the sender is not slowed down as it would be by a
// goroutine that does not read.
func (l *loop) bounded(v *conversation) gnet.Action {
	if v.gnet.InboundBuffered() > l.host.Rules.Unused()+roomy {
		return gnet.Close
	}
	return gnet.None
}
