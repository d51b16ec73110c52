// Package app is the work that a request can ask for.
//
// It is the same for every concurrency model, so it never waits, never computes
// for long, never writes and knows no socket, no clock and no goroutine: a request
// that needs CPU time or has to wait comes back as a Reply that says how much. Where
// the computing is done (by App.Work), how the wait is spent, and who is held up
// meanwhile, is the model's business and the thing that is measured.
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
	Remote  bool    // Counter is another process's: asking it is a Job

	// Fault carries a fault out; amount is what its comment says. It returns if the
	// process goes on. Nil: there are none, and no routes that lead to them.
	Fault func(f Fault, amount uint64) error

	own Atomic
}

// A Reply is what the protocol must send. The slices are constants of the
// package or borrowed from the request, so a Reply holds no memory of its own
// and must be used before the request's buffers are. One with a Job or Wait borrows
// nothing: it outlives them.
type Reply struct {
	Status int           // an HTTP status code
	Type   string        // Content-Type; empty when there is no body
	Allow  string        // the Allow header, of a 405 and of the reply to OPTIONS
	Body   []byte        // sent first
	Fill   int64         // this many bytes of filler follow Body
	Wait   time.Duration // do not send before this time has passed; 0: at once

	Job     Job   // pass the Reply to App.Work before anything else, the wait included
	Fault   Fault // of a Job
	Counted bool  // the body is Number, in decimal and with a line feed

	Amount uint64 // of a Job
	Number uint64 // as counted
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
	r := a.find(req.Path)
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
		if rep.Body = indexPage; a.Fault != nil {
			rep.Body = faultyPage
		}
	case "/plaintext":
		rep.Type, rep.Body = "text/plain", hello
	case "/json":
		rep.Type, rep.Body = "application/json", helloJSON
	case "/task":
		task(req, rep)
	case "/echo":
		rep.Type, rep.Body = "application/octet-stream", req.Body
	case "/count":
		if rep.Job = ToLoad; verb == post {
			rep.Job = ToAdd
		}
		if !a.Remote { // it takes no time
			a.Work(rep)
		}
	default:
		fail(r.fault, req, rep)
	}
}

func (a *App) find(path []byte) *route {
	for i := range routes {
		if string(path) == routes[i].path && (routes[i].fault == 0 || a.Fault != nil) {
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
	fault Fault  // 0: none
}

var routes = []route{
	{path: "/", takes: get, help: "this page"},
	{path: "/plaintext", takes: get, help: "Hello, World! as text"},
	{path: "/json", takes: get, help: "Hello, World! as JSON"},
	{path: "/task", takes: get, help: "?spin=N&wait=D&bytes=N: N iterations of CPU work, then wait D (10ms), then N bytes"},
	{path: "/echo", takes: post, help: "the body back"},
	{path: "/count", takes: get | post, help: "POST counts one more, GET reads the number"},
	{path: "/fault/exit", takes: post, fault: Exit, help: "the process ends at once, with status 1"},
	{path: "/fault/segv", takes: post, fault: Segv, help: "the process dies of SIGSEGV"},
	{path: "/fault/hang", takes: post, fault: Hang, help: "?for=D: the process stops for D (1s); without, until it is continued or killed"},
	{path: "/fault/spin", takes: post, fault: Loop, help: "this request computes for ever"},
	{path: "/fault/leak", takes: post, fault: Leak, help: "?bytes=N: the process takes N bytes (64 MiB) and keeps them"},
	{path: "*"}, // the server as a whole: it can be asked for its OPTIONS, and no more
}

var (
	hello      = []byte("Hello, World!")
	helloJSON  = []byte(`{"message":"Hello, World!"}`)
	indexPage  = index(false)
	faultyPage = index(true)
)

func index(faults bool) []byte {
	var page strings.Builder
	page.WriteString("A server of modelbench. Its routes:\n\n")
	for _, r := range routes {
		if r.help != "" && (r.fault == 0 || faults) {
			fmt.Fprintf(&page, "  %-9s %-11s %s\n", r.takes, r.path, r.help)
		}
	}
	return []byte(page.String())
}

func task(req *Request, rep *Reply) {
	t, problem := parseTask(req.Query)
	if problem != "" {
		refuse(rep, 400, problem)
		return
	}
	if t.spin > 0 {
		rep.Job, rep.Amount = ToSpin, t.spin
	}
	rep.Wait = t.wait
	rep.Type, rep.Fill = "application/octet-stream", t.bytes
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
