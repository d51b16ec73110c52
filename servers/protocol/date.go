package protocol

import (
	"sync/atomic"
	"time"

	"github.com/valyala/fasthttp"
)

// dateLine is the Date header line of the current second, rendered once a
// second and not once a reply.
type dateLine struct{ line atomic.Pointer[[]byte] }

func (d *dateLine) set(now time.Time) {
	line := fasthttp.AppendHTTPDate([]byte("Date: "), now)
	line = append(line, "\r\n"...)
	d.line.Store(&line)
}

// append adds the line to out; nothing before the first set, as a server
// without a clock must not send one (RFC 9110, section 6.6.1).
func (d *dateLine) append(out []byte) []byte {
	if line := d.line.Load(); line != nil {
		out = append(out, *line...)
	}
	return out
}
