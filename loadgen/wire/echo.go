package wire

import (
	"bytes"
	"fmt"
	"math/rand/v2"
)

// MaxPayload bounds an echo request in bytes. All of it is in flight at once, and
// a server may legitimately stop reading while its own output is not taken.
const MaxPayload = 64 << 10

// Echo returns the protocol of a TCP echo server that is sent size bytes
// (1..MaxPayload) and must send the same back. The bytes are pseudo-random and
// depend on size alone, so that a shifted or swapped reply is noticed.
func Echo(size int) (Protocol, error) {
	if size < 1 || size > MaxPayload {
		return nil, fmt.Errorf("payload of %d bytes is not between 1 and %d", size, MaxPayload)
	}
	r := rand.New(rand.NewPCG(uint64(size), 0x6563686f))
	payload := make([]byte, size)
	for i := range payload {
		payload[i] = byte(r.Uint32())
	}
	return &echo{payload}, nil
}

type echo struct{ payload []byte }

func (e *echo) Request() []byte { return e.payload }

func (e *echo) Readers(n int) []Reader {
	all := make([]echoReader, n)
	out := make([]Reader, n)
	for i := range all {
		all[i].payload = e.payload
		out[i] = &all[i]
	}
	return out
}

// echoReader is its position in the payload it expects.
type echoReader struct {
	payload []byte
	pos     int
}

func (r *echoReader) Reset()      { r.pos = 0 }
func (r *echoReader) End() Result { return Result{} }

func (r *echoReader) Next(p []byte) (int, Result) {
	want := r.payload[r.pos:]
	if len(p) > len(want) {
		p = p[:len(want)]
	}
	if !bytes.Equal(p, want[:len(p)]) {
		return len(p), Result{State: Mismatch, Close: true}
	}
	if len(p) < len(want) {
		r.pos += len(p)
		return len(p), Result{}
	}
	r.pos = 0
	return len(p), Result{State: OK}
}
