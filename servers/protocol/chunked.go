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

// sizeLine is room for a chunk's size and its line end, in bytes, which do not
// count against the limit.
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
	switch {
	case r.state == inSize:
		bad = r.open(line)
	case len(line) == 0:
		done = true
	default:
		bad = r.trailer(line)
	}
	if bad == nil && r.lines < 0 {
		bad = headTooLong
	}
	return n, done, bad
}

// trailer checks a trailer. One that says how long the message is or whom it is
// for may not be there (RFC 9110, section 6.5.1), and is an attempt to smuggle.
func (r *chunkReader) trailer(line []byte) *problem {
	r.lines -= len(line)
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || !all(line[:colon], isToken) || !all(line[colon+1:], isValue) {
		return badChunk
	}
	for _, never := range []string{"content-length", "transfer-encoding", "host"} {
		if equalFold(line[:colon], never) {
			return badTrailer
		}
	}
	return nil
}

// open reads the size of a chunk.
func (r *chunkReader) open(line []byte) *problem {
	digits := run(line, isHex)
	ext := line[digits:]
	if digits == 0 || digits > 15 || !extensions(ext) { // 15 are 60 bits
		return badChunk
	}
	r.lines -= len(ext)
	size := int64(0) // also where an int has 32 bits
	for _, c := range line[:digits] {
		size = size<<4 | int64(unhex(c))
	}
	switch {
	case size > int64(r.max-len(r.body)):
		return bodyTooLong
	case size == 0:
		r.state = inTrailers
	default:
		r.state, r.left = inData, int(size)
	}
	return nil
}

// extensions reports whether what follows a chunk's size is what may (RFC 9112,
// section 7.1.1; the white space is bad but allowed):
//
//	*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )
func extensions(b []byte) bool {
	for len(b) > 0 {
		if b = skipSpace(b); len(b) == 0 || b[0] != ';' {
			return false
		}
		b = skipSpace(b[1:])
		name := run(b, isToken)
		if name == 0 {
			return false
		}
		b = b[name:]
		if value := skipSpace(b); len(value) > 0 && value[0] == '=' {
			value = skipSpace(value[1:])
			n := max(run(value, isToken), quoted(value))
			if n == 0 {
				return false
			}
			b = value[n:]
		}
	}
	return true
}

// quoted is the length of the quoted-string that b begins with (RFC 9110, section
// 5.6.4), 0 if it does not.
func quoted(b []byte) int {
	if len(b) == 0 || b[0] != '"' {
		return 0
	}
	for i := 1; i < len(b); i++ {
		switch {
		case b[i] == '"':
			return i + 1
		case b[i] == '\\':
			i++ // whatever comes next; that it is there is seen by the loop
		}
		if i == len(b) || classOf[b[i]]&isValue == 0 {
			return 0
		}
	}
	return 0
}
