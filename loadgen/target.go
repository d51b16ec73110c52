package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
	"unicode"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/wire"
)

// defaultPayload is the size of an echo request in bytes unless --payload is given.
const defaultPayload = 64

// A target is a URL of the command line and all that follows from it.
type target struct {
	name    string
	url     *url.URL
	payload int // bytes of an echo; 0 for HTTP
	engine  engine.Target
}

// newTargets reads the URLs, resolves their hosts and builds what each is sent.
func newTargets(ctx context.Context, f *flags) ([]target, error) {
	var targets []target
	taken := make(map[string]bool)
	schemes := make(map[string]bool)
	for _, arg := range f.URLs {
		t, err := newTarget(arg)
		if err != nil {
			return nil, usageError{fmt.Errorf("url %q: %w", arg, err)}
		}
		if taken[t.name] {
			return nil, usageError{fmt.Errorf("url %q: another target is called %s; write name=URL", arg, t.name)}
		}
		taken[t.name], schemes[t.url.Scheme] = true, true
		targets = append(targets, t)
	}
	if err := f.checkSchemes(schemes); err != nil {
		return nil, err
	}
	for i := range targets {
		if err := targets[i].build(ctx, f); err != nil {
			return nil, err
		}
	}
	return targets, nil
}

// checkSchemes refuses flags that no target would heed.
func (f *flags) checkSchemes(schemes map[string]bool) error {
	for _, c := range []struct {
		flag, scheme string
		given        bool
	}{
		{"method", "http", f.Method != ""}, {"header", "http", len(f.Header) > 0}, {"body", "http", f.Body != ""}, {"payload", "tcp", f.Payload != 0},
	} {
		if c.given && !schemes[c.scheme] {
			return usageError{fmt.Errorf("--%s: no target is a %s:// URL", c.flag, c.scheme)}
		}
	}
	return nil
}

// newTarget reads "[name=]URL". The name is what precedes the first "=", if that comes
// before any path; without one it is host:port.
func newTarget(arg string) (target, error) {
	name, raw := "", arg
	if before, after, found := strings.Cut(arg, "="); found && !strings.ContainsAny(before, "/?#") {
		if before == "" {
			return target{}, fmt.Errorf("empty name")
		}
		if strings.ContainsFunc(before, unicode.IsControl) {
			return target{}, fmt.Errorf("the name holds a control character")
		}
		name, raw = before, after
	}
	u, err := parseURL(raw)
	if err != nil {
		return target{}, err
	}
	switch {
	case u.Scheme == "https":
		return target{}, fmt.Errorf("https is not spoken here: load the server's plain HTTP port")
	case u.Scheme != "http" && u.Scheme != "tcp":
		return target{}, fmt.Errorf("want http://host:port/path or tcp://host:port")
	case u.Hostname() == "":
		return target{}, fmt.Errorf("no host")
	case u.User != nil:
		return target{}, fmt.Errorf("credentials in a URL are not sent; use --header")
	case u.Scheme == "tcp" && u.Port() == "":
		return target{}, fmt.Errorf("no port")
	case u.Scheme == "tcp" && (u.Path != "" || u.RawQuery != ""):
		return target{}, fmt.Errorf("an echo server has no path")
	}
	if name == "" {
		name = u.Host
	}
	return target{name: name, url: u}, nil
}

// parseURL reads a URL that may lack its scheme, which is then http, and then its host
// too, which is then this machine: localhost:8080, :8080/x.
func parseURL(raw string) (*url.URL, error) {
	if number, rest := leading(raw); number != "" {
		if rest == "" {
			return nil, fmt.Errorf("did you mean :%s/? (--pid takes one process; its descendants are included)", number)
		}
		return nil, fmt.Errorf("did you mean :%s%s?", number, rest)
	}
	if end := strings.IndexAny(raw, "/?#"); end < 0 || !strings.HasPrefix(raw[max(end-1, 0):], "://") {
		switch host, _, _ := strings.Cut(raw[:max(end, 0)], ":"); {
		case host == "http", host == "https", host == "tcp":
			return nil, fmt.Errorf("%s is not followed by ://", host)
		case strings.HasPrefix(raw, ":"):
			raw = "127.0.0.1" + raw
		}
		raw = "http://" + raw
	}
	u, err := url.Parse(raw)
	if bad := (*url.Error)(nil); errors.As(err, &bad) {
		return nil, bad.Err // the URL itself is named by whoever calls
	}
	return u, err
}

// leading returns the number that stands in the place of a host, and what follows it; no
// number if there is a host.
func leading(raw string) (number, rest string) {
	rest = strings.TrimLeft(raw, "0123456789")
	if rest == "" || strings.ContainsAny(rest[:1], "/?#") {
		return raw[:len(raw)-len(rest)], rest
	}
	return "", raw
}

// build resolves the host and makes the request.
func (t *target) build(ctx context.Context, f *flags) error {
	var protocol wire.Protocol
	var err error
	if t.url.Scheme == "tcp" {
		t.payload = f.Payload
		if t.payload == 0 {
			t.payload = defaultPayload
		}
		if protocol, err = wire.Echo(t.payload); err != nil {
			return usageError{fmt.Errorf("--payload: %w", err)}
		}
	} else if protocol, err = f.http(t.url); err != nil {
		return err
	}
	addr, err := resolve(ctx, t.url)
	if err != nil {
		return err
	}
	t.engine = engine.Target{Name: t.name, Addr: addr, Protocol: protocol}
	return nil
}

func (f *flags) http(u *url.URL) (wire.Protocol, error) {
	if err := (&wire.HTTPRequest{Method: f.Method}).Validate(); err != nil {
		return nil, usageError{fmt.Errorf("--method: %w", err)}
	}
	if err := (&wire.HTTPRequest{Headers: f.Header}).Validate(); err != nil {
		return nil, usageError{fmt.Errorf("--header: %w", err)}
	}
	body := []byte(f.Body)
	if file, isFile := strings.CutPrefix(f.Body, "@"); isFile {
		var err error
		if body, err = readBody(file); err != nil {
			return nil, usageError{fmt.Errorf("--body: %w", err)}
		}
	}
	return wire.HTTP(wire.HTTPRequest{Method: f.Method, URL: u, Headers: f.Header, Body: body, Close: f.NoKeepalive})
}

// maxBody is the largest request body in bytes: it is in memory, beside what the load needs.
const maxBody = 64 << 20

// readBody reads a file, which may be a pipe.
func readBody(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	body, err := io.ReadAll(io.LimitReader(f, maxBody+1))
	if err == nil && len(body) > maxBody {
		err = fmt.Errorf("%s holds more than %d MiB, which is the limit", path, maxBody>>20)
	}
	return body, err
}

// resolveTimeout bounds the look-up of a host.
const resolveTimeout = 5 * time.Second

// resolve returns the address of u's host, an IPv4 one if there is any: that is where
// servers on the same machine mostly listen.
func resolve(ctx context.Context, u *url.URL) (netip.AddrPort, error) {
	port := uint64(80)
	if u.Port() != "" {
		var err error
		if port, err = strconv.ParseUint(u.Port(), 10, 16); err != nil || port == 0 {
			return netip.AddrPort{}, usageError{fmt.Errorf("url %q: port %s does not exist", u, u.Port())}
		}
	}
	ctx, cancel := context.WithTimeout(ctx, resolveTimeout)
	defer cancel()
	addrs, err := net.DefaultResolver.LookupNetIP(ctx, "ip", u.Hostname())
	if err != nil || len(addrs) == 0 {
		return netip.AddrPort{}, fmt.Errorf("look up the host of %s: %w", u, err)
	}
	best := addrs[0].Unmap()
	for _, a := range addrs {
		if a = a.Unmap(); a.Is4() {
			best = a
			break
		}
	}
	return netip.AddrPortFrom(best, uint16(port)), nil
}
