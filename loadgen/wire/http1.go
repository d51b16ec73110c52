package wire

import "bytes"

// Limits of a reply in bytes. Heads, trailers and single chunk-size lines may be this long.
const maxHead = 64 << 10

// httpReader reads HTTP/1.x replies (RFC 9112), line by line through a head and by
// counting through a body:
//
//	status -> fields -> sized      (Content-Length)        -> done
//	   ^         |----> untilClose (no length given)       -> done at the peer's close
//	   |         |----> chunkSize <-> chunkData, chunkEnd
//	   |         |          `-> trailer                    -> done
//	   `---------'  1xx: an interim reply is not the reply (101 was not asked for)
//
// Decisions fall at line ends only (and at a byte that cannot begin a status line),
// which is what makes the outcome independent of cuts. It is strict where a lenient
// client would measure nonsense: CRLF line ends, no folding, no blank in a field name,
// not both Content-Length and Transfer-Encoding, neither the latter in HTTP/1.0, no
// differing lengths.
type httpReader struct {
	memo  *headMemo
	head  bool
	state httpState
	line  []byte // the beginning of a line whose end has not come yet
	taken int    // bytes of the current head, chunk line or trailer
	shape shape
	left  uint64 // bytes of body or chunk still to come
}

type httpState uint8

const (
	inStatus httpState = iota
	inFields
	inSized
	inUntilClose
	inChunkSize
	inChunkData
	inChunkEnd
	inTrailer
)

// shape is all that a head says about what follows it.
type shape struct {
	status    int
	length    uint64
	hasLength bool
	old       bool // HTTP/1.0, which knows no Transfer-Encoding
	encoded   bool // Transfer-Encoding was given
	chunked   bool // and ends in chunked
	close     bool // the connection ends with this reply
	said      bool // because of "Connection: close", which keep-alive cannot undo
}

// headMemo remembers the last complete head and what it meant. A server repeats
// itself to the byte, but for the date once a second: comparing is far cheaper than
// parsing, and the same bytes always mean the same.
type headMemo struct {
	head  []byte
	shape shape
}

// maxMemo bounds the memory of a head; longer ones are parsed each time.
const maxMemo = 4 << 10

func (r *httpReader) Reset() {
	r.state, r.line, r.taken, r.left = inStatus, r.line[:0], 0, 0
}

func (r *httpReader) Next(p []byte) (int, Result) {
	used := 0
	if r.state == inStatus && r.taken == 0 {
		if m := r.memo.head; len(m) > 0 && len(p) >= len(m) && string(p[:len(m)]) == string(m) {
			used, r.shape = len(m), r.memo.shape
			if done, res := r.enterBody(); done {
				return used, res
			}
		}
	}
	for {
		var done bool
		var res Result
		switch r.state {
		case inSized, inChunkData:
			n := min(r.left, uint64(len(p)-used))
			used += int(n)
			r.left -= n
			if r.left > 0 {
				return used, Result{}
			}
			if r.state == inSized {
				return used, r.finish()
			}
			r.state = inChunkEnd
			continue
		case inUntilClose:
			return len(p), Result{}
		}
		line, n, ok := r.takeLine(p[used:])
		used += n
		if !ok {
			return used, r.garbled(len(r.line) > 0 && r.state == inStatus && !beginsStatus(r.line) || r.taken > maxHead)
		}
		if line == nil {
			return used, r.garbled(true)
		}
		if done, res = r.act(line, p[:used]); done {
			return used, res
		}
	}
}

// takeLine returns the next line without its CRLF. ok is false when its end has not
// come: then all of p is kept. A line that does not end in CRLF is nil.
func (r *httpReader) takeLine(p []byte) (line []byte, n int, ok bool) {
	i := bytes.IndexByte(p, '\n')
	if i < 0 {
		r.taken += len(p)
		if r.taken <= maxHead {
			r.line = append(r.line, p...)
		}
		return nil, len(p), false
	}
	n = i + 1
	r.taken += n
	line = p[:n]
	if len(r.line) > 0 {
		r.line = append(r.line, line...)
		line, r.line = r.line, r.line[:0]
	}
	if len(line) < 2 || line[len(line)-2] != '\r' || r.taken > maxHead {
		return nil, n, true
	}
	return line[:len(line)-2], n, true
}

// act acts on a whole line; seen is what Next was given, up to its end.
func (r *httpReader) act(line, seen []byte) (done bool, res Result) {
	switch r.state {
	case inStatus:
		if !parseStatus(line, &r.shape) {
			return true, r.garbled(true)
		}
		r.state = inFields
	case inFields:
		if len(line) > 0 {
			if !parseField(line, &r.shape) {
				return true, r.garbled(true)
			}
			return false, Result{}
		}
		return r.endHead(seen)
	case inChunkSize:
		size, ok := parseChunkSize(line)
		if !ok {
			return true, r.garbled(true)
		}
		r.taken, r.left, r.state = 0, size, inChunkData
		if size == 0 {
			r.state = inTrailer
		}
	case inChunkEnd:
		if len(line) > 0 {
			return true, r.garbled(true)
		}
		r.taken, r.state = 0, inChunkSize
	case inTrailer:
		if len(line) == 0 {
			return true, r.finish()
		}
		var ignored shape
		if !parseField(line, &ignored) {
			return true, r.garbled(true)
		}
	}
	return false, Result{}
}

// endHead is reached at the empty line after the fields.
func (r *httpReader) endHead(seen []byte) (done bool, res Result) {
	switch {
	case r.shape.encoded && (r.shape.hasLength || r.shape.old), r.shape.status == 101:
		return true, r.garbled(true)
	case r.shape.status < 200:
		r.state, r.taken = inStatus, 0
		return false, Result{}
	}
	// seen begins with this head only if all of it came in this one piece.
	if len(seen) == r.taken && len(seen) <= maxMemo {
		r.memo.head = append(r.memo.head[:0], seen...)
		r.memo.shape = r.shape
	}
	return r.enterBody()
}

// enterBody follows the rules of RFC 9112 section 6.3.
func (r *httpReader) enterBody() (done bool, res Result) {
	s := &r.shape
	r.taken = 0
	switch {
	case r.head, s.status == 204, s.status == 304:
		return true, r.finish()
	case s.chunked:
		r.state = inChunkSize
	case s.hasLength:
		if s.length == 0 {
			return true, r.finish()
		}
		r.state, r.left = inSized, s.length
	default:
		r.state, s.close = inUntilClose, true
	}
	return false, Result{}
}

func (r *httpReader) finish() Result {
	res := Result{State: OK, Close: r.shape.close}
	if r.shape.status < 200 || r.shape.status > 399 {
		res.State, res.Status = BadStatus, uint16(r.shape.status)
	}
	r.state, r.taken = inStatus, 0
	return res
}

// garbled returns Malformed if is, so that a check and its consequence are one line.
func (r *httpReader) garbled(is bool) Result {
	if !is {
		return Result{}
	}
	return Result{State: Malformed, Close: true}
}

func (r *httpReader) End() Result {
	if r.state == inUntilClose {
		return r.finish()
	}
	return Result{}
}
