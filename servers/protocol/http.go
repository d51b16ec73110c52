package protocol

import (
	"bytes"
	"sync"
	"time"

	"modelbench/servers/app"
)

// HTTP is the session that speaks HTTP/1.1 and 1.0 (RFC 9110, RFC 9112):
//
//	  +---------------------- next request ----------------------+
//	  v                                                          |
//	head --> body or chunks --> serve --> work --> wait --> reply +--> close
//	  |           |                (each only where asked for)
//	  +-----------+---- problem: 4xx, 505 -------------------------> close
//
// A long reply comes in pieces, each written before the next is made.
//
// Pipelined requests are answered in order, because a session that waits leaves
// the next request unread. Make one with NewHTTP.
type HTTP struct {
	rules *Rules
	do    func(h *HTTP, in, out []byte) (used int, grown []byte, next Next, more bool) // the state
	scan  headScanner
	body  *upload    // while a body arrives; an idle session holds neither this
	reply *app.Reply // nor this, which is computed, waited for, or sent in pieces

	answered int32 // requests since the last Step returned
	begun    bool  // the first byte of a request has arrived
	limit    limit // on its arrival
	close    bool  // the connection ends with the reply to this request
	http10   bool
	head     bool // HEAD: the reply has no body
}

// An upload is what is kept of a request while its body arrives.
type upload struct {
	method string
	target []byte // owned
	length int64  // of a body that is not chunked
	chunk  *chunkReader
}

var uploads = sync.Pool{New: func() any { return new(upload) }}

var held = sync.Pool{New: func() any { return new(app.Reply) }}

// A limit is the one on a request's arrival that is in force.
//
//	first byte             end of head               last byte
//	    |--- HeadTimeout -------|                         |
//	    |--- RequestTimeout ------------------------------|
type limit uint8

const (
	unset    limit = iota // no limit has been asked for
	forHead               // the head's
	forWhole              // the request's; no arrival renews it
)

// NewHTTP returns a session in front of the application that keeps to rules.
func NewHTTP(rules *Rules) *HTTP { return &HTTP{rules: rules, do: (*HTTP).readHead} }

// Step runs the states until one needs what only the driver can give.
func (h *HTTP) Step(in, out []byte) (used int, grown []byte, next Next) {
	for {
		n, o, next, more := h.do(h, in[used:], out)
		used, out = used+n, o
		if !more {
			if next.Do == Close && (used < len(in) || h.rules.Draining()) {
				next.For = linger // the client did not expect this reply to be the last
			}
			next.Answered, h.answered = int(h.answered), 0
			return used, out, next
		}
		if len(out) >= flushAt {
			next = Next{Do: Pause, Answered: int(h.answered)}
			h.answered = 0
			return used, out, next
		}
	}
}

// Idle reports whether no request has begun and no reply is owed.
func (h *HTTP) Idle() bool { return !h.begun }

// Expired answers 408 to a request that has begun, and nothing to silence.
func (h *HTTP) Expired(out []byte) []byte {
	if !h.begun {
		return out
	}
	_, out, _, _ = h.fail(timedOut, 0, out)
	return out
}

// readHead waits for a whole head, then decodes it and decides about its body.
func (h *HTTP) readHead(in, out []byte) (int, []byte, Next, bool) {
	if len(in) == 0 {
		return 0, out, Next{Do: Read, For: h.rules.idle()}, false
	}
	end, bad := h.scan.scan(in, h.rules.MaxHead)
	h.head = h.scan.head
	if bad != nil {
		return h.fail(bad, len(in), out)
	}
	if end == 0 {
		next := Next{Do: Read, For: 0} // further bytes do not renew the limit that the first has set
		if !h.begun {
			h.begun, h.limit, next.For = true, forHead, h.rules.head()
		}
		return 0, out, next, false
	}
	h.begun = true
	scan := h.scan
	h.scan = headScanner{}
	method := methodName(scan.verb.of(in))
	target, bad := resource(method, scan.target.of(in))
	if bad != nil {
		return h.fail(bad, len(in), out)
	}
	h.close, h.http10 = scan.last(), scan.http10
	switch {
	case scan.length > int64(h.rules.MaxBody):
		return h.fail(bodyTooLong, len(in), out)
	case !scan.chunked && scan.length == 0: // nothing to keep: the input serves the request
		out, next, more := h.serve(method, target, nil, out)
		return end, out, next, more
	}
	h.body = uploads.Get().(*upload)
	h.body.method, h.body.length = method, scan.length
	h.body.target = append(h.body.target[:0], target...)
	h.do = (*HTTP).readBody
	if scan.chunked {
		h.body.chunk = &chunkReader{max: h.rules.MaxBody, lines: h.rules.MaxHead}
		h.do = (*HTTP).readChunks
	}
	if scan.expect && !scan.http10 && len(in) == end { // the client waits for a word (RFC 9110, section 10.1.1)
		out = append(out, "HTTP/1.1 100 Continue\r\n\r\n"...)
	}
	return end, out, Next{}, true
}

// awaitBody asks for more of a body, within the time that the whole request has.
func (h *HTTP) awaitBody() Next {
	before := h.limit
	h.limit = forWhole
	switch before {
	case unset: // the head came whole, just now
		return Next{Do: Read, For: h.rules.RequestTimeout}
	case forHead:
		return Next{Do: Extend, For: h.rules.RequestTimeout - h.rules.head()}
	}
	return Next{Do: Read, For: 0}
}

// readBody waits until the driver holds the whole body, which is then lent to
// the application where it lies.
func (h *HTTP) readBody(in, out []byte) (int, []byte, Next, bool) {
	if int64(len(in)) < h.body.length {
		next := h.awaitBody()
		next.Need = int(h.body.length)
		return 0, out, next, false
	}
	n := int(h.body.length)
	out, next, more := h.arrived(in[:n], out)
	return n, out, next, more
}

// readChunks decodes a chunked body as it arrives.
func (h *HTTP) readChunks(in, out []byte) (int, []byte, Next, bool) {
	used, done, bad := h.body.chunk.read(in)
	switch {
	case bad != nil:
		return h.fail(bad, len(in), out)
	case !done:
		return used, out, h.awaitBody(), false
	}
	out, next, more := h.arrived(h.body.chunk.body, out)
	return used, out, next, more
}

// arrived serves a request whose body is complete.
func (h *HTTP) arrived(body, out []byte) ([]byte, Next, bool) {
	up := h.body
	h.body = nil
	out, next, more := h.serve(up.method, up.target, body, out)
	up.chunk = nil
	uploads.Put(up)
	return out, next, more
}

// serve asks the application and either replies or does first what it asks for.
func (h *HTTP) serve(method string, target, body, out []byte) ([]byte, Next, bool) {
	req := app.Request{Method: method, Body: body}
	if h.head {
		req.Method = "GET"
	}
	req.Path, req.Query, _ = bytes.Cut(target, []byte{'?'})
	var rep app.Reply
	h.rules.App.Serve(&req, &rep)
	if rep.Job != app.Nothing {
		h.keep(&rep, (*HTTP).compute)
		return out, Next{Do: Compute}, false
	}
	return h.wait(&rep, out)
}

// compute is the state before what takes its time; the next Step is that.
func (h *HTTP) compute(_, out []byte) (int, []byte, Next, bool) {
	rep := h.release()
	h.rules.App.Work(&rep)
	out, next, more := h.wait(&rep, out)
	return 0, out, next, more
}

// keep holds a reply until the next Step, which is do's.
func (h *HTTP) keep(rep *app.Reply, do func(h *HTTP, in, out []byte) (int, []byte, Next, bool)) {
	h.reply, h.do = held.Get().(*app.Reply), do
	*h.reply = *rep
}

// release is the reply that was held.
func (h *HTTP) release() app.Reply {
	rep := *h.reply
	held.Put(h.reply)
	h.reply = nil
	return rep
}

// wait lets a reply wait, if it is to, or sends it.
func (h *HTTP) wait(rep *app.Reply, out []byte) ([]byte, Next, bool) {
	if rep.Wait > 0 {
		h.keep(rep, (*HTTP).waited)
		return out, Next{Do: Pause, For: rep.Wait}, false
	}
	return h.answer(rep, out)
}

// waited is the state during a wait; the next Step comes after it.
func (h *HTTP) waited(_, out []byte) (int, []byte, Next, bool) {
	rep := h.release()
	out, next, more := h.answer(&rep, out)
	return 0, out, next, more
}

// answer appends a reply, or the first piece of one, and ends the request.
func (h *HTTP) answer(rep *app.Reply, out []byte) ([]byte, Next, bool) {
	h.close = h.close || h.rules.Draining()
	out = h.appendReply(rep, out)
	if rep.Fill > 0 && !h.head {
		h.keep(rep, (*HTTP).sendFill)
		return out, Next{}, true
	}
	return h.finish(out)
}

// sendFill appends the next piece of a long reply.
func (h *HTTP) sendFill(_, out []byte) (int, []byte, Next, bool) {
	n := min(h.reply.Fill, max(int64(flushAt-len(out)), 1))
	out = appendFill(out, int(n))
	if h.reply.Fill -= n; h.reply.Fill > 0 {
		return 0, out, Next{}, true // Step sees to the flush
	}
	h.release()
	out, next, more := h.finish(out)
	return 0, out, next, more
}

// finish ends a request whose reply has been appended.
func (h *HTTP) finish(out []byte) ([]byte, Next, bool) {
	h.begun, h.limit = false, unset
	h.answered++
	if h.close {
		h.do = (*HTTP).closed
		return out, Next{Do: Close, For: 0}, false
	}
	h.do = (*HTTP).readHead
	return out, Next{}, true
}

// linger is how long a connection is read from after a reply that the client
// may not have expected yet, because it was still sending.
const linger = time.Second

// fail answers a request that cannot be understood and ends the conversation.
// What is left of the input is dropped: nobody knows what it means.
func (h *HTTP) fail(bad *problem, unread int, out []byte) (int, []byte, Next, bool) {
	h.begun, h.close = false, true
	h.answered++
	rep := app.Reply{Status: bad.status, Type: "text/plain; charset=utf-8", Body: []byte(bad.message)}
	h.do = (*HTTP).closed
	return unread, h.appendReply(&rep, out), Next{Do: Close, For: linger}, false
}

// closed drops whatever a driver might still offer.
func (h *HTTP) closed(in, out []byte) (int, []byte, Next, bool) {
	return len(in), out, Next{Do: Close, For: 0}, false
}

// methodName is b as a string; the methods in use cost no allocation.
func methodName(b []byte) string {
	switch string(b) {
	case "GET":
		return "GET"
	case "HEAD":
		return "HEAD"
	case "POST":
		return "POST"
	case "OPTIONS":
		return "OPTIONS"
	}
	return string(b)
}
