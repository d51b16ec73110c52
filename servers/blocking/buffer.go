package blocking

import (
	"io"
	"os"
	"sync"
	"syscall"
)

// An inbox holds what has arrived and was not used yet. Its memory comes from a
// pool, and goes back while nothing is in it: an idle connection holds none. It
// grows only while one request needs more.
type inbox struct {
	buf    *[]byte // nil when nothing is held
	lo, hi int     // (*buf)[lo:hi] is unread
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

// room returns where to read to. most is what a session may leave unused: the
// buffer grows to hold it and room for more, and no further.
func (b *inbox) room(most int) []byte {
	switch {
	case b.buf == nil:
		b.buf = inboxes.Get().(*[]byte)
	case b.hi < len(*b.buf):
	case b.lo > 0:
		b.hi = copy(*b.buf, b.unread())
		b.lo = 0
	default:
		grown := make([]byte, min(2*len(*b.buf), most+inboxSize))
		b.hi = copy(grown, *b.buf)
		b.buf = &grown
	}
	return (*b.buf)[b.hi:]
}

// fill reads once from r, and holds a buffer while it waits.
func (b *inbox) fill(r io.Reader, most int) error {
	n, err := r.Read(b.room(most))
	b.hi += n
	if n > 0 {
		return nil // an error that came with bytes comes again without them
	}
	return err
}

// A lateReader reads from a socket into an inbox without holding a buffer while
// it waits. The goroutine blocks as in any Read: the runtime parks it until the
// socket is readable or its deadline has passed.
type lateReader struct {
	raw  syscall.RawConn
	in   *inbox
	most int
	try  func(fd uintptr) (done bool) // made once: a closure for each read would be garbage
	n    int
	err  error
}

func newLateReader(c syscall.Conn, in *inbox, most int) (*lateReader, error) {
	raw, err := c.SyscallConn()
	if err != nil {
		return nil, err
	}
	r := &lateReader{raw: raw, in: in, most: most}
	r.try = r.tryRead
	return r, nil
}

// fill reads once.
func (r *lateReader) fill() error {
	r.n, r.err = 0, nil
	err := r.raw.Read(r.try)
	if r.in.hi == r.in.lo {
		r.in.free() // nothing has come
	}
	switch {
	case err != nil:
		return err
	case r.err != nil:
		return os.NewSyscallError("read", r.err)
	case r.n == 0:
		return io.EOF
	}
	return nil
}

// tryRead is called by the runtime, at once and then whenever the socket has
// become readable.
func (r *lateReader) tryRead(fd uintptr) bool {
	for {
		room := r.in.room(r.most)
		r.n, r.err = syscall.Read(int(fd), room)
		switch r.err {
		case nil:
			r.in.hi += r.n
			return true
		case syscall.EINTR:
		case syscall.EAGAIN:
			if r.in.hi == r.in.lo {
				r.in.free()
			}
			return false
		default:
			return true
		}
	}
}

// Outboxes are borrowed for one step: an idle connection holds none.
var outboxes = sync.Pool{New: func() any { b := make([]byte, 0, 4<<10); return &b }}

func freeOutbox(b *[]byte) {
	if cap(*b) <= 128<<10 {
		outboxes.Put(b)
	}
}
