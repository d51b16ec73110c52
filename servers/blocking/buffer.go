package blocking

import (
	"io"
	"sync"
	"syscall"

	"modelbench/servers/socket"
)

// An inbox holds what has arrived and was not used yet. Its memory comes from a
// pool, and goes back while nothing is in it: an idle connection holds none. It
// grows only while one request needs more.
type inbox struct {
	buf    *[]byte // nil when nothing is held
	lo, hi int     // (*buf)[lo:hi] is unread
	most   int     // what a session may leave unused

	n      int // what the last tryRead came to
	err    error
	waited bool // one came too early
}

const inboxSize = 4 << 10

var inboxes = sync.Pool{New: func() any { b := make([]byte, inboxSize); return &b }}

func (b *inbox) unread() []byte {
	if b.buf == nil {
		return nil
	}
	return (*b.buf)[b.lo:b.hi]
}

func (b *inbox) drop(n int) {
	if b.lo += n; b.lo == b.hi {
		b.free()
	}
}

// free gives the memory back, with what is in it. A buffer that has grown for one
// long request is not kept.
func (b *inbox) free() {
	if b.buf != nil && len(*b.buf) == inboxSize {
		inboxes.Put(b.buf)
	}
	b.buf, b.lo, b.hi = nil, 0, 0
}

// room returns where to read to. The buffer grows to hold the most that may be
// unused and room for more, and no further.
func (b *inbox) room() []byte {
	switch {
	case b.buf == nil:
		b.buf = inboxes.Get().(*[]byte)
	case b.hi < len(*b.buf):
	case b.lo > 0:
		b.hi = copy(*b.buf, b.unread())
		b.lo = 0
	default:
		grown := make([]byte, min(2*len(*b.buf), b.most+inboxSize))
		b.hi = copy(grown, *b.buf)
		b.buf = &grown
	}
	return (*b.buf)[b.hi:]
}

// fill reads once from r, and holds a buffer while it waits.
func (b *inbox) fill(r io.Reader) error {
	n, err := r.Read(b.room())
	b.hi += n
	if n > 0 {
		return nil // an error that came with bytes comes again without them
	}
	return err
}

// tryRead is called by the runtime, at once and then whenever the socket has
// become readable.
//
// The memory is taken for the attempt alone, and so not held through the wait.
func (b *inbox) tryRead(fd uintptr) (done bool) {
	for {
		n, err := socket.Receive(fd, b.room())
		if err == syscall.EINTR {
			continue
		}
		b.n, b.err = n, err
		b.hi += b.n
		if b.hi == b.lo {
			b.free()
		}
		b.waited = b.waited || err == syscall.EAGAIN
		return err != syscall.EAGAIN
	}
}

// An outbox is what is to be sent and was not yet.
type outbox struct {
	left []byte
	err  error
}

// trySend is called by the runtime, at once and then whenever there is room in the
// socket's buffer.
func (o *outbox) trySend(fd uintptr) (done bool) {
	for len(o.left) > 0 {
		n, err := socket.Send(fd, o.left)
		switch err {
		case nil, syscall.EINTR:
			o.left = o.left[n:]
		case syscall.EAGAIN:
			return false
		default:
			o.err = err
			return true
		}
	}
	return true
}

// Outboxes are borrowed for one step: an idle connection holds none.
var outboxes = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func freeOutbox(b *[]byte) {
	if cap(*b) <= 128<<10 {
		outboxes.Put(b)
	}
}
