package wire

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// An HTTPRequest describes the one request that an HTTP target is sent again and again.
type HTTPRequest struct {
	Method  string // "" means GET, or POST when there is a Body
	URL     *url.URL
	Headers []string // "Name: value"; a Host given here replaces the URL's
	Body    []byte
	Close   bool // ask the server to close behind the reply, unless Headers hold a Connection
}

// Validate says what is wrong with the request, if anything. The error does not say
// where it came from: the caller names the flag.
func (q *HTTPRequest) Validate() error {
	if q.Method != "" && !isToken(q.Method) {
		return fmt.Errorf("method %q is not an HTTP token", q.Method)
	}
	for _, h := range q.Headers {
		if err := checkHeader(h); err != nil {
			return err
		}
	}
	return nil
}

func checkHeader(h string) error {
	name, value, found := strings.Cut(h, ":")
	if !found || !isToken(name) {
		return fmt.Errorf("header %q is not of the form 'Name: value'", h)
	}
	if strings.ContainsAny(value, "\r\n\x00") {
		return fmt.Errorf("header %q contains a line break or NUL", h)
	}
	switch http.CanonicalHeaderKey(name) {
	case "Content-Length", "Transfer-Encoding":
		return fmt.Errorf("header %q: the length follows from the body and cannot be set", name)
	}
	return nil
}

func isToken(s string) bool {
	for i := range len(s) {
		if !tokenChar[s[i]] {
			return false
		}
	}
	return s != ""
}

// HTTP returns the protocol of an HTTP/1.1 target. The request is like wrk's: a
// request line, Host, the user's headers, and Content-Length where there is a body.
func HTTP(q HTTPRequest) (Protocol, error) {
	if err := q.Validate(); err != nil {
		return nil, err
	}
	method := q.Method
	if method == "" {
		method = http.MethodGet
		if len(q.Body) > 0 {
			method = http.MethodPost
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s HTTP/1.1\r\n", method, q.URL.RequestURI())
	if !has(q.Headers, "host") {
		fmt.Fprintf(&b, "Host: %s\r\n", q.URL.Host)
	}
	for _, h := range q.Headers {
		name, value, _ := strings.Cut(h, ":")
		fmt.Fprintf(&b, "%s: %s\r\n", name, strings.TrimSpace(value))
	}
	if q.Close && !has(q.Headers, "connection") {
		b.WriteString("Connection: close\r\n")
	}
	if len(q.Body) > 0 || method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch {
		b.WriteString("Content-Length: " + strconv.Itoa(len(q.Body)) + "\r\n")
	}
	b.WriteString("\r\n")
	b.Write(q.Body)
	return &httpTarget{request: []byte(b.String()), head: method == http.MethodHead}, nil
}

// has reports whether a header of the name is there.
func has(headers []string, name string) bool {
	for _, h := range headers {
		if n, _, _ := strings.Cut(h, ":"); strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

type httpTarget struct {
	request []byte
	head    bool // replies to HEAD have no body whatever their head says
}

func (t *httpTarget) Request() []byte { return t.request }

func (t *httpTarget) Readers(n int) []Reader {
	all := make([]httpReader, n)
	out := make([]Reader, n)
	memo := &headMemo{}
	for i := range all {
		all[i].memo = memo
		all[i].head = t.head
		out[i] = &all[i]
	}
	return out
}
