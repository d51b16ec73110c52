package campaign

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"time"
)

// askAgain is the pause between two looks at a server that is not ready.
const askAgain = 10 * time.Millisecond

// readyCheck knows when a command serves: its ports accept connections and, where the
// target says so, a line has been seen or a path been answered.
type readyCheck struct {
	addrs []string // that accept connections
	url   string   // that is answered with 2xx; empty: not asked
	want  string   // the line, for messages; empty: none
	match func(string) bool
	once  sync.Once
	seen  chan struct{} // closed at the line
}

func newReadyCheck(t Target, s *server) (*readyCheck, error) {
	c := &readyCheck{seen: make(chan struct{})}
	if !t.NoHTTP {
		c.addrs = append(c.addrs, s.http)
	}
	if !t.NoEcho {
		c.addrs = append(c.addrs, s.echo)
	}
	r := t.Ready
	switch {
	case r.Line != "":
		c.want = fmt.Sprintf("a line with %q", r.Line)
		c.match = func(line string) bool { return strings.Contains(line, r.Line) }
	case r.Regexp != "":
		re, err := regexp.Compile(r.Regexp)
		if err != nil {
			return nil, err
		}
		c.want, c.match = fmt.Sprintf("a line that matches %q", r.Regexp), re.MatchString
	case r.HTTP != "":
		c.url = "http://" + s.http + r.HTTP
	}
	return c, nil
}

// line takes a line of the command's output.
func (c *readyCheck) line(text string) {
	if c.match != nil && c.match(text) {
		c.once.Do(func() { close(c.seen) })
	}
}

// wait returns nil when the server is ready, errEnded when it has ended, and what was
// still missing when ctx ends.
func (c *readyCheck) wait(ctx context.Context, ended <-chan struct{}) error {
	for {
		missing := c.look(ctx)
		if missing == nil {
			return nil
		}
		pause := time.NewTimer(askAgain)
		select {
		case <-ended:
			pause.Stop()
			return errEnded
		case <-ctx.Done():
			pause.Stop()
			return missing
		case <-pause.C:
		}
	}
}

// look says what is missing at the moment.
func (c *readyCheck) look(ctx context.Context) error {
	if c.match != nil {
		select {
		case <-c.seen:
		default:
			return fmt.Errorf("it did not print %s", c.want)
		}
	}
	for _, addr := range c.addrs {
		if err := accepts(ctx, addr); err != nil {
			return fmt.Errorf("nothing accepts connections at %s, its port,", addr)
		}
	}
	if c.url == "" {
		return nil
	}
	status, err := get(ctx, c.url)
	switch {
	case err != nil:
		return fmt.Errorf("%s was not answered", c.url)
	case status/100 != 2:
		return fmt.Errorf("%s was answered with %d, not 2xx,", c.url, status)
	}
	return nil
}

// accepts tries to connect.
func accepts(ctx context.Context, addr string) error {
	conn, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", addr)
	if err != nil {
		return err
	}
	return conn.Close()
}

// plainClient is for single questions: no connection is kept, no redirect followed and
// no proxy asked.
var plainClient = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true, Proxy: nil, DisableCompression: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// get asks for a URL once, for two seconds at most.
func get(ctx context.Context, url string) (status int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, err
	}
	resp, err := plainClient.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, errors.Join(resp.Body.Close())
}
