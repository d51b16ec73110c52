package servertest

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A Load is a stream of requests that goes on while something happens to the
// server: 500 a second over 20 connections that are kept for as long as the server
// allows, and 50 a second each on a connection of its own.
//
// It knows two ways for a request to come to nothing. A connection that is refused
// is counted. Everything else, a reset or a reply cut short among the rest, is a
// failure.
type Load struct {
	t    testing.TB
	addr string
	stop chan struct{}
	all  sync.WaitGroup

	answered atomic.Int64
	told     atomic.Int64 // replies that said Connection: close
	refused  atomic.Int64

	mu     sync.Mutex
	failed []string
}

// StartLoad starts a load on the server. It ends with the test at the latest.
func StartLoad(t testing.TB, s *Server) *Load {
	l := &Load{t: t, addr: s.HTTP, stop: make(chan struct{})}
	const kept, fresh = 20, 4
	for i := range kept {
		l.all.Go(func() { l.client(i, 40*time.Millisecond, false) })
	}
	for i := range fresh {
		l.all.Go(func() { l.client(i, 80*time.Millisecond, true) })
	}
	t.Cleanup(func() { l.Stop() })
	return l
}

// Await returns when n more requests have been answered.
func (l *Load) Await(n int64) {
	l.t.Helper()
	n += l.answered.Load()
	l.await(&l.answered, n)
}

// AwaitRefusal returns when a connection has been refused.
func (l *Load) AwaitRefusal() {
	l.t.Helper()
	l.await(&l.refused, 1)
}

func (l *Load) await(count *atomic.Int64, n int64) {
	l.t.Helper()
	for deadline := time.Now().Add(limit); count.Load() < n; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			l.t.Fatalf("the load stands still: %d answered, %d refused, failed: %q", l.answered.Load(), l.refused.Load(), l.Stop())
		}
	}
}

// Refused is how many connections have been refused so far.
func (l *Load) Refused() int64 { return l.refused.Load() }

// Told is how many replies so far were the last of a connection that the client
// would have kept.
func (l *Load) Told() int64 { return l.told.Load() }

// Stop ends the load and returns what has failed. Safe to call again.
func (l *Load) Stop() []string {
	l.mu.Lock()
	select {
	case <-l.stop:
	default:
		close(l.stop)
	}
	l.mu.Unlock()
	l.all.Wait()
	return l.failed
}

// client sends a request in each period, over one connection or over one for each
// request.
func (l *Load) client(number int, period time.Duration, fresh bool) {
	tick := time.NewTicker(period)
	defer tick.Stop()
	c := &loadConn{load: l, fresh: fresh}
	defer c.close()
	for n := number; ; n++ {
		select {
		case <-l.stop:
			return
		case <-tick.C:
		}
		if err := c.ask(n); err != nil {
			l.mu.Lock()
			l.failed = append(l.failed, err.Error())
			l.mu.Unlock()
		}
	}
}

// A loadConn is a client's connection, if it has one.
type loadConn struct {
	load  *Load
	fresh bool
	net.Conn
	in *bufio.Reader
	n  int // requests on this connection
}

func (c *loadConn) close() {
	if c.Conn != nil {
		c.Conn.Close()
	}
	c.Conn, c.n = nil, 0
}

// ask sends one request and reads its reply.
func (c *loadConn) ask(n int) error {
	if c.Conn == nil {
		conn, err := net.DialTimeout("tcp", c.load.addr, limit)
		if errors.Is(err, syscall.ECONNREFUSED) {
			c.load.refused.Add(1)
			return nil
		}
		if err != nil {
			return err
		}
		c.Conn, c.in = conn, bufio.NewReader(conn)
	}
	c.SetDeadline(time.Now().Add(limit))
	kind := loadKinds[n%len(loadKinds)]
	rep, err := c.exchange(kind)
	if err != nil {
		err = fmt.Errorf("%s, request %d of its connection: %w", bytes.SplitN(kind.request, []byte("\r"), 2)[0], c.n, err)
		c.close()
		return err
	}
	c.load.answered.Add(1)
	if c.n++; rep.Close && !c.fresh {
		c.load.told.Add(1)
	}
	if rep.Close || c.fresh {
		c.close()
	}
	return nil
}

// exchange returns a reply that is whole, or an error.
func (c *loadConn) exchange(kind loadKind) (*http.Response, error) {
	if _, err := c.Write(kind.request); err != nil {
		return nil, err
	}
	rep, err := http.ReadResponse(c.in, nil)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(rep.Body)
	switch {
	case err != nil:
		return nil, err
	case rep.StatusCode != http.StatusOK || len(body) != kind.body:
		return nil, fmt.Errorf("status %d, %d bytes of %d", rep.StatusCode, len(body), kind.body)
	}
	return rep, nil
}

type loadKind struct {
	request []byte
	body    int // bytes of the reply's
}

// loadKinds are sent in turn. Few wait: a server of one request at a time must keep
// up as well.
var loadKinds = slices.Concat(
	slices.Repeat([]loadKind{
		{[]byte(get("/plaintext")), len("Hello, World!")},
		{[]byte(get("/task?bytes=100000")), 100000}, // more than a socket buffer
		{append([]byte("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n"), bytes.Repeat([]byte("x"), 5000)...), 5000},
	}, 3),
	[]loadKind{{[]byte(get("/task?wait=1ms&bytes=3")), 3}})
