package wire

import "bytes"

// tokenChar marks the characters of a token (RFC 9110 section 5.6.2).
var tokenChar = func() (t [256]bool) {
	for c := '0'; c <= '9'; c++ {
		t[c] = true
	}
	for c := 'a'; c <= 'z'; c++ {
		t[c], t[c-'a'+'A'] = true, true
	}
	for _, c := range "!#$%&'*+-.^_`|~" {
		t[c] = true
	}
	return t
}()

const statusPrefix = "HTTP/1."

// beginsStatus reports whether the beginning of a line may become a status line.
func beginsStatus(line []byte) bool {
	n := min(len(line), len(statusPrefix))
	return string(line[:n]) == statusPrefix[:n]
}

// parseStatus reads "HTTP/1.x NNN" and an optional " reason", and begins a new shape.
func parseStatus(line []byte, s *shape) bool {
	if len(line) < len("HTTP/1.1 200") || !beginsStatus(line) || line[8] != ' ' {
		return false
	}
	minor, reason := line[7], line[12:]
	if minor != '0' && minor != '1' || len(reason) > 0 && reason[0] != ' ' || bytes.IndexByte(reason, '\r') >= 0 {
		return false
	}
	status := 0
	for _, c := range line[9:12] {
		if c < '0' || c > '9' {
			return false
		}
		status = status*10 + int(c-'0')
	}
	*s = shape{status: status, close: minor == '0', old: minor == '0'}
	return status >= 100
}

// parseField reads "Name: value" and notes in s what it says about framing.
func parseField(line []byte, s *shape) bool {
	colon := bytes.IndexByte(line, ':')
	if colon < 1 {
		return false
	}
	name, value := line[:colon], trimBlank(line[colon+1:])
	for _, c := range name {
		if !tokenChar[c] {
			return false
		}
	}
	if bytes.IndexByte(value, '\r') >= 0 || bytes.IndexByte(value, 0) >= 0 {
		return false
	}
	switch {
	case equalFold(name, "content-length"):
		n, ok := parseLength(value)
		if !ok || s.hasLength && s.length != n {
			return false
		}
		s.length, s.hasLength = n, true
	case equalFold(name, "transfer-encoding"):
		s.encoded = true
		s.chunked = equalFold(lastElement(value), "chunked")
	case equalFold(name, "connection"):
		for len(value) > 0 {
			var option []byte
			option, value, _ = bytes.Cut(value, comma)
			switch option = trimBlank(option); {
			case equalFold(option, "close"):
				s.close, s.said = true, true
			case equalFold(option, "keep-alive"):
				s.close = s.said
			}
		}
	}
	return true
}

var comma = []byte{','}

// maxLength keeps sums of lengths away from overflow.
const maxLength = 1 << 60

func parseLength(v []byte) (uint64, bool) {
	n := uint64(0)
	for _, c := range v {
		if c < '0' || c > '9' || n > maxLength/10 {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, len(v) > 0
}

// parseChunkSize reads the hexadecimal size of a chunk and skips its extensions.
func parseChunkSize(line []byte) (uint64, bool) {
	n, i := uint64(0), 0
	for ; i < len(line); i++ {
		d, ok := hexDigit(line[i])
		if !ok {
			break
		}
		if n > maxLength/16 {
			return 0, false
		}
		n = n*16 + uint64(d)
	}
	rest := trimBlank(line[i:])
	return n, i > 0 && (len(rest) == 0 || rest[0] == ';')
}

func hexDigit(c byte) (byte, bool) {
	switch {
	case c >= '0' && c <= '9':
		return c - '0', true
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return c | 0x20 - 'a' + 10, true
	}
	return 0, false
}

func lastElement(v []byte) []byte {
	if i := bytes.LastIndexByte(v, ','); i >= 0 {
		v = v[i+1:]
	}
	return trimBlank(v)
}

func trimBlank(v []byte) []byte {
	for len(v) > 0 && (v[0] == ' ' || v[0] == '\t') {
		v = v[1:]
	}
	for len(v) > 0 && (v[len(v)-1] == ' ' || v[len(v)-1] == '\t') {
		v = v[:len(v)-1]
	}
	return v
}

// equalFold compares with a lower-case word, ASCII letters alone being folded.
func equalFold(b []byte, lower string) bool {
	if len(b) != len(lower) {
		return false
	}
	for i := range len(b) {
		c := b[i]
		if c >= 'A' && c <= 'Z' {
			c |= 0x20
		}
		if c != lower[i] {
			return false
		}
	}
	return true
}
