package engine

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"go.uber.org/goleak"

	"modelbench/loadgen/record"
	"modelbench/loadgen/uring"
	"modelbench/loadgen/wire"
)

// underTest is the engine that plans without one get; see TestMain.
var underTest Engine

// TestMain runs all tests once for each engine: what a run is must not depend on it.
// atOnce is how many tests run side by side unless -parallel says otherwise: most of them
// wait for a timeout or a server's pause, so two cores are enough for more than two.
const atOnce = "8"

func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		flag.Set("test.parallel", atOnce)
	}
	goleak.VerifyTestMain(everyEngine{m})
	os.Exit(1) // not reached: VerifyTestMain exits
}

type everyEngine struct{ m *testing.M }

func (e everyEngine) Run() int {
	code := 0
	for _, underTest = range []Engine{Epoll, Uring} {
		if err := uring.Probe(); err != nil && underTest == Uring {
			fmt.Println("engine uring is not tested here:", err)
			continue
		}
		fmt.Printf("engine %s:\n", underTest)
		code = max(code, e.m.Run())
	}
	return code
}

// carryOut is Run with the engine under test, unless the plan has one.
func carryOut(ctx context.Context, p Plan) (*Report, error) {
	if !p.KernelTimestamps { // which only one of them has
		p.Engine = or(p.Engine, underTest)
	}
	return Run(ctx, p)
}

const okReply = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"

// A fake is a server whose conduct on a connection is a function.
type fake struct {
	listener net.Listener
	handle   func(*fake, net.Conn)
	addr     netip.AddrPort
	accepted atomic.Int64                   // connections
	requests atomic.Int64                   // that reached readRequest
	did      [record.Kinds + 1]atomic.Int64 // of those, by what they must be counted as; see conduct

	mu    sync.Mutex
	moved sync.Cond          // accepted or dead has changed
	conns map[net.Conn]int64 // those that are open, and which of all accepted each is
	dead  bool
	ended bool
	wg    sync.WaitGroup
}

// serve starts a fake that ends with the test. handle owns no part of the connection
// after it has returned; the connection is then closed.
func serve(t testing.TB, handle func(f *fake, c net.Conn)) *fake {
	t.Helper()
	return serveAt(t, netip.MustParseAddrPort("127.0.0.1:0"), handle)
}

func serveAt(t testing.TB, addr netip.AddrPort, handle func(f *fake, c net.Conn)) *fake {
	t.Helper()
	f := &fake{addr: addr, handle: handle, conns: make(map[net.Conn]int64)}
	f.moved.L = &f.mu
	if err := f.listen(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.end)
	return f
}

// listen begins to accept, for the first time or after die.
func (f *fake) listen() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return nil
	}
	listener, err := net.Listen("tcp4", f.addr.String())
	if err != nil {
		return err
	}
	f.listener, f.dead = listener, false
	if f.addr.Port() == 0 {
		f.addr = netip.MustParseAddrPort(listener.Addr().String())
	}
	f.wg.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			if f.keep(c) {
				f.wg.Go(func() {
					f.handle(f, c)
					f.drop(c)
				})
			}
		}
	})
	return nil
}

func (f *fake) keep(c net.Conn) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accepted.Add(1)
	f.moved.Broadcast()
	if f.dead {
		c.Close()
		return false
	}
	f.conns[c] = f.accepted.Load()
	return true
}

func (f *fake) drop(c net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.conns, c)
	c.Close()
}

// die closes the listener and every connection, as a killed process would.
func (f *fake) die() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.dead = true
	f.moved.Broadcast()
	f.listener.Close()
	for c := range f.conns {
		c.Close()
	}
}

// end is die, and returns when every handler has. What the fake counted is then final.
func (f *fake) end() {
	f.mu.Lock()
	f.ended = true // not to come back
	f.mu.Unlock()
	f.die()
	f.wg.Wait()
}

// order returns which of all connections c is, the first being 1.
func (f *fake) order(c net.Conn) int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.conns[c]
}

// await returns when n connections have been accepted, or the fake has died.
func (f *fake) await(n int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.accepted.Load() < n && !f.dead {
		f.moved.Wait()
	}
}

// closeOthers closes n connections other than c.
func (f *fake) closeOthers(c net.Conn, n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for other := range f.conns {
		if other != c && n > 0 {
			n--
			other.Close()
		}
	}
}

// each answers every request on a connection with what reply writes; false ends it.
func each(reply func(f *fake, c net.Conn) bool) func(*fake, net.Conn) {
	return func(f *fake, c net.Conn) {
		r := bufio.NewReader(c)
		for readRequest(r) {
			f.requests.Add(1)
			if !reply(f, c) {
				return
			}
		}
	}
}

// readRequest consumes a request without a body and allocates nothing.
func readRequest(r *bufio.Reader) bool {
	for {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return false
		}
		if len(line) == 2 {
			return true
		}
	}
}

// always answers every request with text.
func always(text string) func(*fake, net.Conn) {
	b := []byte(text)
	return each(func(_ *fake, c net.Conn) bool {
		_, err := c.Write(b)
		return err == nil
	})
}

func httpTarget(t testing.TB, name string, f *fake) Target {
	t.Helper()
	target := requestTarget(t, f, "", nil)
	target.Name = name
	return target
}

func requestTarget(t testing.TB, f *fake, method string, body []byte) Target {
	t.Helper()
	u, err := url.Parse("http://" + f.addr.String() + "/")
	if err != nil {
		t.Fatal(err)
	}
	p, err := wire.HTTP(wire.HTTPRequest{Method: method, URL: u, Body: body})
	if err != nil {
		t.Fatal(err)
	}
	return Target{Name: "a", Addr: f.addr, Protocol: p}
}

func echoTarget(t testing.TB, f *fake, size int) Target {
	t.Helper()
	p, err := wire.Echo(size)
	if err != nil {
		t.Fatal(err)
	}
	return Target{Name: "echo", Addr: f.addr, Protocol: p}
}

// reset closes a connection so that the peer sees a reset.
func reset(c net.Conn) bool {
	c.(*net.TCPConn).SetLinger(0)
	return false
}

// drip writes text one byte at a time.
func drip(c net.Conn, text string) bool {
	for _, b := range strings.Split(text, "") {
		if _, err := c.Write([]byte(b)); err != nil {
			return false
		}
	}
	return true
}
