package protocol

import (
	"bytes"
	"strings"
	"testing"
)

// The reply to HEAD is the head of the reply to GET, on every route and for
// every refusal.
func TestHEAD(t *testing.T) {
	for _, request := range []string{
		get("/"), get("/plaintext"), get("/json"), get("/task"), get("/task?bytes=7"), get("/task?bytes=100000"),
		get("/task?wait=1ms&bytes=1"), get("/task?spin=1&bytes=1"), get("/task?spin=x"), get("/echo"), get("/nowhere"),
		get("/count"), get("/plaintext", "Connection: close"), get("/a#b"), get("/a b"), get("/", "Host: y"), get("/", "A : b"),
		get("/", "Content-Length: 2000"), get("/", "Expect: x"), get("/" + strings.Repeat("a", 600)), "GET / HTTP/3.0\r\n\r\n",
	} {
		whole, wantClosed, _ := talk(t, NewHTTP(testRules()), []byte(request))
		want, body, _ := bytes.Cut(whole, []byte("\r\n\r\n"))
		got, closed, _ := talk(t, NewHTTP(testRules()), []byte(strings.Replace(request, "GET", "HEAD", 1)))
		if got := string(got); got != string(want)+"\r\n\r\n" || closed != wantClosed {
			t.Errorf("%q: GET says %q and a body of %d bytes, HEAD %q", request, want, len(body), got)
		}
	}
	h := NewHTTP(testRules())
	h.Step([]byte("\r\nHEAD / HTTP/1.1\r\n"), nil)
	if out := h.Expired(nil); statuses(out) != "408" || !bytes.HasSuffix(out, []byte("\r\n\r\n")) {
		t.Errorf("a HEAD that does not arrive in time: %q", out)
	}
}
