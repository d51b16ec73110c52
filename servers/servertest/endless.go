package servertest

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"time"
)

// endless sends what never ends. Each is cut off at its limit, with a word, and costs
// no more than a little over that.
func endless(t *testing.T, start start) {
	t.Parallel()
	s := start(t)
	const post = "POST /echo HTTP/1.1\r\nHost: x\r\n"
	warmUp(t, s)
	held := memory(t, s)
	for _, c := range []struct{ name, begin, again, status string }{
		{"a request target", "GET /", "aaaaaaaaaaaaaaaa", "414"},
		{"a header line", "GET / HTTP/1.1\r\nHost: x\r\nA: ", "aaaaaaaaaaaaaaaa", "431"},
		{"header lines", "GET / HTTP/1.1\r\nHost: x\r\n", "A: aaaaaaaaaaa\r\n", "431"},
		{"empty lines", "", "\r\n", "414"},
		{"a chunk size", post + "Transfer-Encoding: chunked\r\n\r\n", "0000000000000000", "431"},
		{"a chunk extension", post + "Transfer-Encoding: chunked\r\n\r\n1", ";aaaaaaaaaaaaaaa", "431"},
		{"chunk extensions", post + "Transfer-Encoding: chunked\r\n\r\n", "1;aaaaaaaaa\r\nx\r\n", "431"},
		{"trailers", post + "Transfer-Encoding: chunked\r\n\r\n0\r\n", "A: aaaaaaaaaaa\r\n", "431"},
		{"chunks", post + "Transfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n", "413"},
	} {
		watched := watchMemory(t, s)
		conn := Dial(t, s.HTTP)
		const most = 64 << 20
		filler := []byte(strings.Repeat(c.again, 32<<10/len(c.again)))
		sent, err := io.WriteString(conn, c.begin)
		for err == nil && sent < most {
			n := 0
			n, err = conn.Write(filler)
			sent += n
		}
		reply, _ := io.ReadAll(conn) // it may end in a reset, as we were still sending
		conn.Close()
		peak := watched.peak()
		switch {
		case sent >= most:
			t.Errorf("%s: %d bytes were taken and no end", c.name, sent)
		case len(reply) > 0 && !bytes.HasPrefix(reply, []byte("HTTP/1.1 "+c.status)):
			t.Errorf("%s: received %q, want %s", c.name, clip(reply), c.status)
		case peak-held > 16<<20 && !raceEnabled:
			t.Errorf("%s: cost %s", c.name, mib(peak-held))
		}
	}
}

// trickle sends the end of a body byte by byte. That a megabyte of it is there
// already must not make each byte dearer: what waits is not to be looked at over and
// over.
func trickle(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--request-timeout=10m")
	const bytesOneByOne = 2000
	cost := func(size int) time.Duration {
		conn := Dial(t, s.HTTP)
		conn.SetDeadline(time.Now().Add(4 * limit)) // it is thousands of exchanges
		before := cpu(t, s)
		send(t, conn, "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n"+strings.Repeat("x", size))
		for range bytesOneByOne {
			send(t, conn, "x")
			time.Sleep(50 * time.Microsecond) // so that most arrive by themselves
		}
		spent := cpu(t, s) - before
		go io.WriteString(conn, strings.Repeat("x", 1<<20-size-bytesOneByOne))
		if got := receiveAll(t, conn); !strings.HasSuffix(got, strings.Repeat("x", 1<<20)) {
			t.Errorf("%d bytes came back", len(got))
		}
		return spent
	}
	little, much := cost(1<<10), cost(1<<20-bytesOneByOne)
	t.Logf("%s: %d single bytes cost %v behind a KiB, %v behind a MiB", s.Model, bytesOneByOne, little, much)
	if slack := 20 * 10 * time.Millisecond; much > 2*little+slack { // the clock ticks every 10 ms
		t.Errorf("%d single bytes cost %v behind a KiB and %v behind a MiB", bytesOneByOne, little, much)
	}
}
