// Package wire knows what a target is sent and how its replies are recognised.
//
// A Protocol is one target's request, as bytes that never change, and a maker of
// Readers. A Reader is one connection's side of the conversation: it is fed whatever
// bytes arrive, in whatever pieces, and says where a reply ends and whether it is a
// good one. It owns no socket, no clock and no goroutine, keeps a body in constant
// memory, and allocates nothing for a reply that arrives in one piece.
//
// The verdict on a stream of bytes does not depend on where it was cut into pieces.
//
// Readers made by one call share a memory of the last head they saw, so all of them
// belong to one thread. Protocols are immutable and may be shared by threads.
package wire

// A Result says what a Reader made of the bytes it was given.
type Result struct {
	State State
	// Close: no further reply can be expected on this connection, because the
	// server said so or because the stream can no longer be followed.
	Close bool
	// Status is the status code of a reply that is BadStatus, 100 to 999, else 0.
	Status uint16
}

// State is the fate of the reply being read.
type State uint8

const (
	Partial   State = iota // all bytes are taken and the reply is not complete
	OK                     // a complete, good reply
	BadStatus              // a complete reply whose status is neither 2xx nor 3xx
	Malformed              // not a reply of this protocol; the stream is lost
	Mismatch               // an echo that is not what was sent; the stream is lost
)

// A Reader recognises the replies on one connection.
type Reader interface {
	// Reset begins a new connection.
	Reset()
	// Next takes a prefix of p, at most up to the end of the current reply, and says
	// how long it was. It keeps no reference to p. With Partial all of p is taken.
	Next(p []byte) (used int, r Result)
	// End says what the peer's orderly close makes of the reply being read: OK or
	// BadStatus if the close is what delimits it, otherwise Partial.
	End() Result
}

// A Protocol is what one target is sent and how it answers.
type Protocol interface {
	// Request returns the bytes of one request. The caller must not change them.
	Request() []byte
	// Readers returns n readers for the use of one thread.
	Readers(n int) []Reader
}
