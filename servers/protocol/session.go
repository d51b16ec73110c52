// Package protocol turns bytes into requests and replies into bytes.
//
// A Session is one connection's conversation, as a state machine: it owns no
// socket, no clock and no goroutine. A concurrency model is the short driver
// that feeds it what arrived, sends what it says and carries out the one thing
// it asks for next:
//
//	          bytes                      bytes
//	socket ---------> Session.Step -------------> socket
//	                      |
//	                      v Next
//	  Read:    more bytes, please, within For
//	  Extend:  the same, and For longer than said before
//	  Pause:   not before For has passed
//	  Compute: again, without input; it takes its time
//	  Close:   write this, then close
//
// So every model shares one parser, one application and one set of limits, and
// what differs between them is only who waits, and who is held up by it.
//
// Of fasthttp it uses what replies are made of: the words of a status, numbers and
// dates. Heads of requests are read here alone (head.go). fasthttp's parser leaves open
// where a head ends, bare line feeds, conflicting framing and what was cut. All that has
// to be decided before, and by then every byte has been looked at: when fasthttp read
// them again, that was half of what a Step cost, and it found nothing.
package protocol

import "time"

// An Action is what a session asks of its driver.
type Action uint8

const (
	// Read: call Step again when more bytes have arrived. For > 0 sets the time
	// by which they must (else: Expired), For == 0 leaves the time set before in
	// force, so that a client that drips bytes gains nothing, and For < 0 takes
	// the limit away.
	Read Action = iota
	// Extend: as Read, but the time by which bytes must come moves away by For from
	// where the last Read with For > 0 has set it. So one limit can follow another
	// and both count from the same moment, without a clock in the session.
	Extend
	// Pause: call Step again when For has passed, not before, with whatever is
	// unread; bytes that arrive meanwhile wait. With For == 0 the session only
	// wants its output written before it goes on.
	Pause
	// Compute: call Step again without input; it takes its time: it will compute for
	// as long as the request says, or ask another process. It touches nothing but the
	// session, so it may run anywhere, as long as nothing else is asked of the session
	// meanwhile.
	Compute
	// Close: write the output, then close. With For > 0 the peer may still be
	// sending: close the sending side, then read and drop for at most that long,
	// so that the reply is not lost to a reset (RFC 9112, section 9.6).
	Close
)

// Next is what a session wants done after a Step, and what the Step came to.
type Next struct {
	Do       Action
	For      time.Duration
	Answered int // requests whose last byte of reply this Step appended
	Need     int // Read: a Step with fewer bytes than this, in all, would come to nothing; 0: each byte may matter
}

// Forever is the For of a Read without a time limit.
const Forever time.Duration = -1

// A Session is one connection's conversation. Its methods are called by one
// goroutine at a time.
type Session interface {
	// Step consumes a prefix of in and appends what is to be sent to out, which
	// it returns grown. The driver keeps what was not used and offers it again,
	// followed by what came after. The first Step comes with the connection and
	// no input: it says how long to wait for the first byte. A session never
	// leaves more unused than Rules.Unused.
	Step(in, out []byte) (used int, grown []byte, next Next)

	// Expired is called when the time that a Read set has run out. It appends the
	// session's last words to out; the driver sends them and closes.
	Expired(out []byte) []byte

	// Idle reports whether the connection may be closed without breaking
	// anything off: no request has begun and no reply is owed.
	Idle() bool
}

// flushAt is the output at which a session asks for a write before it goes on.
// It bounds what a driver holds for one connection: a Step appends at most one
// reply beyond it, and fillers come in pieces of it.
const flushAt = 64 << 10
