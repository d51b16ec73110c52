package protocol

import (
	"bytes"
	"net/netip"
	"unsafe"
)

// resource reduces a request target to what the application goes by: a path, with
// its query if there is one, or "*" for the server as a whole.
//
// The four forms of a target (RFC 9112, section 3.2):
//
//	origin     /path?query          every method but CONNECT
//	absolute   http://host/path     the same; its host counts and not Host's, and
//	                                as all hosts are one here it is only checked
//	asterisk   *                    OPTIONS alone
//	authority  host:port            CONNECT alone
func resource(method string, target []byte) ([]byte, *problem) {
	const scheme = "http://"
	switch {
	case method == "CONNECT":
		if port, ok := authority(target); !ok || len(port) == 0 {
			return nil, badTarget
		}
		return nil, noTunnel
	case string(target) == "*" && method == "OPTIONS":
		return target, nil
	case len(target) > len(scheme) && equalFold(target[:len(scheme)], scheme):
		return absolute(method, target[len(scheme):])
	case target[0] != '/':
		return nil, badTarget
	}
	return normalised(target)
}

// absolute is the resource of a target in absolute form, less its scheme.
func absolute(method string, rest []byte) ([]byte, *problem) {
	end := bytes.IndexAny(rest, "/?")
	if end < 0 {
		end = len(rest)
	}
	switch _, ok := authority(rest[:end]); {
	case !ok:
		return nil, badTarget
	case end == len(rest) && method == "OPTIONS": // what a proxy would turn into an asterisk (RFC 9112, section 3.2.4)
		return []byte{'*'}, nil
	case end == len(rest) || rest[end] == '?':
		return normalised(append([]byte{'/'}, rest[end:]...))
	}
	return normalised(rest[end:])
}

// normalised decodes what needs no encoding in a path: the same path
// may come with and without (RFC 9110, section 4.2.3). All else stays encoded, as
// a decoded slash would be another path. Each % must begin an encoded byte,
// also in the query, which is the application's to decode.
func normalised(target []byte) ([]byte, *problem) {
	if bytes.IndexByte(target, '%') < 0 {
		return target, nil
	}
	if !encoded(target) {
		return nil, badTarget
	}
	path := target
	if query := bytes.IndexByte(target, '?'); query >= 0 {
		path = target[:query]
	}
	short := make([]byte, 0, len(target))
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' {
			if d := unhex(path[i+1])<<4 | unhex(path[i+2]); classOf[d]&isUnreserved != 0 {
				c, i = d, i+2
			}
		}
		short = append(short, c)
	}
	return append(short, target[len(path):]...), nil
}

// encoded reports whether two hexadecimal digits follow each % in b.
func encoded(b []byte) bool {
	for i, c := range b {
		if c == '%' && (len(b)-i < 3 || !all(b[i+1:i+3], isHex)) {
			return false
		}
	}
	return true
}

// unhex is the value of a hexadecimal digit.
func unhex(c byte) byte {
	if c <= '9' {
		return c - '0'
	}
	return c | 0x20 - 'a' + 10
}

// authority checks a host with an optional port (RFC 3986, section 3.2), as it
// stands in Host and in some targets, and returns the port, which may be empty. It
// refuses user names, which have no place in either (RFC 9110, section 4.2.4), and
// an empty host (RFC 9112, section 3.3).
func authority(b []byte) (port []byte, ok bool) {
	host := b
	if colon := bytes.LastIndexByte(b, ':'); colon >= 0 && b[len(b)-1] != ']' {
		host, port = b[:colon], b[colon+1:]
	}
	if len(port) > 0 {
		n := 0
		for _, c := range port {
			n = n*10 + int(c-'0')
		}
		if len(port) > 5 || !all(port, isDigitClass) || n == 0 || n > 65535 {
			return nil, false
		}
	}
	switch {
	case len(host) == 0:
		return nil, false
	case host[0] == '[':
		return port, host[len(host)-1] == ']' && isIPv6(host[1:len(host)-1])
	}
	return port, all(host, isRegName) && encoded(host)
}

func isIPv6(b []byte) bool {
	// The string is a view of b: neither an address without a zone nor an error
	// that is dropped outlives the call.
	addr, err := netip.ParseAddr(unsafe.String(unsafe.SliceData(b), len(b)))
	return err == nil && addr.Is6() && addr.Zone() == ""
}
