package protocol

import "bytes"

// A chunkReader decodes a chunked body (RFC 9112, section 7.1) as it arrives:
//
//	size [;extension] CR LF   data CR LF   ...   0 CR LF   trailers   CR LF
//	     ^ inSize             ^ inData ^ inEnd             ^ inTrailers
//
// Extensions and trailers are checked, counted against a limit and dropped.
type chunkReader struct {
	max   int // bytes of body
	lines int // bytes that all extensions and trailers may still take

	body  []byte
	state chunkState
	left  int // bytes of the chunk's data to come
}

type chunkState uint8

const (
	inSize chunkState = iota
	inData
	inEnd
	inTrailers
)

// read consumes what it can of in. It is done when the body is complete.
func (r *chunkReader) read(in []byte) (used int, done bool, bad *problem) {
	for n := -1; n != 0 && !done && bad == nil; used += n {
		rest := in[used:]
		switch r.state {
		case inData:
			n = min(r.left, len(rest))
			r.body = append(r.body, rest[:n]...)
			if r.left -= n; r.left == 0 {
				r.state = inEnd
			}
		case inEnd:
			n, bad = r.end(rest)
		default:
			n, done, bad = r.readLine(rest)
		}
	}
	return used, done, bad
}

// end reads the CR LF behind a chunk's data.
func (r *chunkReader) end(in []byte) (int, *problem) {
	switch {
	case len(in) > 0 && in[0] != '\r', len(in) > 1 && in[1] != '\n':
		return 0, badChunk
	case len(in) < 2:
		return 0, nil
	}
	r.state = inSize
	return 2, nil
}

// sizeLine is a chunk's size with its line end, in bytes; only what a line has
// beyond that counts against the limit.
const sizeLine = 20

// readLine reads the line that opens a chunk, or a trailer, once it is whole.
func (r *chunkReader) readLine(in []byte) (n int, done bool, bad *problem) {
	n = bytes.IndexByte(in, '\n') + 1
	if most := r.lines + sizeLine; n > most || n == 0 && len(in) > most {
		return 0, false, headTooLong
	}
	if n == 0 {
		return 0, false, nil
	}
	if n < 2 || in[n-2] != '\r' {
		return 0, false, badChunk
	}
	line := in[:n-2]
	r.lines -= max(len(line)-sizeLine, 0)
	switch {
	case r.state == inSize:
		return n, false, r.open(line)
	case len(line) == 0:
		return n, true, nil
	}
	r.lines -= min(len(line), sizeLine) // each trailer counts whole
	if colon := bytes.IndexByte(line, ':'); r.lines < 0 {
		return 0, false, headTooLong
	} else if colon <= 0 || !all(line[:colon], isToken) || !all(line[colon+1:], isValue) {
		return 0, false, badChunk
	}
	return n, false, nil
}

// open reads the size of a chunk.
func (r *chunkReader) open(line []byte) *problem {
	digits, ext, extended := bytes.Cut(line, []byte{';'})
	if extended {
		digits = trim(digits) // white space before the semicolon is bad but allowed
		if !all(ext, isValue) {
			return badChunk
		}
	}
	if len(digits) == 0 || len(digits) > 15 { // 60 bits
		return badChunk
	}
	size := 0
	for _, c := range digits {
		d := bytes.IndexByte([]byte("0123456789abcdef"), c|0x20)
		if d < 0 || c < '0' {
			return badChunk
		}
		size = size<<4 | d
	}
	switch {
	case size > r.max-len(r.body):
		return bodyTooLong
	case size == 0:
		r.state = inTrailers
	default:
		r.state, r.left = inData, size
	}
	return nil
}
