// Package app is the work that a request can ask for.
//
// It is the same for every concurrency model, so it never waits, never computes
// for long, never writes and knows no socket, no clock and no goroutine: a request
// that needs CPU time or has to wait comes back as a Reply that says how much. Who
// carries that out, and who is held up meanwhile, is the model's business and the
// thing that is measured.
//
// The one thing that requests share is a Counter, and how it is kept is the model's
// business too. Any number of goroutines may use an App at once. It imports the
// standard library only.
package app

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Limits on what one request may ask for. They keep a mistyped parameter from
// taking a server away; the workloads stay far below them.
const (
	MaxSpin  = 10_000_000_000   // iterations; some 10 s of one core
	MaxWait  = 10 * time.Minute // what a /task may wait
	MaxBytes = 1 << 30          // bytes of a /task reply
)

// A Request is what the protocol read. The slices are borrowed for the call.
type Request struct {
	Method string // "GET", "POST", ...; HEAD arrives as "GET", the protocol drops the body
	Path   []byte // of the target, without the query; "*" (with OPTIONS) is the server as a whole
	Query  []byte // without the question mark; empty when there is none
	Body   []byte // whole; nil when there is none
}

// An App serves requests. The zero value is ready; its fields are set before the
// first request and not changed after it.
type App struct {
	Counter Counter // what /count counts with; nil: an Atomic of its own
	Remote  bool    // Counter is another process's: a request for it comes back with Ask set

	own Atomic
}

// A Reply is what the protocol must send. The slices are constants of the
// package or borrowed from the request, so a Reply holds no memory of its own
// and must be used before the request's buffers are. One with Spin or Wait borrows
// nothing: it outlives them.
type Reply struct {
	Status int           // an HTTP status code
	Type   string        // Content-Type; empty when there is no body
	Allow  string        // the Allow header, of a 405 and of the reply to OPTIONS
	Body   []byte        // sent first
	Fill   int64         // this many bytes of filler follow Body
	Ask    Ask           // pass the Reply to App.Count before anything else
	Spin   uint64        // iterations of Spin to run before anything else
	Wait   time.Duration // then do not send before this time has passed; 0: at once

	Counted bool   // the body is Number, in decimal and with a line feed
	Number  uint64 // as counted
}

// Text is the body without the filler. buf is where a number is put; it should have
// room for MaxNumber bytes.
func (r *Reply) Text(buf []byte) []byte {
	if !r.Counted {
		return r.Body
	}
	return append(strconv.AppendUint(buf[:0], r.Number, 10), '\n')
}

// MaxNumber is the most bytes that a number takes in a reply.
const MaxNumber = 20 + 1

// Serve answers one request, at once.
func (a *App) Serve(req *Request, rep *Reply) {
	*rep = Reply{Status: 200, Type: textPlain}
	verb, known := verbOf(req.Method)
	r := find(req.Path)
	switch {
	case !known:
		refuse(rep, 501, "no such method\n")
		return
	case r == nil:
		refuse(rep, 404, "no such route; GET / lists them\n")
		return
	case verb == options:
		rep.Type, rep.Allow = "", r.takes.allow()
		return
	case r.takes&verb == 0:
		refuse(rep, 405, "method not allowed\n")
		rep.Allow = r.takes.allow()
		return
	}
	switch r.path { // not a function in the table: through one, req and rep would escape to the heap
	case "/":
		rep.Body = indexPage
	case "/plaintext":
		rep.Type, rep.Body = "text/plain", hello
	case "/json":
		rep.Type, rep.Body = "application/json", helloJSON
	case "/task":
		task(req, rep)
	case "/echo":
		rep.Type, rep.Body = "application/octet-stream", req.Body
	case "/count":
		a.count(verb, rep)
	}
}

func find(path []byte) *route {
	for i := range routes {
		if string(path) == routes[i].path {
			return &routes[i]
		}
	}
	return nil
}

// FillByte is the filler of a /task reply.
const FillByte = 'x'

const textPlain = "text/plain; charset=utf-8"

// A route is one path with the verbs that it takes.
type route struct {
	path  string
	takes verbs
	help  string // empty: not for the index
}

var routes = []route{
	{"/", get, "this page"},
	{"/plaintext", get, "Hello, World! as text"},
	{"/json", get, "Hello, World! as JSON"},
	{"/task", get, "?spin=N&wait=D&bytes=N: N iterations of CPU work, then wait D (10ms), then N bytes"},
	{"/echo", post, "the body back"},
	{"/count", get | post, "POST counts one more, GET reads the number"},
	{"*", 0, ""}, // the server as a whole: it can be asked for its OPTIONS, and no more
}

var (
	hello     = []byte("Hello, World!")
	helloJSON = []byte(`{"message":"Hello, World!"}`)
	indexPage = func() []byte {
		var page strings.Builder
		page.WriteString("A server of modelbench. Its routes:\n\n")
		for _, r := range routes {
			if r.help != "" {
				fmt.Fprintf(&page, "  %-9s %-11s %s\n", r.takes, r.path, r.help)
			}
		}
		return []byte(page.String())
	}()
)

func task(req *Request, rep *Reply) {
	t, problem := parseTask(req.Query)
	if problem != "" {
		refuse(rep, 400, problem)
		return
	}
	rep.Spin, rep.Wait = t.spin, t.wait
	rep.Type, rep.Fill = "application/octet-stream", t.bytes
}

func (a *App) count(verb verbs, rep *Reply) {
	if rep.Ask = ToReturn; verb == post {
		rep.Ask = ToAdd
	}
	if !a.Remote {
		a.Count(rep)
	}
}

// refuse turns rep into an error with a message for a person.
func refuse(rep *Reply, status int, message string) {
	*rep = Reply{Status: status, Type: textPlain, Body: []byte(message)}
}

// cutField splits the first "key=value" off a query string.
func cutField(query []byte) (key, value, rest []byte) {
	field, rest, _ := bytes.Cut(query, []byte{'&'})
	key, value, _ = bytes.Cut(field, []byte{'='})
	return key, value, rest
}
