package protocol

import (
	"strings"
	"testing"
)

// Whatever a client sends without end is cut off, and never is more of it held
// than Rules.Unused allows: neither by the driver nor, but for a body, by the
// session.
func TestEndless(t *testing.T) {
	chunked := post("", "Transfer-Encoding: chunked")
	for _, c := range []struct{ begin, again, status string }{
		{"", "\r\n", "414"},
		{"", "A", "414"},
		{"GET /", "a", "414"},
		{"GET /?", "%41", "414"},
		{"GET / HTTP/1.1\r\n", "a", "431"},
		{"GET / HTTP/1.1\r\nA:", " ", "431"},
		{"GET / HTTP/1.1\r\n", "A:\r\n", "431"},
		{chunked, "0", "431"},
		{chunked + "0;", "a", "431"},
		{chunked + "0;a=\"", "a", "431"},
		{chunked, "1;a\r\nb\r\n", "431"},
		{chunked, "1\r\nb\r\n", "413"},
		{chunked + "0\r\n", "a", "431"},
		{chunked + "0\r\n", "A:\r\n", "431"},
		{post("", "Content-Length: 1024"), "a", "200"}, // and its next request is endless
	} {
		rules := testRules()
		h := NewHTTP(rules)
		var out, held []byte
		sent := 0
		for next := (Next{}); next.Do != Close; sent++ {
			if sent < len(c.begin) {
				held = append(held, c.begin[sent])
			} else {
				held = append(held, c.again[(sent-len(c.begin))%len(c.again)])
			}
			var used int
			used, out, next = h.Step(held, out)
			held = held[used:]
			if len(held) > rules.Unused() {
				t.Fatalf("%q: %d bytes are left unused, over %d", c.begin, len(held), rules.Unused())
			}
			if h.body != nil && h.body.chunk != nil && len(h.body.chunk.body) > rules.MaxBody {
				t.Fatalf("%q: a body of %d bytes", c.begin, len(h.body.chunk.body))
			}
			if sent > 10*(rules.MaxHead+rules.MaxBody) {
				t.Fatalf("%q and %q without end: %d bytes are not enough", c.begin, c.again, sent)
			}
		}
		if got := statuses(out); !strings.HasPrefix(got, c.status) {
			t.Errorf("%q and %q without end: %s, want %s", c.begin, c.again, got, c.status)
		}
	}
}
