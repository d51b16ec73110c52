package wire

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
)

const (
	sizedReply   = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"
	chunkedReply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n0\r\nT: r\r\n\r\n"
)

// A reply that breaks off anywhere is no reply, whatever comes after it is not looked at.
func TestHTTPTruncated(t *testing.T) {
	for _, reply := range []string{
		sizedReply, chunkedReply, "HTTP/1.1 100 Continue\r\n\r\n" + chunkedReply,
		"HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 404 Not Found\r\nContent-Length: 3\r\n\r\nabc",
	} {
		for i := range len(reply) {
			if got := outcome(httpReaders("GET")(), []byte(reply[:i])); got != "|." {
				t.Errorf("%q: got %q, want that it is not complete", reply[:i], got)
			}
		}
	}
}

// What is kept of lines that do not end is bounded, and kept only once.
func TestHTTPReaderIsBounded(t *testing.T) {
	for _, head := range []string{"HTTP/1.1 200 OK\r\nA: ", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: "} {
		r := httpReaders("GET")().(*httpReader)
		for range 5 {
			r.Reset()
			r.Next([]byte(head))
			for fed := 0; ; fed += 100 {
				if _, res := r.Next([]byte(strings.Repeat("x", 100))); res.State == Malformed {
					break
				}
				if fed > 2*maxHead {
					t.Fatalf("%q: %d bytes and no end", head, fed)
				}
			}
		}
		if cap(r.line) > 2*maxHead {
			t.Errorf("%q: %d bytes are kept", head, cap(r.line))
		}
	}
}

// final reads with net/http the first reply that is not an interim one, and returns its
// status and how many bytes it took with all that came before it.
func final(stream []byte, method string) (status, length int, err error) {
	in := bytes.NewReader(stream)
	r := bufio.NewReaderSize(in, 1<<20)
	for {
		res, err := http.ReadResponse(r, &http.Request{Method: method})
		if err != nil {
			return 0, 0, err
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			return 0, 0, err
		}
		if res.StatusCode >= 200 || res.StatusCode == 101 {
			return res.StatusCode, len(stream) - in.Len() - r.Buffered(), nil
		}
	}
}

// ours is final by our reader; not ok if it does not take the reply for one.
func ours(r *httpReader, stream []byte) (status, length int, ok bool) {
	used, res := r.Next(stream)
	if res.State == Partial {
		used, res = len(stream), r.End()
	}
	return r.shape.status, used, res.State == OK || res.State == BadStatus
}

func against(t *testing.T, stream []byte, method string) (bothAccept bool) {
	t.Helper()
	status, length, ok := ours(httpReaders(method)().(*httpReader), stream)
	theirs, theirLength, err := final(stream, method)
	if !ok || err != nil {
		return false
	}
	if status != theirs || length != theirLength {
		t.Errorf("%q to %s: status %d, %d bytes; net/http reads %d, %d", stream, method, status, length, theirs, theirLength)
	}
	return true
}

// Where net/http and we accept a reply, we find the same status and the same end.
func TestHTTPAgainstNetHTTP(t *testing.T) {
	for _, stream := range []string{
		sizedReply, chunkedReply, sizedReply + chunkedReply, chunkedReply + sizedReply,
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + sizedReply,
		"HTTP/1.1 204 No Content\r\n\r\nbody", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nbody",
		"HTTP/1.0 200 OK\r\n\r\nuntil the end", "HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\nxy",
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nhi!",
		"HTTP/1.1 200\r\ncontent-length:0\r\n\r\n",
	} {
		for _, method := range []string{"GET", "HEAD"} {
			if !against(t, []byte(stream), method) {
				t.Errorf("%q to %s: refused by one of the two", stream, method)
			}
		}
	}
}

// The outcome does not depend on the cuts, and agrees with net/http's.
func FuzzHTTPReader(f *testing.F) {
	for _, s := range []string{
		sizedReply, chunkedReply, "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 500 x\r\n\r\nabc", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
		"220 smtp ready\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\nConnection: x, close\r\n\r\n00a\r\n0123456789\r\n0\r\n\r\n",
		"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n" + sizedReply,
	} {
		f.Add([]byte(s), uint16(len(s)/2), false)
		f.Add([]byte(s), uint16(17), true)
	}
	f.Fuzz(func(t *testing.T, stream []byte, cut uint16, head bool) {
		method := "GET"
		if head {
			method = "HEAD"
		}
		fresh := httpReaders(method)
		want := outcome(fresh(), stream)
		i := min(int(cut), len(stream))
		if got := outcome(fresh(), stream[:i], stream[i:]); got != want {
			t.Errorf("%q cut at %d: got %q, uncut %q", stream, i, got, want)
		}
		var single [][]byte
		for i := range stream {
			single = append(single, stream[i:i+1])
		}
		if got := outcome(fresh(), single...); got != want {
			t.Errorf("%q byte by byte: got %q, uncut %q", stream, got, want)
		}
		against(t, stream, method)
	})
}
