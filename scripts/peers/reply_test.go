package main

import (
	"strings"
	"testing"
)

// However a reply is cut, it is whole at its last byte and not before.
func TestWholeReply(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{
		"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 13\r\n\r\nHello, World!",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n",
	} {
		for n := range len(reply) {
			if whole, err := wholeReply([]byte(reply[:n])); whole || err != nil {
				t.Fatalf("%q: %v, %v", reply[:n], whole, err)
			}
		}
		if whole, err := wholeReply([]byte(reply)); !whole || err != nil {
			t.Errorf("%q: %v, %v", reply, whole, err)
		}
	}
}

func TestWholeReplyRefuses(t *testing.T) {
	t.Parallel()
	for _, reply := range []string{
		"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
		"HTTP/1.1 200 OK\r\n\r\nuntil the end", // has no end but the connection's
		"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
		"SSH-2.0-OpenSSH_9.2\r\n\r\n",
		strings.Repeat("a", replyLimit+1),
	} {
		if whole, err := wholeReply([]byte(reply)); whole || err == nil {
			t.Errorf("%q: %v, %v", reply, whole, err)
		}
	}
}
