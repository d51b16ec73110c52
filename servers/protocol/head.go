package protocol

import "bytes"

// A headScanner finds the end of a request head and checks each line as it
// becomes complete, so that the outcome depends on the bytes alone and not on
// how they were cut. It remembers where it stopped; nothing is scanned twice.
//
// It checks what decides how the connection's bytes are divided (line ends,
// names, Host, Content-Length, Transfer-Encoding), because a server that
// divides them otherwise than the proxy in front of it can be made to take one
// client's bytes for another's request. Whoever has checked all that has read it too,
// so no other parser comes after it.
type headScanner struct {
	at   int32 // offset of the first byte not looked at
	line int32 // offset of the line that holds it

	verb   span  // of the method, when the head is whole
	target span  // of the request target
	length int64 // what Content-Length says

	request bool // the request line has been seen
	head    bool // the method is HEAD: not even a refusal may have a body (RFC 9110, section 9.3.2)
	http10  bool
	hosts   uint8 // Host fields
	lengths uint8 // Content-Length fields
	chunked bool  // a Transfer-Encoding field, which said chunked
	expect  bool  // Expect: 100-continue
	close   bool  // Connection has close among its options
	keep    bool  // Connection has keep-alive among its options
}

// A span is a part of the head: the bytes from one offset to another.
type span struct{ from, to int32 }

func (s span) of(head []byte) []byte { return head[s.from:s.to:s.to] }

// scan looks at in, which starts where the head does. It returns the length of
// the head when its end is there, 0 when more bytes are needed, and a problem
// when no further byte can make this a request to answer.
func (s *headScanner) scan(in []byte, most int) (end int, bad *problem) {
	for {
		lf := bytes.IndexByte(in[s.at:], '\n')
		if lf < 0 {
			s.at = int32(min(len(in), most))
			s.method(in[s.line:min(len(in), most)])
			if len(in) >= most { // the line end alone would be too much
				return 0, s.tooLong()
			}
			return 0, nil
		}
		next := int(s.at) + lf + 1
		line := in[s.line:min(next-1, most)]
		s.method(line)
		if next > most {
			return 0, s.tooLong()
		}
		from := s.line
		s.line, s.at = int32(next), int32(next)
		if len(line) == 0 || line[len(line)-1] != '\r' {
			return 0, badLineEnd
		}
		line = line[:len(line)-1]
		switch {
		case len(line) > 0 && !s.request:
			s.request = true
			bad = s.requestLine(line, from)
		case len(line) > 0:
			bad = s.field(line)
		case s.request:
			return next, s.framing()
		} // else: an empty line before the request, to be ignored (RFC 9112, section 2.2)
		if bad != nil {
			return 0, bad
		}
	}
}

// method looks at the request line, or at what is there of it.
func (s *headScanner) method(line []byte) {
	if !s.request {
		s.head = bytes.HasPrefix(line, []byte("HEAD "))
	}
}

func (s *headScanner) tooLong() *problem {
	if !s.request {
		return targetTooLong
	}
	return headTooLong
}

// requestLine checks the first line, which is at offset from.
func (s *headScanner) requestLine(line []byte, from int32) *problem {
	method := bytes.IndexByte(line, ' ')
	if method <= 0 || !all(line[:method], isToken) {
		return badMethod
	}
	rest := line[method+1:]
	target := bytes.IndexByte(rest, ' ')
	if target <= 0 || !all(rest[:target], isTarget) {
		return badTarget
	}
	s.verb = span{from, from + int32(method)}
	s.target = span{s.verb.to + 1, s.verb.to + 1 + int32(target)}
	switch version := rest[target+1:]; {
	case string(version) == "HTTP/1.1":
	case string(version) == "HTTP/1.0":
		s.http10 = true
	case len(version) == 8 && string(version[:5]) == "HTTP/" && isDigit(version[5]) && version[6] == '.' && isDigit(version[7]):
		return badVersion
	default:
		return badRequestLine
	}
	return nil
}

// field checks one header line and counts the ones that matter here.
func (s *headScanner) field(line []byte) *problem {
	colon := bytes.IndexByte(line, ':')
	if colon <= 0 || !all(line[:colon], isToken) { // this refuses folded lines and "Name :" too
		return badFieldName
	}
	if !all(line[colon+1:], isValue) {
		return badFieldValue
	}
	name := line[:colon]
	switch len(name) {
	case len("host"):
		if equalFold(name, "host") {
			s.hosts = min(s.hosts+1, 2)
			if _, ok := authority(trim(line[colon+1:])); !ok {
				return badHost
			}
		}
	case len("expect"):
		if equalFold(name, "expect") {
			if !equalFold(trim(line[colon+1:]), "100-continue") {
				return badExpect
			}
			s.expect = true
		}
	case len("connection"):
		if equalFold(name, "connection") {
			s.options(line[colon+1:])
		}
	case len("content-length"):
		if equalFold(name, "content-length") {
			s.lengths = min(s.lengths+1, 2)
			v := trim(line[colon+1:])
			if len(v) == 0 || len(v) > 18 || !all(v, isDigitClass) {
				return badLength // 18 digits fit an int64
			}
			s.length = 0
			for _, digit := range v {
				s.length = 10*s.length + int64(digit-'0')
			}
		}
	case len("transfer-encoding"):
		if equalFold(name, "transfer-encoding") {
			if s.chunked || !equalFold(trim(line[colon+1:]), "chunked") {
				return badCoding
			}
			s.chunked = true
		}
	}
	return nil
}

// options takes in what a Connection field lists.
func (s *headScanner) options(list []byte) {
	for more := true; more; {
		var option []byte
		option, list, more = bytes.Cut(list, []byte{','})
		option = trim(option)
		s.close = s.close || equalFold(option, "close")
		s.keep = s.keep || equalFold(option, "keep-alive")
	}
}

// last reports whether the client wants the connection closed after the reply
// (RFC 9112, section 9.3).
func (s *headScanner) last() bool { return s.close || s.http10 && !s.keep }

// framing checks what only the whole head can tell.
func (s *headScanner) framing() *problem {
	switch {
	case s.lengths > 1:
		return badLength
	case s.chunked && (s.lengths > 0 || s.http10):
		return badFraming
	case s.hosts > 1, s.hosts == 0 && !s.http10:
		return badHost
	}
	return nil
}
