// Package blocking is the driver for models in which a conversation has a
// goroutine to itself: it reads, steps the session, writes, and sleeps when the
// session pauses, each in plain sequence. Whatever it waits for, only this
// goroutine waits.
//
//	          +-----------------------------------------+
//	          v                                         |
//	step the session -> write what it said -> do what it asks next
//	                                            Read, Extend: block in Read
//	                                            Pause: sleep
//	                                            Compute: nothing; the next step does it
//	                                            Close: done
//
// In code that is turn; all else serves it.
//
// Models differ in how many such goroutines share a process: see the packages
// goroutine and prefork.
package blocking

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"modelbench/servers/clock"
	"modelbench/servers/memory"
	"modelbench/servers/protocol"
	"modelbench/servers/socket"
)

// A Conn is what Drive needs of a socket; *net.TCPConn has it.
type Conn interface {
	net.Conn
	CloseWrite() error
}

// A Sleeper is a Conn that knows a way of its own to carry out a pause.
type Sleeper interface{ Sleep(time.Duration) }

// A Conversation is what Drive drives: a session, and who wants to know of its end.
type Conversation interface {
	protocol.Session
	// Done is called once, when the socket has been closed, with why: nil when the
	// session or the peer closed in good order, ErrExpired when the peer kept the
	// session waiting, the error of the socket otherwise (os.ErrDeadlineExceeded:
	// the peer did not read).
	Done(why error)
}

// Drive carries a conversation from its first byte to its end and closes c. It is
// to be the whole of a goroutine; the end may come in another one than this (see
// driver.rest), so it is told to the conversation and not returned.
//
// It waits for as long as writeTimeout, and at most half as long again, for the
// peer to take a reply. When rules start draining, a c.SetReadDeadline in the
// past makes Drive ask the session anew.
func Drive(c Conn, talk Conversation, rules *protocol.Rules, writeTimeout time.Duration) {
	d := driver{conn: c, talk: talk, rules: rules, writeTimeout: writeTimeout, in: inbox{most: rules.Unused()}}
	if s, ok := c.(syscall.Conn); ok {
		var err error
		if d.raw, err = s.SyscallConn(); err != nil {
			d.end(err)
			return
		}
		d.try, d.send = d.in.tryRead, d.out.trySend
	}
	d.run(nil)
}

// ErrExpired is why a conversation ended whose session ran out of patience.
var ErrExpired = errors.New("the peer sent nothing more in time")

// A driver is the state of one Drive, on the heap: what the goroutine's stack holds
// while it waits is paid for by every idle connection.
type driver struct {
	conn  Conn
	talk  Conversation
	rules *protocol.Rules
	in    inbox
	out   outbox
	raw   syscall.RawConn              // nil: bytes come and go by conn's Read and Write
	try   func(fd uintptr) (done bool) // in.tryRead, and
	send  func(fd uintptr) (done bool) // out.trySend, each made once: a closure for each call would be garbage

	writeTimeout time.Duration
	readBy       clock.Time // when the session's patience ends; 0: never
	readArmed    clock.Time // the deadline that the socket has; 0: none
	writeArmed   clock.Time
	waits        clock.Time // since when the peer has been silent
	draining     bool       // the session has been told
	deep         bool       // the stack has held more than a wait
	yields, shy  uint8      // see yield
}

// run goes on with the conversation after a wait that ended with err.
func (d *driver) run(err error) {
	d.deep = true
	for err == nil {
		err = d.turn()
	}
	if err == errQuiet {
		go d.rest()
		return
	}
	d.end(err)
}

// turn steps the session once, writes what it said and does what it asks next.
func (d *driver) turn() error {
	next, err := d.step()
	if err != nil {
		return err
	}
	switch next.Do {
	case protocol.Read, protocol.Extend:
		d.patience(next)
		d.yield()
		return d.read()
	case protocol.Pause:
		if s, ok := d.conn.(Sleeper); ok {
			s.Sleep(next.For)
		} else {
			time.Sleep(next.For)
		}
	case protocol.Compute: // in the next step, right here, while others are to have their turns
		socket.WakeMonitor()
	case protocol.Close:
		d.linger(next.For)
		return io.EOF
	}
	return nil
}

func (d *driver) end(why error) {
	d.in.free()
	if c, ok := d.conn.(interface{ SetLinger(sec int) error }); ok && errors.Is(why, os.ErrDeadlineExceeded) {
		c.SetLinger(0) // a peer that does not read: else the kernel would keep what is unread for minutes
	}
	d.conn.Close()
	if errors.Is(why, io.EOF) {
		why = nil
	}
	d.talk.Done(why)
	memory.Freed(memory.Few) // the goroutine's stack, and all that was the connection's
}

func (d *driver) step() (protocol.Next, error) {
	out := outboxes.Get().(*[]byte)
	defer freeOutbox(out)
	used, said, next := d.talk.Step(d.in.unread(), (*out)[:0])
	*out = said
	d.in.drop(used)
	return next, d.write(said)
}

func (d *driver) write(out []byte) error {
	if len(out) == 0 {
		return nil
	}
	// A deadline costs more than a small write, so it is set with half as much
	// to spare and renewed when the spare is used up.
	if now := clock.Now(); d.writeArmed.Until(now) < d.writeTimeout {
		d.writeArmed = now.After(d.writeTimeout + d.writeTimeout/2)
		if err := d.conn.SetWriteDeadline(d.writeArmed.Deadline()); err != nil {
			return err
		}
	}
	if d.raw == nil {
		_, err := d.conn.Write(out)
		return err
	}
	d.out = outbox{left: out}
	err := d.raw.Write(d.send) // blocks as any Write
	if err == nil && d.out.err != nil {
		err = os.NewSyscallError("send", d.out.err)
	}
	d.out.left = nil // it goes back to the pool
	return err
}

// expire lets the session have its last words.
func (d *driver) expire() error {
	if words := d.talk.Expired(nil); len(words) > 0 {
		if err := d.write(words); err != nil {
			return err
		}
		d.linger(time.Second)
	}
	return ErrExpired
}

// linger lets the peer finish sending, so that closing does not reset the
// connection under a reply that it has not read yet (RFC 9112, section 9.6).
func (d *driver) linger(most time.Duration) {
	if most <= 0 || d.conn.CloseWrite() != nil {
		return
	}
	by := time.Now().Add(most)
	rest := io.LimitReader(d.conn, 1<<20)
	for d.conn.SetReadDeadline(by) == nil { // until the peer closes, the time or the patience is up
		_, err := io.Copy(io.Discard, rest)
		if !errors.Is(err, os.ErrDeadlineExceeded) || !time.Now().Before(by) {
			return
		} // else the drain woke us
	}
}
