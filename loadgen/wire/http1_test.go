package wire

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// outcome feeds pieces to a reader as an engine would and writes down what it says:
// one letter per reply (k ok, K ok+close, s/S bad status, M malformed), "." for an
// incomplete reply at the end, and what the peer's close makes of it after "|".
func outcome(r Reader, pieces ...[]byte) string {
	var b strings.Builder
	for _, p := range pieces {
		for len(p) > 0 {
			used, res := r.Next(p)
			if used < 1 || used > len(p) || res.State == Partial && used != len(p) {
				return fmt.Sprintf("used %d of %d in state %d", used, len(p), res.State)
			}
			p = p[used:]
			if res.State != Partial {
				b.WriteByte(letter(res))
			}
			if res.Close {
				return b.String()
			}
		}
	}
	b.WriteByte('|')
	b.WriteByte(letter(r.End()))
	return b.String()
}

func letter(r Result) byte {
	c := ".ksMX"[r.State]
	if r.Close && c >= 'a' {
		c -= 'a' - 'A'
	}
	return c
}

func httpReaders(method string) func() Reader {
	u, _ := url.Parse("http://127.0.0.1:8080/plaintext")
	p, err := HTTP(HTTPRequest{Method: method, URL: u})
	if err != nil {
		panic(err)
	}
	return func() Reader { return p.Readers(1)[0] }
}

// checkCuts puts stream through every single cut, byte by byte, and once more
// through a reader that has already seen it (so that its memory of heads is used).
func checkCuts(t *testing.T, fresh func() Reader, stream []byte, want string) {
	t.Helper()
	if got := outcome(fresh(), stream); got != want {
		t.Fatalf("%q: got %q, want %q", stream, got, want)
	}
	for i := 1; i < len(stream); i++ {
		if got := outcome(fresh(), stream[:i], stream[i:]); got != want {
			t.Fatalf("%q cut at %d: got %q, want %q", stream, i, got, want)
		}
	}
	r := fresh()
	for i := range 3 {
		r.Reset()
		if got := outcome(r, stream); got != want {
			t.Fatalf("%q, round %d with the same reader: got %q, want %q", stream, i, got, want)
		}
	}
	r.Reset()
	var single [][]byte
	for i := range stream {
		single = append(single, stream[i:i+1])
	}
	if got := outcome(r, single...); got != want {
		t.Fatalf("%q byte by byte: got %q, want %q", stream, got, want)
	}
}

func TestHTTPReplies(t *testing.T) {
	const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
	tests := []struct{ name, stream, want string }{
		{"one", ok, "k|."},
		{"three", ok + ok + ok, "kkk|."},
		{"no reason", "HTTP/1.1 200\r\ncontent-length:0\r\n\r\n", "k|."},
		{"not found", "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n" + ok, "sk|."},
		{"redirect", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", "k|."},
		{"error and close", "HTTP/1.1 500 No\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", "S"},
		{"close", "HTTP/1.1 200 OK\r\nConnection: foo, Close\r\nContent-Length: 2\r\n\r\nhi", "K"},
		{"close stays", "HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n", "K"},
		{"1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "K"},
		{"1.0 keep-alive", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nhi", "k|."},
		{"until close", "HTTP/1.1 200 OK\r\n\r\nwhatever", "|K"},
		{"until close, no body", "HTTP/1.0 200 OK\r\n\r\n", "|K"},
		{"until close, bad status", "HTTP/1.1 503 Busy\r\n\r\nx", "|S"},
		{"cut body", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", "|."},
		{"cut head", "HTTP/1.1 200 OK\r\nContent-Le", "|."},
		{"nothing", "", "|."},
		{"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n" + ok, "kk|."},
		{"chunked, trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\nA: b\r\n\r\n" + ok, "kk|."},
		{"cut chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhi", "|."},
		{"encoded, not chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nxx", "|K"},
		{"no content", "HTTP/1.1 204 No Content\r\n\r\n" + ok, "kk|."},
		{"not modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n" + ok, "kk|."},
		{"interim", "HTTP/1.1 100 Continue\r\n\r\n" + ok + "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok, "kk|."},
		{"only interim", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", "|."},
		{"upgrade nobody asked for", "HTTP/1.1 101 Switching\r\n\r\n", "M"},
		{"same length twice", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi", "k|."},
		{"differing lengths", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nhi", "M"},
		{"length and chunked", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", "M"},
		{"both, in an interim reply", "HTTP/1.1 103 Early\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n" + ok, "M"},
		{"chunked in 1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "M"},
		{"length in an interim reply", "HTTP/1.1 103 Early\r\nContent-Length: 99\r\n\r\n" + ok, "k|."},
		{"chunked, then sized, then 204", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n" + ok + "HTTP/1.1 204 No\r\n\r\n" + ok, "kkkk|."},
		{"status 1000", "HTTP/1.1 1000 High\r\n\r\n", "M"},
		{"status 999", "HTTP/1.1 999 What\r\nContent-Length: 0\r\n\r\n", "s|."},
		{"chunk size of two lines", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n2\r\nhi\r\n", "M"},
		{"chunk end is missing", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi2\r\nho\r\n", "M"},
		{"bad trailer", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno colon\r\n\r\n", "M"},
		{"negative length", "HTTP/1.1 200 OK\r\nContent-Length: -2\r\n\r\n", "M"},
		{"empty length", "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "M"},
		{"huge length", "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", "M"},
		{"huge chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n", "M"},
		{"chunk without size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n;x\r\n", "M"},
		{"chunk longer than said", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhiho\r\n", "M"},
		{"bare line feed", "HTTP/1.1 200 OK\nContent-Length: 0\n\n", "M"},
		{"folded", "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", "M"},
		{"blank in name", "HTTP/1.1 200 OK\r\nContent-Length : 2\r\n\r\nhi", "M"},
		{"no colon", "HTTP/1.1 200 OK\r\nhello\r\n\r\n", "M"},
		{"carriage return in value", "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", "M"},
		{"version 2", "HTTP/2.0 200 OK\r\n\r\n", "M"},
		{"version 1.9", "HTTP/1.9 200 OK\r\n\r\n", "M"},
		{"short status", "HTTP/1.1 20\r\n\r\n", "M"},
		{"status 099", "HTTP/1.1 099 Hm\r\n\r\n", "M"},
		{"garbage", "SSH-2.0-OpenSSH_9.6\r\n", "M"},
		{"garbage without an end", "\x16\x03\x01", "M"},
		{"garbage after a reply", ok + "x", "kM"},
		{"empty line first", "\r\n" + ok, "M"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { checkCuts(t, httpReaders("GET"), []byte(tt.stream), tt.want) })
	}
}

func TestHTTPHead(t *testing.T) {
	checkCuts(t, httpReaders("HEAD"), []byte("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"), "kk|.")
}

func TestHTTPBoundedHead(t *testing.T) {
	endless := []byte("HTTP/1.1 200 OK\r\nA: " + strings.Repeat("x", maxHead))
	many := []byte("HTTP/1.1 200 OK\r\n" + strings.Repeat("A: b\r\n", maxHead/6+1))
	for _, stream := range [][]byte{endless, many} {
		if got := outcome(httpReaders("GET")(), stream); got != "M" {
			t.Errorf("a head of %d bytes: got %q, want M", len(stream), got)
		}
		half := len(stream) / 2
		if got := outcome(httpReaders("GET")(), stream[:half], stream[half:]); got != "M" {
			t.Errorf("a head of %d bytes in two: got %q, want M", len(stream), got)
		}
	}
}

// A memory of heads must not outlive what it was a memory of: the date changes.
func TestHTTPChangingHead(t *testing.T) {
	r := httpReaders("GET")()
	for i := range 20 {
		body := strings.Repeat("x", i%7)
		reply := fmt.Sprintf("HTTP/1.1 200 OK\r\nDate: %02d\r\nContent-Length: %d\r\n\r\n%s", i/3, len(body), body)
		if used, res := r.Next([]byte(reply)); used != len(reply) || res != (Result{State: OK}) {
			t.Fatalf("reply %d: used %d of %d, %+v", i, used, len(reply), res)
		}
	}
}

func TestNoAllocationPerReply(t *testing.T) {
	reply := []byte("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi")
	chunked := []byte("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
	r := httpReaders("GET")()
	if n := testing.AllocsPerRun(1000, func() {
		r.Next(reply)
		r.Next(chunked)
		r.Next(reply[:7])
		r.Next(reply[7:])
	}); n != 0 {
		t.Errorf("%v allocations per reply", n)
	}
}

func BenchmarkHTTPReply(b *testing.B) {
	reply := []byte("HTTP/1.1 200 OK\r\nServer: x\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, World!")
	r := httpReaders("GET")()
	for b.Loop() {
		r.Next(reply)
	}
}
