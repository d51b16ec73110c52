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
//	                                            Close: done
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

	"modelbench/servers/protocol"
)

// A Conn is what Drive needs of a connection; *net.TCPConn has it.
type Conn interface {
	net.Conn
	CloseWrite() error
}

// A Sleeper is a Conn that knows a way of its own to carry out a pause.
type Sleeper interface{ Sleep(time.Duration) }

// Drive carries a conversation from its first byte to its end and closes c. It
// returns why the conversation ended: nil when the session or the peer closed
// in good order, ErrExpired when the peer kept the session waiting, the error of
// the socket otherwise (os.ErrDeadlineExceeded: the peer did not read).
//
// It waits for as long as writeTimeout, and at most half as long again, for the
// peer to take a reply. When rules start draining, a c.SetReadDeadline in the
// past makes Drive ask the session anew.
func Drive(c Conn, s protocol.Session, rules *protocol.Rules, writeTimeout time.Duration) error {
	defer c.Close()
	sleep := time.Sleep
	if c, ok := c.(Sleeper); ok {
		sleep = c.Sleep
	}
	d := driver{conn: c, session: s, rules: rules, writeTimeout: writeTimeout}
	defer d.in.free()
	d.fill = func() error { return d.in.fill(c, rules.Unused()) }
	if c, ok := c.(syscall.Conn); ok {
		late, err := newLateReader(c, &d.in, rules.Unused())
		if err != nil {
			return err
		}
		d.fill = late.fill
	}
	for {
		next, err := d.step()
		if err != nil {
			return err
		}
		switch next.Do {
		case protocol.Read, protocol.Extend:
			d.patience(next)
			switch err = d.read(); {
			case errors.Is(err, io.EOF):
				return nil
			case err != nil:
				return err
			}
		case protocol.Pause:
			sleep(next.For)
		case protocol.Compute: // in the next step, right here
		case protocol.Close:
			d.linger(next.For)
			return nil
		}
	}
}

// ErrExpired is returned by Drive when the session's patience ran out.
var ErrExpired = errors.New("the peer sent nothing more in time")

// A driver is the state of one Drive.
type driver struct {
	conn    Conn
	session protocol.Session
	rules   *protocol.Rules
	in      inbox
	fill    func() error // reads into in

	writeTimeout time.Duration
	readBy       time.Time // when the session's patience ends; zero: never
	readArmed    time.Time // the deadline that the socket has; zero: none yet
	writeArmed   time.Time
	draining     bool // the session has been told
}

// step steps the session once and writes what it said.
func (d *driver) step() (protocol.Next, error) {
	out := outboxes.Get().(*[]byte)
	defer freeOutbox(out)
	used, said, next := d.session.Step(d.in.unread(), (*out)[:0])
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
	if now := time.Now(); d.writeArmed.Sub(now) < d.writeTimeout {
		d.writeArmed = now.Add(d.writeTimeout + d.writeTimeout/2)
		if err := d.conn.SetWriteDeadline(d.writeArmed); err != nil {
			return err
		}
	}
	_, err := d.conn.Write(out)
	return err
}

// patience takes in for how long the session will wait for bytes.
func (d *driver) patience(next protocol.Next) {
	switch {
	case next.Do == protocol.Extend:
		d.readBy = d.readBy.Add(next.For)
	case next.For > 0:
		d.readBy = time.Now().Add(next.For)
	case next.For < 0:
		d.readBy = time.Time{}
	}
}

// read blocks until bytes are there, for as long as the session will wait. It
// returns with none when the session has to be asked anew.
func (d *driver) read() error {
	if err := d.arm(); err != nil {
		return err
	}
	for {
		// After the deadline is armed and not before: whoever starts the drain
		// does it in the opposite order, so one of the two sees the other.
		if !d.draining && d.rules.Draining() {
			d.draining = true
			return nil
		}
		err := d.fill()
		switch {
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return err
		case !d.readBy.IsZero() && !time.Now().Before(d.readBy):
			return d.expire()
		}
		d.readArmed = d.readBy // too early: the deadline has moved since, or the drain woke us
		if err := d.conn.SetReadDeadline(d.readBy); err != nil {
			return err
		}
	}
}

// arm sees to it that the socket wakes no later than readBy. Waking too early is
// harmless, so a deadline that only moves away is left alone: on a busy
// connection it is set once in a timeout, not once in a request.
func (d *driver) arm() error {
	if d.readBy.IsZero() || !d.readArmed.IsZero() && !d.readBy.Before(d.readArmed) {
		return nil
	}
	d.readArmed = d.readBy
	return d.conn.SetReadDeadline(d.readBy)
}

// expire lets the session have its last words.
func (d *driver) expire() error {
	if words := d.session.Expired(nil); len(words) > 0 {
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
	if most <= 0 || d.conn.CloseWrite() != nil || d.conn.SetReadDeadline(time.Now().Add(most)) != nil {
		return
	}
	io.Copy(io.Discard, io.LimitReader(d.conn, 1<<20)) // until the peer closes, the time or the patience is up
}
