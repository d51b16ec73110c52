package app

// verbs are a set of methods.
type verbs uint8

const (
	get verbs = 1 << iota // and HEAD
	post
	options // which every route takes
	other   // which none does
)

// verbOf is what a method is here, and whether it is a method at all. Those of
// RFC 9110 and PATCH (RFC 5789) are known: where they do not go, the reply is 405
// with what does. A name that is none of them means nothing for any route, which
// is 501 (RFC 9110, section 9.1).
func verbOf(method string) (verb verbs, known bool) {
	switch method {
	case "GET":
		return get, true
	case "POST":
		return post, true
	case "OPTIONS":
		return options, true
	case "PUT", "DELETE", "PATCH", "TRACE":
		return other, true
	}
	return other, false
}

// allow is the Allow header of a route, or of the server as a whole, which has no
// verbs of its own.
func (v verbs) allow() string {
	switch v {
	case get:
		return "GET, HEAD, OPTIONS"
	case post:
		return "POST, OPTIONS"
	}
	return "GET, HEAD, POST, OPTIONS"
}

// String is what the index says of a route.
func (v verbs) String() string {
	switch v {
	case get:
		return "GET"
	case post:
		return "POST"
	}
	return "GET, POST"
}
