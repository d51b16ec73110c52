package protocol

import (
	"bytes"

	"github.com/valyala/fasthttp"

	"modelbench/servers/app"
)

// appendReply appends the head of a reply and its body, but for the filler.
//
// The head is written here and not by fasthttp's ResponseHeader, whose
// AppendBytes starts its destination anew where several pipelined replies have
// to stand one behind the other.
func (h *HTTP) appendReply(rep *app.Reply, out []byte) []byte {
	var number [app.MaxNumber]byte
	body := rep.Text(number[:])
	if rep.Status == fasthttp.StatusOK {
		out = append(out, "HTTP/1.1 200 OK\r\nServer: modelbench\r\n"...)
	} else {
		out = append(out, "HTTP/1.1 "...)
		out = fasthttp.AppendUint(out, rep.Status)
		out = append(out, ' ')
		out = append(out, fasthttp.StatusMessage(rep.Status)...)
		out = append(out, "\r\nServer: modelbench\r\n"...)
	}
	out = h.rules.date.append(out)
	if rep.Type != "" {
		out = append(out, "Content-Type: "...)
		out = append(out, rep.Type...)
		out = append(out, "\r\n"...)
	}
	out = append(out, "Content-Length: "...)
	out = fasthttp.AppendUint(out, len(body)+int(rep.Fill))
	if rep.Allow != "" {
		out = append(out, "\r\nAllow: "...)
		out = append(out, rep.Allow...)
	}
	switch {
	case h.close:
		out = append(out, "\r\nConnection: close"...)
	case h.http10: // its default is to close (RFC 9112, section 9.3)
		out = append(out, "\r\nConnection: keep-alive"...)
	}
	out = append(out, "\r\n\r\n"...)
	if !h.head {
		out = append(out, body...)
	}
	return out
}

var filler = bytes.Repeat([]byte{app.FillByte}, 4<<10)

// appendFill appends n bytes of filler.
func appendFill(out []byte, n int) []byte {
	for ; n > len(filler); n -= len(filler) {
		out = append(out, filler...)
	}
	return append(out, filler[:n]...)
}
