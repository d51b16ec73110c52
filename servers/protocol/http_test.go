package protocol

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func testRules() *Rules {
	r := &Rules{MaxHead: 512, MaxBody: 1024, HeadTimeout: 5 * time.Second, IdleTimeout: time.Minute}
	r.SetDate(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC))
	return r
}

// talk is a driver without a socket: it offers input in pieces that end at the
// given offsets, carries out every Next at once, and returns all that was said.
func talk(t *testing.T, s Session, input []byte, cuts ...int) (out []byte, closed bool, waits []time.Duration) {
	t.Helper()
	var held []byte
	from := 0
	_, out, _ = s.Step(nil, nil)
	for _, to := range append(cuts, len(input)) {
		held = append(held, input[from:to]...)
		from = to
		for again := true; again; {
			before := len(out)
			used, grown, next := s.Step(held, out)
			if used < 0 || used > len(held) {
				t.Fatalf("used %d of %d", used, len(held))
			}
			if len(grown) < before {
				t.Fatalf("output shrank from %d to %d", before, len(grown))
			}
			if len(grown)-before > flushAt+testRules().MaxBody+512 {
				t.Fatalf("one step said %d bytes", len(grown)-before)
			}
			held, out = held[used:], grown
			switch next.Do {
			case Close:
				return out, true, waits
			case Pause:
				if next.For > 0 {
					waits = append(waits, next.For)
				}
			case Read:
				again = false
			}
		}
	}
	return out, false, waits
}

func get(target string, headers ...string) string {
	return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n"
}

func post(body string, headers ...string) string {
	return "POST /echo HTTP/1.1\r\nHost: x\r\n" + strings.Join(append(headers, ""), "\r\n") + "\r\n" + body
}

// cases are whole conversations: what goes in, the statuses that come out in
// order, whether the server closes, and a text that the last reply holds.
var cases = []struct {
	name, in string
	statuses string
	closed   bool
	has      string
}{
	{"plaintext", get("/plaintext"), "200", false, "\r\n\r\nHello, World!"},
	{"json", get("/json"), "200", false, `{"message":"Hello, World!"}`},
	{"index", get("/"), "200", false, "/task"},
	{"date", get("/plaintext"), "200", false, "Date: Fri, 02 Jan 2026 03:04:05 GMT\r\n"},
	{"pipelined", get("/plaintext") + get("/json") + get("/nowhere") + get("/plaintext"), "200 200 404 200", false, "Hello"},
	{"pipelined behind a wait", get("/task?wait=10ms&bytes=3") + get("/plaintext"), "200 200", false, "Hello"},
	{"long fill", get("/task?bytes=70000") + get("/plaintext"), "200 200", false, "Hello"},
	{"query", get("/plaintext?a=b"), "200", false, "Hello"},
	{"absolute form", get("http://x:80/plaintext"), "200", false, "Hello"},
	{"absolute form without path", get("http://x"), "200", false, "/plaintext"},
	{"absolute form with query only", get("http://x?a"), "200", false, "/plaintext"},
	{"empty lines first", "\r\n\r\n" + get("/plaintext"), "200", false, "Hello"},
	{"head", "HEAD /plaintext HTTP/1.1\r\nHost: x\r\n\r\n", "200", false, "Content-Length: 13\r\n\r\n"},
	{"head of a fill", "HEAD /task?bytes=9 HTTP/1.1\r\nHost: x\r\n\r\n", "200", false, "Content-Length: 9\r\n\r\n"},
	{"close", get("/plaintext", "Connection: close") + get("/json"), "200", true, "Connection: close\r\n"},
	{"close among others", get("/plaintext", "Connection: foo, Close"), "200", true, "Connection: close\r\n"},
	{"1.0", "GET /plaintext HTTP/1.0\r\n\r\n", "200", true, "Connection: close\r\n"},
	{"1.0 keep-alive", "GET /plaintext HTTP/1.0\r\nconnection: keep-alive\r\n\r\n", "200", false, "Connection: keep-alive\r\n"},
	{"fixed body", post("hello", "Content-Length: 5"), "200", false, "\r\n\r\nhello"},
	{"empty body", post("", "Content-Length: 0"), "200", false, "Content-Length: 0\r\n\r\n"},
	{"body to a route that wants none", "GET /plaintext HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc" + get("/json"), "200 200", false, "message"},
	{"chunked", post("5\r\nhello\r\n6;a=b\r\n world\r\n0\r\nX: y\r\n\r\n", "Transfer-Encoding: chunked") + get("/json"), "200 200", false, "message"},
	{"chunked, upper case", post("A\r\n0123456789\r\n0\r\n\r\n", "Transfer-Encoding: Chunked"), "200", false, "\r\n\r\n0123456789"},
	{"unknown route", get("/nowhere") + get("/json"), "404 200", false, "message"},
	{"wrong method", "DELETE /json HTTP/1.1\r\nHost: x\r\n\r\n", "405", false, "Allow: GET, HEAD\r\n"},
	{"bad parameter", get("/task?spin=x"), "400", false, "bad spin=x"},

	{"expect with the body on its way", post("hello", "Content-Length: 5", "Expect: 100-continue"), "200", false, "hello"},
	{"unknown expectation", get("/", "Expect: 200-ok"), "417", true, ""},
	{"two lengths", post("hello", "Content-Length: 5", "Content-Length: 5"), "400", true, ""},
	{"signed length", post("hello", "Content-Length: +5"), "400", true, ""},
	{"list of lengths", post("hello", "Content-Length: 5, 5"), "400", true, ""},
	{"overlong length", post("hello", "Content-Length: 9999999999999999999"), "400", true, ""},
	{"length and chunked", post("0\r\n\r\n", "Content-Length: 5", "Transfer-Encoding: chunked"), "400", true, ""},
	{"chunked and length", post("0\r\n\r\n", "Transfer-Encoding: chunked", "Content-Length: 5"), "400", true, ""},
	{"another coding", post("", "Transfer-Encoding: gzip, chunked"), "400", true, ""},
	{"identity", post("", "Transfer-Encoding: identity"), "400", true, ""},
	{"chunked twice", post("", "Transfer-Encoding: chunked", "Transfer-Encoding: chunked"), "400", true, ""},
	{"chunked in 1.0", "POST /echo HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400", true, ""},
	{"chunk size is junk", post("5x\r\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), "400", true, ""},
	{"chunk size is empty", post("\r\nhello", "Transfer-Encoding: chunked"), "400", true, ""},
	{"chunk size is signed", post("+5\r\nhello", "Transfer-Encoding: chunked"), "400", true, ""},
	{"chunk size overflows", post("fffffffffffffffff\r\n", "Transfer-Encoding: chunked"), "400", true, ""},
	{"chunk is longer than said", post("5\r\nhellooo\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), "400", true, ""},
	{"chunk line ends badly", post("5\nhello\r\n0\r\n\r\n", "Transfer-Encoding: chunked"), "400", true, ""},
	{"endless extension", post("5;"+strings.Repeat("a", 600), "Transfer-Encoding: chunked"), "431", true, ""},
	{"endless trailers", post("0\r\n"+strings.Repeat("A: b\r\n", 200), "Transfer-Encoding: chunked"), "431", true, ""},
	{"bad trailer", post("0\r\nA b\r\n\r\n", "Transfer-Encoding: chunked"), "400", true, ""},
	{"body over the limit", post("", "Content-Length: 1025"), "413", true, ""},
	{"chunks over the limit", post("400\r\n"+strings.Repeat("a", 1024)+"\r\n1\r\n", "Transfer-Encoding: chunked"), "413", true, ""},
	{"head over the limit", get("/", "A: "+strings.Repeat("a", 600)), "431", true, ""},
	{"endless head", "GET / HTTP/1.1\r\nA: " + strings.Repeat("a", 600), "431", true, ""},
	{"endless target", "GET /" + strings.Repeat("a", 600), "414", true, ""},
	{"bare line feed", "GET / HTTP/1.1\nHost: x\r\n\r\n", "400", true, ""},
	{"bare line feed in a field", "GET / HTTP/1.1\r\nHost: x\n\r\n", "400", true, ""},
	{"bare carriage return", get("/", "A: b\rC: d"), "400", true, ""},
	{"nul", get("/", "A: b\x00"), "400", true, ""},
	{"folded line", get("/", "A: b", " c"), "400", true, ""},
	{"space before colon", get("/", "A : b"), "400", true, ""},
	{"space in a name", get("/", "A b: c"), "400", true, ""},
	{"no colon", get("/", "Abc"), "400", true, ""},
	{"no name", get("/", ": c"), "400", true, ""},
	{"no host", "GET / HTTP/1.1\r\n\r\n", "400", true, ""},
	{"two hosts", get("/", "Host: y"), "400", true, ""},
	{"bad host", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400", true, ""},
	{"version", "GET / HTTP/2.0\r\nHost: x\r\n\r\n", "505", true, ""},
	{"version is junk", "GET / HTTP/1.1x\r\nHost: x\r\n\r\n", "400", true, ""},
	{"lower-case version", "GET / http/1.1\r\nHost: x\r\n\r\n", "400", true, ""},
	{"no version", "GET /\r\nHost: x\r\n\r\n", "400", true, ""},
	{"no target", "GET  HTTP/1.1\r\nHost: x\r\n\r\n", "400", true, ""},
	{"relative target", get("plaintext"), "400", true, ""},
	{"bad method", "G(T / HTTP/1.1\r\nHost: x\r\n\r\n", "400", true, ""},
	{"garbage", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", "400", true, ""},
	{"good, then garbage", get("/plaintext") + "garbage\r\n\r\n", "200 400", true, ""},
}

func statuses(out []byte) string {
	var all []string
	for rest := string(out); ; {
		_, after, ok := strings.Cut(rest, "HTTP/1.1 ")
		if !ok || len(after) < 3 {
			return strings.Join(all, " ")
		}
		if '1' <= after[0] && after[0] <= '5' { // else it stands in a message
			all = append(all, after[:3])
		}
		rest = after
	}
}

func TestConversations(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, closed, _ := talk(t, NewHTTP(testRules()), []byte(c.in))
			if got := statuses(out); got != c.statuses || closed != c.closed || !bytes.Contains(out, []byte(c.has)) {
				t.Errorf("statuses %s (want %s), closed %v (want %v), said %q", got, c.statuses, closed, c.closed, clip(out))
			}
		})
	}
}

func clip(b []byte) string {
	if len(b) > 600 {
		return fmt.Sprintf("%q... (%d bytes)", b[:600], len(b))
	}
	return fmt.Sprintf("%q", b)
}

// However the bytes are cut, the same is said. An interim 100 is the one thing
// that depends on timing by its nature: whether the body was there already.
func TestCutAtEveryByte(t *testing.T) {
	const interim = "HTTP/1.1 100 Continue\r\n\r\n"
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in := []byte(c.in)
			want, wantClosed, wantWaits := talk(t, NewHTTP(testRules()), in)
			try := func(cuts ...int) {
				out, closed, waits := talk(t, NewHTTP(testRules()), in, cuts...)
				out = bytes.ReplaceAll(out, []byte(interim), nil)
				if !bytes.Equal(out, want) || closed != wantClosed || fmt.Sprint(waits) != fmt.Sprint(wantWaits) {
					t.Fatalf("cut at %v: closed %v, said %s, want %s", cuts, closed, clip(out), clip(want))
				}
			}
			var every []int
			for i := 1; i < len(in); i++ {
				try(i)
				every = append(every, i)
			}
			try(every...)
		})
	}
}

func TestExpectContinue(t *testing.T) {
	head := post("", "Content-Length: 5", "Expect: 100-continue")
	out, _, _ := talk(t, NewHTTP(testRules()), []byte(head+"hello"), len(head))
	if got := statuses(out); got != "100 200" {
		t.Errorf("statuses %s, want an interim 100 first", got)
	}
	out, _, _ = talk(t, NewHTTP(testRules()), []byte(post("", "Content-Length: 2000", "Expect: 100-continue")))
	if got := statuses(out); got != "413" {
		t.Errorf("statuses %s, want 413 and no invitation to send", got)
	}
}

func TestTimes(t *testing.T) {
	rules := testRules()
	s := NewHTTP(rules)
	step := func(in string, want Next) int {
		t.Helper()
		used, _, next := s.Step([]byte(in), nil)
		if next != want {
			t.Errorf("after %q: %+v, want %+v", in, next, want)
		}
		return used
	}
	step("", Next{Read, rules.IdleTimeout})
	if !s.Idle() || len(s.Expired(nil)) != 0 {
		t.Error("a silent connection must be idle and end without a word")
	}
	step("G", Next{Read, rules.HeadTimeout})
	step("GET", Next{Read, 0}) // a drip does not start the clock anew
	if s.Idle() {
		t.Error("idle within a request")
	}
	if out := s.Expired(nil); statuses(out) != "408" {
		t.Errorf("said %q, want 408", out)
	}

	s = NewHTTP(rules)
	step(get("/task?wait=25ms"), Next{Pause, 25 * time.Millisecond})
	if s.Idle() {
		t.Error("idle while a reply is owed")
	}
	step("", Next{Read, rules.IdleTimeout})
	step(post("", "Content-Length: 5"), Next{Read, rules.IdleTimeout})
}

func TestDrain(t *testing.T) {
	rules := testRules()
	s := NewHTTP(rules)
	rules.Drain()
	out, closed, _ := talk(t, s, []byte(get("/plaintext")+get("/plaintext")))
	if statuses(out) != "200" || !closed || !bytes.Contains(out, []byte("Connection: close")) {
		t.Errorf("closed %v, said %q", closed, out)
	}
}

func TestEcho(t *testing.T) {
	in := []byte("any \x00 bytes")
	for i := range in {
		if out, _, _ := talk(t, NewEcho(testRules()), in, i); !bytes.Equal(out, in) {
			t.Errorf("said %q", out)
		}
	}
}

func TestValidate(t *testing.T) {
	if err := testRules().Validate(); err != nil {
		t.Error(err)
	}
	for name, spoil := range map[string]func(*Rules){
		"max-header":     func(r *Rules) { r.MaxHead = 63 },
		"max-body":       func(r *Rules) { r.MaxBody = -1 },
		"header-timeout": func(r *Rules) { r.HeadTimeout = 0 },
		"idle-timeout":   func(r *Rules) { r.IdleTimeout = -1 },
	} {
		r := testRules()
		spoil(r)
		if err := r.Validate(); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
