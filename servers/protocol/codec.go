package protocol

import (
	"bufio"
	"bytes"
	"sync"

	"github.com/valyala/fasthttp"
)

// A codec is fasthttp's request header with the reader it insists on. It is
// borrowed for the decoding of one head: RequestHeader.Read leaves incomplete
// input untouched but reports it with an allocated error, so it is called once,
// when the head is known to be whole, and never retried.
type codec struct {
	src  bytes.Reader
	buf  *bufio.Reader
	head fasthttp.RequestHeader
}

var codecs = sync.Pool{New: func() any {
	c := new(codec)
	c.buf = bufio.NewReaderSize(&c.src, 4<<10)
	return c
}}

// decode reads a head that the scanner has found whole and sound.
func (c *codec) decode(head []byte) error {
	if len(head) > c.buf.Size() {
		c.buf = bufio.NewReaderSize(&c.src, len(head))
	}
	c.src.Reset(head)
	c.buf.Reset(&c.src)
	return c.head.Read(c.buf)
}
