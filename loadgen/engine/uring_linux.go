package engine

import (
	"fmt"
	"math/bits"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"

	"modelbench/loadgen/uring"
)

// uringTransport is the transport by completion: each connection has one request to
// receive under way for as long as it is up, and all that is to be sent goes to the
// kernel with the call that also waits for replies. Under load a call serves dozens of
// connections, where epoll takes two for each.
//
// # Sends never overtake each other
//
// The bytes of a connection are one stream, and two sends of it under way at once could
// swap. So what is unsent waits in the conn until wait hands it over, at most one send
// for each connection and call. That send (uring.SQE.SendNow) does not wait for room in
// the socket: when the call returns it is over, silently if all went out, else with a
// completion that says what did not, and that is processed before the next call. The
// rest then goes out by a send that does wait, and c.writing keeps the next one back
// until its completion is in. The only way for news to be late is a completion queue
// that overflows: while it does, nothing is sent.
//
// # Sockets really close
//
// A request under way holds its socket, which close would leave open. disconnect
// therefore cancels what is under way first, in the same queue. Completions that come
// from a socket that has been replaced are recognised by the generation in their mark;
// all that is taken from them is the buffer, to be given back.
//
//	mark   kind (8 bits) | generation (24, lowest of conn.gen) | slot (32)
//
// # Memory
//
// The kernel is given addresses in share.requests and in addrs, which live as long as
// their thread, and buffers of the ring's own.
type uringTransport struct {
	t      *thread
	ring   *uring.Ring
	bufs   *uring.Buffers
	addrs  map[*share]*unix.RawSockaddrAny
	wakeFd int

	toSend []int32 // slots that may have something to send, each once
	under  int     // requests under way that will complete, but for that of wakeFd
	busy   bool    // the last wait found several completions: look before sleeping
}

// uringState is what the transport knows of a connection.
type uringState struct {
	toSend     bool // the slot is in the list of that name
	connecting bool // an attempt is under way
	receiving  bool // a request to receive is under way
	offered    int  // bytes of the last send
}

type kind uint8

const (
	none kind = iota // of no interest: what was cancelled or closed was not there
	waking
	connected
	received
	sent     // a SendNow that could not send everything
	sentLate // a Send
)

func mark(c *conn, k kind) uint64 {
	return uint64(k)<<56 | uint64(uint32(c.gen)&0xffffff)<<32 | uint64(uint32(c.slot))
}

// ringSizes are those of one thread. A queue of requests that is full is submitted,
// which costs a call, and one that is large costs cache. Buffers that run out cost a
// request to receive anew.
type ringSizes struct {
	requests    int // power of two
	completions int // power of two; 0 means enough for all that can complete at once
	buffers     int // power of two
	bufferSize  int // bytes
}

// bufferGroup is the number under which the kernel knows the buffers.
const bufferGroup = 0

func newUring(t *thread) (*uringTransport, error) {
	u := &uringTransport{t: t, addrs: make(map[*share]*unix.RawSockaddrAny), wakeFd: -1, toSend: make([]int32, 0, len(t.conns))}
	size := t.run.sys.ring
	if size.completions == 0 {
		most := min(len(t.conns)+size.buffers+size.requests, 1<<15)
		size.completions = 1 << bits.Len(uint(most-1))
	}
	var err error
	if u.ring, err = uring.New(uring.Sizes{Requests: uint32(size.requests), Completions: uint32(size.completions)}); err != nil {
		return nil, err
	}
	if u.bufs, err = u.ring.NewBuffers(bufferGroup, size.buffers, size.bufferSize); err != nil {
		u.close()
		return nil, err
	}
	if u.wakeFd, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		u.close()
		return nil, fmt.Errorf("create eventfd: %w", err)
	}
	return u, nil
}

func (u *uringTransport) close() {
	u.ring.Close()
	if u.wakeFd >= 0 {
		unix.Close(u.wakeFd)
	}
}

func (u *uringTransport) wake() {
	one := uint64(1)
	unix.Write(u.wakeFd, (*[8]byte)(unsafe.Pointer(&one))[:]) // full means: already awake
}

func (u *uringTransport) begin() error {
	if err := u.ring.Start(); err != nil {
		return err
	}
	u.watchWake()
	return nil
}

func (u *uringTransport) watchWake() {
	u.request().Poll(int32(u.wakeFd), unix.POLLIN, uint64(waking)<<56)
}

// end waits until the kernel has let go of all sockets, so that they are closed when
// the run is over.
func (u *uringTransport) end() {
	u.request().Cancel(uint64(waking)<<56, 0)
	for deadline := clock() + int64(time.Second); clock() < deadline; {
		u.check(u.ring.Wait(10 * time.Millisecond))
		u.reap()
		if u.under == 0 && u.ring.Queued() == 0 {
			return
		}
	}
}

// request returns the next free request. A full queue is submitted first.
func (u *uringTransport) request() *uring.SQE {
	for {
		if s := u.ring.Next(); s != nil {
			return s
		}
		u.check(u.ring.Submit())
	}
}

func (u *uringTransport) connect(c *conn) error {
	err := c.socket()
	if err == unix.EMFILE && u.ring.Queued() > 0 { // among what is queued may be sockets to be closed
		u.check(u.ring.Submit())
		err = c.socket()
	}
	if err != nil {
		return err
	}
	to, size := u.addr(c.share)
	u.request().Connect(c.fd, to, size, mark(c, connected))
	c.ring.connecting = true
	u.under++
	return nil
}

// addr returns the address of a target as the kernel wants it.
func (u *uringTransport) addr(s *share) (unsafe.Pointer, uintptr) {
	raw, ok := u.addrs[s]
	if !ok {
		raw = new(unix.RawSockaddrAny)
		u.addrs[s] = raw
		port := (*[2]byte)(unsafe.Pointer(&raw.Addr.Data)) // the same place in both families
		port[0], port[1] = byte(s.target.Addr.Port()>>8), byte(s.target.Addr.Port())
		if a := s.target.Addr.Addr(); a.Is6() {
			raw.Addr.Family = unix.AF_INET6
			(*unix.RawSockaddrInet6)(unsafe.Pointer(raw)).Addr = a.As16()
		} else {
			raw.Addr.Family = unix.AF_INET
			(*unix.RawSockaddrInet4)(unsafe.Pointer(raw)).Addr = a.As4()
		}
	}
	if raw.Addr.Family == unix.AF_INET6 {
		return unsafe.Pointer(raw), unix.SizeofSockaddrInet6
	}
	return unsafe.Pointer(raw), unix.SizeofSockaddrInet4
}

func (u *uringTransport) disconnect(c *conn) {
	if c.ring.connecting {
		u.request().Cancel(mark(c, connected), 0)
	}
	if c.ring.receiving {
		u.request().Cancel(mark(c, received), 0)
	}
	c.ring.connecting, c.ring.receiving = false, false
	if c.writing {
		u.request().Cancel(mark(c, sentLate), 0)
	}
	u.request().Close(c.fd, 0)
	c.gen++ // what is still to come is of the past
}

func (u *uringTransport) send(c *conn, _ int64) bool {
	if !c.ring.toSend {
		c.ring.toSend = true
		u.toSend = append(u.toSend, c.slot)
	}
	return true
}

func (u *uringTransport) wait(timeout int64) {
	u.bufs.Publish()
	u.queueSends()
	if u.busy || timeout <= 0 {
		u.check(u.ring.Look())
		n := u.reap()
		u.busy = n > 1
		if n > 0 || timeout <= 0 {
			return
		}
		u.bufs.Publish()
	}
	u.check(u.ring.Wait(time.Duration(timeout)))
	u.busy = u.reap() > 1
}

// queueSends makes requests of what is unsent; see "Sends never overtake each other".
func (u *uringTransport) queueSends() {
	if u.ring.Overflowing() {
		return
	}
	for _, slot := range u.toSend {
		c := &u.t.conns[slot]
		c.ring.toSend = false
		if c.state != up || c.writing || c.unsent == 0 { // it may have been replaced meanwhile
			continue
		}
		b := c.next()
		if len(b) < c.unsent { // more follows: a send that tells when it has gone out
			u.sendLate(c, b)
			continue
		}
		c.unsent, c.ring.offered = 0, len(b)
		u.request().SendNow(c.fd, b, mark(c, sent))
	}
	u.toSend = u.toSend[:0]
}

// sendLate sends b, the first of what is unsent on c, and waits for room if need be.
func (u *uringTransport) sendLate(c *conn, b []byte) {
	c.writing = true
	c.unsent -= len(b)
	c.ring.offered = len(b)
	u.request().Send(c.fd, b, mark(c, sentLate))
	u.under++
}

// check takes what a call on the ring has returned. That it fails is no matter of one
// connection: the kernel has lost completions, or the ring is not what it was. The run
// fails with it.
func (u *uringTransport) check(err error) {
	if err != nil {
		u.t.run.fail(fmt.Errorf("move bytes by io_uring: %w", err))
	}
}
