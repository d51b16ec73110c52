package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"
)

// A villain is a server that never gives a good reply.
type villain struct {
	name string
	act  func(c net.Conn, asked *bufio.Reader)
	says string // what loadgen says of it, in part
}

func waitForRequest(r *bufio.Reader) bool {
	for {
		line, err := r.ReadString('\n')
		if err != nil {
			return false
		}
		if line == "\r\n" {
			return true
		}
	}
}

// pour writes a text again and again until the client has enough: fast until any limit is
// passed, then at a pace that leaves the machine to others.
func pour(head, again string) func(net.Conn, *bufio.Reader) {
	again = strings.Repeat(again, 1+4096/len(again))
	return func(c net.Conn, r *bufio.Reader) {
		if !waitForRequest(r) {
			return
		}
		_, err := io.WriteString(c, head)
		for sent := 0; err == nil; sent += len(again) {
			if sent > 1<<20 {
				time.Sleep(time.Millisecond)
			}
			_, err = io.WriteString(c, again)
		}
	}
}

// answer writes a text once for each request, and closes if it is told to.
func answer(text string, more bool) func(net.Conn, *bufio.Reader) {
	return func(c net.Conn, r *bufio.Reader) {
		for waitForRequest(r) {
			if _, err := io.WriteString(c, text); err != nil || !more {
				return
			}
		}
	}
}

// crumbs writes the beginning of a reply, of which the rest never comes, and then waits.
func crumbs(c net.Conn, r *bufio.Reader) {
	if waitForRequest(r) {
		for _, b := range []byte("HTTP/1.1 200 OK\r\nContent-Le") {
			c.Write([]byte{b})
		}
		io.Copy(io.Discard, r)
	}
}

var villains = []villain{
	{"silent", answer("", true), "err_timeout"},
	{"crumbs", crumbs, "err_timeout"},
	{"endless interim replies", pour("", "HTTP/1.1 102 Processing\r\n\r\n"), "err_timeout"},
	{"endless body", pour("HTTP/1.1 200 OK\r\n\r\n", "x"), "err_timeout"},
	{"endless head", pour("HTTP/1.1 200 OK\r\n", "A: b\r\n"), "err_malformed"},
	{"garbage", answer("SSH-2.0-OpenSSH_9.6\r\n", true), "err_malformed"},
	{"both lengths", answer("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", true), "err_malformed"},
	{"cut bodies", answer("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhi", false), "err_eof"},
	{"no reply", answer("", false), "err_eof"},
	{"errors", answer("HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n", true), "err_status"},
}

// listen serves connections by act until the test ends, and returns the URL.
func listen(t *testing.T, act func(net.Conn, *bufio.Reader)) string {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Go(func() {
				defer c.Close()
				act(c, bufio.NewReader(c))
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		wg.Wait() // the client has closed its connections
	})
	return "http://" + listener.Addr().String()
}

// Whatever a server does, loadgen ends by itself, and says why nothing succeeded: by its
// number of requests, or by time where each waits for its timeout. On a busy machine a
// timeout may first strike whoever connects, so longer ones are tried then.
func TestNothingSucceeds(t *testing.T) {
	for _, flags := range []string{"", "-R 500 -t 2", "--no-keepalive", "--no-keepalive -R 500", "-p 4", "--idle 5"} {
		for _, v := range villains {
			t.Run(v.name+" "+flags, func(t *testing.T) {
				t.Parallel()
				url, code, out := listen(t, v.act), 0, ""
				for _, limits := range limitsFor(v.says) {
					code, out = command(t, append(strings.Fields("-c 2 -w 20ms "+limits+" "+flags), url)...)
					if code != 1 || strings.Contains(out, "Interrupted") {
						t.Errorf("exit %d, want 1\n%s", code, out)
					}
					if strings.Contains(out, v.says) {
						break
					}
				}
				contains(t, out, "loadgen: no request succeeded: ", v.says)
			})
		}
	}
}

// limitsFor returns when runs are to end on a server whose requests end as kind.
func limitsFor(kind string) []string {
	if kind == "err_timeout" {
		return []string{"-d 150ms --timeout 50ms", "-d 1s --timeout 300ms", "-d 10s --timeout 3s"}
	}
	return []string{"-d 100s -n 6 --timeout 100s"}
}

// A server that closes or resets whoever connects never carried a request.
func TestConnectionsEndAtOnce(t *testing.T) {
	for name, act := range map[string]func(net.Conn, *bufio.Reader){
		"closes": func(net.Conn, *bufio.Reader) {},
		"resets": func(c net.Conn, _ *bufio.Reader) { c.(*net.TCPConn).SetLinger(0) },
	} {
		for _, flags := range []string{"", "-R 500", "--no-keepalive"} {
			t.Run(fmt.Sprint(name, " ", flags), func(t *testing.T) {
				t.Parallel()
				args := append(strings.Fields("-c 2 -d 500ms -w 0s "+flags), listen(t, act))
				if code, out := command(t, args...); code != 1 || !strings.Contains(out, "loadgen: ") || strings.Contains(out, "Interrupted") {
					t.Errorf("exit %d, want 1 with the reason\n%s", code, out)
				}
			})
		}
	}
}
