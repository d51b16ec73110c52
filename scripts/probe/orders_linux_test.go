package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
)

// serve answers three connections: each its first request at once, and then what comes on all
// of them in the orders given, one for each input; x is the end.
func serve(t *testing.T, reply string, orders ...string) (address string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		var conns []net.Conn
		var readers []*bufio.Reader
		receive := func(i int) error {
			_, err := http.ReadRequest(readers[i])
			return err
		}
		for i := range 3 {
			c, err := l.Accept()
			if err != nil {
				return
			}
			defer c.Close()
			conns, readers = append(conns, c), append(readers, bufio.NewReader(c))
			if receive(i) != nil {
				return
			}
			io.WriteString(c, reply)
		}
		for _, order := range orders {
			if errors.Join(receive(0), receive(1), receive(2)) != nil {
				return
			}
			for _, i := range order {
				if i == 'x' {
					return // which closes all of them
				}
				half := len(reply) / 2 // in two pieces, of which the second counts
				io.WriteString(conns[i-'0'], reply[:half])
				io.WriteString(conns[i-'0'], reply[half:])
			}
		}
		io.Copy(io.Discard, conns[0]) // until the client is gone
	}()
	return l.Addr().String()
}

func TestOrders(t *testing.T) {
	t.Parallel()
	const reply = "HTTP/1.1 200 OK\r\nServer: x\r\ncontent-length: 5\r\n\r\ndone\n"
	for want, orders := range map[float64][]string{
		1: {"012", "012", "012", "012"},
		3: {"012", "210", "012", "120"},
	} {
		got := measured(t, "orders", "http://"+serve(t, reply, orders...)+"/", "-n", "3", "--runs", "4", "--rest", "0s")
		if got["orders"] != want || got["due"] != 4 || got["completed"] != 4 {
			t.Errorf("replies come as %q: %v", orders, got)
		}
	}
}

func TestNoOrders(t *testing.T) {
	t.Parallel()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	gone.Close()
	for want, address := range map[string]string{
		"refused":              gone.Addr().String(),
		"404 Not Found":        serve(t, "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
		"no Content-Length":    serve(t, "HTTP/1.1 200 OK\r\n\r\n"),
		"bytes follow":         serve(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nmore"),
		"closed a connection":  serve(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "x"),
		"are without a reply ": serve(t, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"),
	} {
		args := []string{"orders", address, "-n", "3"}
		if strings.HasPrefix(want, "are without") {
			args = append(args, "--timeout", "50ms")
		}
		var out, diag bytes.Buffer
		if code := run(args, &out, &diag); code != exitFailed || !strings.Contains(diag.String(), want) || out.Len() > 0 {
			t.Errorf("exit code %d, want %q on stderr: %s%s", code, want, &diag, &out)
		}
	}
}
