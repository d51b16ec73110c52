package servertest

import (
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// slowReader asks for far more than the socket buffers hold and reads it late: it
// must be whole, and others must be served meanwhile.
func slowReader(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--procs=1")
	const size = 48 << 20
	slow := Dial(t, s.HTTP)
	send(t, slow, "GET /task?bytes=50331648 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	quick := Dial(t, s.HTTP)
	send(t, quick, "GET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	if got := receiveAll(t, quick); !strings.HasSuffix(got, "Hello, World!") {
		t.Errorf("received %q", got)
	}
	_, body, _ := strings.Cut(receiveAll(t, slow), "\r\n\r\n")
	if len(body) != size || strings.Trim(body, "x") != "" {
		t.Errorf("received %d bytes of %d", len(body), size)
	}
}

// timeouts checks what a client hears when it is too slow, not when.
func timeouts(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--header-timeout=1s", "--request-timeout=2s", "--idle-timeout=2s")
	say := func(addr, what string) *net.TCPConn { // at once: a pause here may be too long already
		c := Dial(t, addr)
		send(t, c, what)
		return c
	}
	silent, between := Dial(t, s.HTTP), say(s.HTTP, get("/plaintext"))
	body := say(s.HTTP, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
	echoing, waiting := say(s.Echo, "x"), say(s.HTTP, get("/task?wait=3s&bytes=3"))
	drips := map[string]*net.TCPConn{
		"GET / HTTP/1.1\r\nA: ": Dial(t, s.HTTP),
		"POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n":               Dial(t, s.HTTP),
		"POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1000\r\n": Dial(t, s.HTTP),
	}
	for begin, c := range drips { // a byte at a time: the time is not renewed by it
		go func() {
			for _, err := io.WriteString(c, begin); err == nil; _, err = io.WriteString(c, "a") {
				time.Sleep(20 * time.Millisecond)
			}
		}()
	}
	if got := receiveAll(t, silent); got != "" {
		t.Errorf("silence was answered with %q", got)
	}
	for begin, c := range drips {
		if got, _ := io.ReadAll(c); !strings.HasPrefix(string(got), "HTTP/1.1 408 ") {
			t.Errorf("%q and a drip was answered with %q", begin, got)
		}
	}
	if got := receiveAll(t, between); strings.Count(got, "HTTP/1.1 ") != 1 {
		t.Errorf("one request and silence were answered with %q", got)
	}
	if got := receiveAll(t, body); !strings.HasPrefix(got, "HTTP/1.1 408 ") {
		t.Errorf("half a body was answered with %q", got)
	}
	if got := receiveAll(t, echoing); got != "x" {
		t.Errorf("the echo said %q", got)
	}
	if got := receiveAll(t, waiting); !strings.HasSuffix(got, "\r\n\r\nxxx") {
		t.Errorf("a wait that is longer than the idle time was answered with %q", got)
	}
}

// betweenArrivals has the parts of a request come further apart than requests may
// be: the idle time is not theirs.
func betweenArrivals(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--idle-timeout=1s", "--header-timeout=30s")
	head := Dial(t, s.HTTP)
	send(t, head, "GET /plaintext HTTP/1.1\r\n")
	body := Dial(t, s.HTTP)
	send(t, body, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhe")
	for range 2 { // until a connection is closed that was idle for so long
		receiveAll(t, Dial(t, s.HTTP))
	}
	send(t, head, "Host: x\r\nConnection: close\r\n\r\n")
	send(t, body, "llo")
	if got := receiveAll(t, head); !strings.HasSuffix(got, "Hello, World!") {
		t.Errorf("a head in two parts was answered with %q", got)
	}
	if got := receiveAll(t, body); !strings.HasSuffix(got, "hello") {
		t.Errorf("a body in two parts was answered with %q", got)
	}
}

// refusedStays has a client keep its end open after the server has refused it:
// that must not cost the server the connection's place for good, even where the
// idle time ends while the server lingers.
func refusedStays(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--procs=1", "--max-conns=1", "--idle-timeout=900ms")
	refused := Dial(t, s.HTTP)
	send(t, refused, "garbage\r\n")
	if got := receiveAll(t, refused); !strings.HasPrefix(got, "HTTP/1.1 400 ") {
		t.Fatalf("received %q", got)
	}
	awaitPlace(t, s)
}

// awaitPlace returns once the server has taken a connection in.
func awaitPlace(t *testing.T, s *Server) {
	t.Helper()
	for deadline := time.Now().Add(limit); ; time.Sleep(10 * time.Millisecond) {
		c := Dial(t, s.HTTP)
		c.Write([]byte(get("/plaintext")))
		n, _ := c.Read(make([]byte, 1))
		c.Close()
		if n == 1 {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("the place was not given back")
		}
	}
}
