package servertest

import (
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbench/servers/servertest/cases"
)

// A Variant is a model with flags that change what it does inside, and nothing of
// what a client sees, except where that is the point of it.
type Variant struct {
	Flags  []string          // none: the model as it is
	Except map[string]string // test by its name: why the variant does not pass it
	Spared map[string]string // test by its name: why it would find nothing here that it does not find in the plain model
}

// start starts the server under test; see Start.
type start func(t testing.TB, flags ...string) *Server

// tests are what every model must pass in every variant.
var tests = []struct {
	name string
	run  func(t *testing.T, start start)
}{
	{"conversations", conversations},
	{"cut", cutAtSome}, // plain: cutAtEveryByte
	{"echo", echo},
	{"waits do not hold others up", waitsOverlap},
	{"large body", largeBody},
	{"count", count},
	{"large reply to a slow reader", slowReader},
	{"timeouts", timeouts},
	{"time between two arrivals", betweenArrivals},
	{"refused client that stays", refusedStays},
	{"half-close", halfClose},
	{"sending ahead", sendingAhead},
	{"too many connections", tooMany},
	{"few descriptors", fewDescriptors},
	{"out of descriptors", outOfDescriptors},
	{"keepalive probes", keepaliveProbes},
	{"slowloris", slowloris},
	{"broken connections", broken},
	{"clients that never read", neverReads},
	{"no garbage", noGarbage},
	{"endless", endless},
	{"trickle", trickle},
	{"looked at", looked},
	{"looked at with slow clients", lookedAtSlow},
	{"looked at under load", lookedAtBusy},
	{"drain", drain},
	{"drain under load", drainLoaded},
	{"hang-up", hangUp},
	{"drain gives up", drainGivesUp},
	{"drain of a busy server", drainBusy},
	{"second signal", secondSignal},
	{"address in use", addressInUse},
}

// Run puts a model through the suite, as it is and in its variants.
func Run(t *testing.T, variants ...Variant) {
	t.Run("usage", usage)
	t.Run("full output", fullOutput)
	for _, v := range append([]Variant{{}}, variants...) {
		t.Run(strings.Join(append([]string{"plain"}, v.Flags...), " "), func(t *testing.T) {
			t.Parallel()
			v.run(t)
		})
	}
}

func (v Variant) run(t *testing.T) {
	start := func(t testing.TB, flags ...string) *Server {
		t.Helper()
		return Start(t, append(slices.Clone(v.Flags), flags...)...)
	}
	known := 0
	for _, c := range tests {
		if why, ok := v.Except[c.name]; ok {
			known++
			t.Logf("%v does not pass %q: %s", v.Flags, c.name, why)
			continue
		}
		if why, ok := v.Spared[c.name]; ok {
			known++
			t.Logf("%v is spared %q: %s", v.Flags, c.name, why)
			continue
		}
		run := c.run
		if c.name == "cut" && len(v.Flags) == 0 {
			run = cutAtEveryByte
		}
		t.Run(c.name, func(t *testing.T) { run(t, start) })
	}
	if known != len(v.Except)+len(v.Spared) {
		t.Errorf("%v: an exception names no test of the suite: %v %v", v.Flags, v.Except, v.Spared)
	}
}

// converse sends in, cut at the given places, and returns all that comes back.
// A server that is to keep the connection open is told to close it by one more
// request, whose reply is taken off again.
func converse(t *testing.T, addr string, c cases.Case, cuts ...int) []byte {
	t.Helper()
	conn := Dial(t, addr)
	defer conn.Close()
	from := 0
	for _, to := range append(cuts, len(c.In)) {
		if _, err := conn.Write(c.In[from:to]); err != nil {
			break // the server has refused already: its reply is there to be read
		}
		from = to
	}
	if c.Close {
		out, _ := io.ReadAll(conn) // bytes sent after the refusal may end in a reset
		return out
	}
	const last = "GET /last HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	send(t, conn, last)
	out := receiveAll(t, conn)
	want, _ := reference([]byte(last))
	reply, ok := strings.CutSuffix(string(undated([]byte(out))), string(want))
	if !ok {
		t.Errorf("the connection did not serve another request: %q", out)
	}
	return []byte(reply)
}

func check(t *testing.T, addr string, c cases.Case, want []byte, cuts ...int) {
	t.Helper()
	if got := final(undated(converse(t, addr, c, cuts...))); !bytes.Equal(got, want) {
		t.Errorf("cut at %v: received %q, want %q (%s)", cuts, clip(got), clip(want), c.Why)
	}
}

func clip(b []byte) []byte { return b[:min(len(b), 800)] }

func conversations(t *testing.T, start start) {
	t.Parallel()
	s := start(t, limitFlags...)
	each(t, func(t *testing.T, c cases.Case, want []byte) { check(t, s.HTTP, c, want) })
}

// each runs f for all cases at once, with what the reference says to them.
func each(t *testing.T, f func(t *testing.T, c cases.Case, want []byte)) {
	all, err := cases.All()
	if err != nil {
		t.Fatal(err)
	}
	var running sync.WaitGroup // not parallel subtests: the server must outlive them
	for _, c := range all {
		want, closed := reference(c.In)
		if closed != c.Close {
			t.Fatalf("%s: the session closes: %v", c.Name, closed)
		}
		running.Go(func() {
			t.Run(c.Name, func(t *testing.T) { f(t, c, final(want)) })
		})
	}
	running.Wait()
}

// cutAtEveryByte sends every case in two parts, cut at each place in turn, or at
// each few in the long ones, which repeat themselves. The kernel may join them
// again, so many connections at once make that unlikely to happen to all; the
// session's own test cuts with certainty, and everywhere.
func cutAtEveryByte(t *testing.T, start start) { cutAtEach(t, start, 1) }

// cutAtSome is cutAtEveryByte for a variant, which reads as the plain model does: at
// each fifth of its places.
func cutAtSome(t *testing.T, start start) { cutAtEach(t, start, 5) }

func cutAtEach(t *testing.T, start start, step int) {
	t.Parallel()
	s := start(t, limitFlags...)
	each(t, func(t *testing.T, c cases.Case, want []byte) {
		first := 1 + len(c.In)%step // not the same places in all cases, whose lines begin alike
		for i := first; i < len(c.In); i += step * (1 + len(c.In)/256) {
			check(t, s.HTTP, c, want, i)
		}
	})
}

func echo(t *testing.T, start start) {
	t.Parallel()
	s := start(t)
	data := bytes.Repeat([]byte("0123456789abcdef"), 64<<10) // 1 MiB: more than any buffer on the way
	var clients sync.WaitGroup
	for range 8 {
		conn := Dial(t, s.Echo)
		clients.Go(func() {
			if _, err := conn.Write(data); err != nil {
				t.Errorf("send: %v", err)
			}
			conn.CloseWrite()
		})
		clients.Go(func() {
			if back, err := io.ReadAll(io.LimitReader(conn, int64(len(data)))); err != nil || !bytes.Equal(back, data) {
				t.Errorf("%d bytes came back of %d, or not the same: %v", len(back), len(data), err)
			}
		})
	}
	clients.Wait()
}

// waitsOverlap opens more waits than any model has cores, then asks for something
// quick: its reply must come before theirs.
func waitsOverlap(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--procs=1")
	var waiting []net.Conn
	for range 16 {
		c := Dial(t, s.HTTP)
		send(t, c, get("/task?wait=10m"))
		waiting = append(waiting, c)
	}
	quick := Dial(t, s.HTTP)
	for range 3 {
		send(t, quick, get("/plaintext"))
		want, _ := reference([]byte(get("/plaintext")))
		if got := undated([]byte(receive(t, quick, len(want)+len("Sun, 06 Nov 1994 08:49:37 GMT")-len("now")))); !bytes.Equal(got, want) {
			t.Errorf("received %q", got)
		}
	}
	for _, c := range waiting {
		c.SetReadDeadline(time.Now())
		if n, err := c.Read(make([]byte, 1)); n > 0 || err == io.EOF {
			t.Error("a wait of ten minutes is over already")
		}
	}
}

func largeBody(t *testing.T, start start) {
	t.Parallel()
	s := start(t)
	body := strings.Repeat("body", 1<<18) // 1 MiB, the limit
	c := Dial(t, s.HTTP)
	go io.WriteString(c, "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1048576\r\n\r\n"+body)
	if _, got, _ := strings.Cut(receiveAll(t, c), "\r\n\r\n"); got != body {
		t.Errorf("%d bytes came back of %d, or not the same", len(got), len(body))
	}
}

// halfClose has clients say that they will send no more. What they asked for
// before must be answered, with one known divergence: gnet closes a connection
// when it reads its end, so the event loop drops a reply that has to wait, or
// that the peer has yet to make room for.
func halfClose(t *testing.T, start start) {
	t.Parallel()
	s := start(t)
	quick, waiting := Dial(t, s.HTTP), Dial(t, s.HTTP)
	send(t, quick, strings.Repeat(get("/plaintext"), 3))
	send(t, waiting, get("/task?wait=2s&bytes=3"))
	quick.CloseWrite()
	waiting.CloseWrite()
	if got := receiveAll(t, quick); strings.Count(got, "Hello, World!") != 3 {
		t.Errorf("received %q", got)
	}
	got := receiveAll(t, waiting)
	if answered := strings.HasSuffix(got, "\r\n\r\nxxx"); answered == (s.Model == "eventloop") || !answered && got != "" {
		t.Errorf("%s: received %q", s.Model, got)
	}
}

// sendingAhead has a client send far more requests than a server will hold while
// the first one waits. The others leave them in the kernel until the client has
// to stop. Known divergence: gnet cannot stop reading, so the event loop cuts the
// client off.
func sendingAhead(t *testing.T, start start) {
	t.Parallel()
	s := start(t, limitFlags...)
	const requests = 5000
	c := Dial(t, s.HTTP)
	var sending sync.WaitGroup
	sending.Go(func() {
		io.WriteString(c, get("/task?wait=2s")+strings.Repeat(get("/plaintext"), requests))
		c.CloseWrite()
	})
	got, _ := io.ReadAll(c)
	sending.Wait()
	want := requests
	if s.Model == "eventloop" {
		want = 0
	}
	if n := strings.Count(string(got), "Hello, World!"); n != want {
		t.Errorf("%s answered %d of %d, want %d", s.Model, n, requests, want)
	}
}

// tooMany fills the server up: the connection too many is closed, the others are
// served, and there is a place again when one of them goes.
func tooMany(t *testing.T, start start) {
	t.Parallel()
	s := start(t, "--procs=2", "--max-conns=4") // in all, however many processes there are
	var inside []*net.TCPConn
	for range 4 {
		c := Dial(t, s.HTTP)
		send(t, c, get("/plaintext"))
		receive(t, c, 1)
		inside = append(inside, c)
	}
	if got, _ := io.ReadAll(Dial(t, s.HTTP)); len(got) != 0 { // a reset or an end: both are a refusal
		t.Errorf("the connection too many received %q", got)
	}
	inside[0].Close()
	awaitPlace(t, s)
	for _, c := range inside[1:] {
		send(t, c, "GET /plaintext HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
		if got := receiveAll(t, c); !strings.HasSuffix(got, "Hello, World!") {
			t.Errorf("received %q", got)
		}
	}
}
