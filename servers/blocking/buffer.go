package blocking

import (
	"io"
	"sync"
)

// An inbox holds what has arrived and was not used yet. Its memory comes from a
// pool and grows only while one request needs more.
type inbox struct {
	buf    []byte // nil until the first fill
	lo, hi int    // buf[lo:hi] is unread
}

const inboxSize = 4 << 10

var inboxes = sync.Pool{New: func() any { b := make([]byte, inboxSize); return &b }}

func (b *inbox) unread() []byte { return b.buf[b.lo:b.hi] }

func (b *inbox) drop(n int) {
	if b.lo += n; b.lo == b.hi {
		b.lo, b.hi = 0, 0
		if len(b.buf) > inboxSize { // one long request must not cost memory for ever
			b.buf = nil
		}
	}
}

// fill reads once from r. most is what a session may leave unused: the buffer
// grows to hold it and room for more, and no further.
func (b *inbox) fill(r io.Reader, most int) error {
	switch {
	case b.buf == nil:
		b.buf = *inboxes.Get().(*[]byte)
	case b.hi < len(b.buf):
	case b.lo > 0:
		b.hi = copy(b.buf, b.unread())
		b.lo = 0
	default:
		grown := make([]byte, min(2*len(b.buf), most+inboxSize))
		b.hi = copy(grown, b.buf)
		b.buf = grown
	}
	n, err := r.Read(b.buf[b.hi:])
	b.hi += n
	if n > 0 {
		return nil // an error that came with bytes comes again without them
	}
	return err
}

func (b *inbox) free() {
	if buf := b.buf; len(buf) == inboxSize {
		inboxes.Put(&buf)
	}
	b.buf = nil
}

// Outboxes are borrowed for one step: an idle connection holds none.
var outboxes = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func freeOutbox(b *[]byte) {
	if cap(*b) <= 128<<10 {
		outboxes.Put(b)
	}
}
