package engine

import (
	"errors"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// A source is an address that connections are made from.
type source struct {
	addr     netip.Addr
	sockaddr unix.Sockaddr // port 0; of one thread, as package unix writes into it
}

// sourcesFor returns the sources of a plan that are of the target's family.
func (p *Plan) sourcesFor(t *Target) []source {
	var out []source
	for _, addr := range p.Sources {
		if addr.Is4() == t.Addr.Addr().Is4() {
			out = append(out, source{addr, sockaddr(netip.AddrPortFrom(addr, 0))})
		}
	}
	return out
}

// bind binds fd to the source. The port is left to be chosen by connect, which knows the
// peer: chosen now it would have to be free for every peer.
func (s *source) bind(fd int) error {
	err := unix.SetsockoptInt(fd, unix.SOL_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1)
	if err == nil {
		err = unix.Bind(fd, s.sockaddr)
	}
	if err != nil {
		return &bindError{s.addr, err}
	}
	return nil
}

// A bindError is not that of a connect that finds no port, which has the same number.
type bindError struct {
	addr netip.Addr
	err  error
}

func (e *bindError) Error() string {
	return fmt.Sprintf("bind to %s: %v: --source takes addresses of this machine", e.addr, e.err)
}

func (e *bindError) Unwrap() error { return e.err }

// checkSources tries each source, so that one which is not ours is known before load
// begins.
func (p *Plan) checkSources() error {
	for i := range p.Targets {
		for _, s := range p.sourcesFor(&p.Targets[i]) {
			fd, err := unix.Socket(family(s.addr), unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
			if err != nil {
				return fmt.Errorf("make a socket: %w", err)
			}
			err = s.bind(fd)
			unix.Close(fd)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// explain adds to an error of connecting what a user can do about it, or else otherwise.
func explain(err error, otherwise string) error {
	hint := otherwise
	bind := (*bindError)(nil)
	switch {
	case errors.As(err, &bind):
		hint = "" // it says so itself
	case errors.Is(err, unix.EADDRNOTAVAIL):
		hint = "no local port is left: connect from more addresses, such as --source 127.0.0.2-127.0.0.40"
	case errors.Is(err, unix.EMFILE), errors.Is(err, unix.ENFILE):
		hint = "no descriptor is left: see ulimit -n"
	case errors.Is(err, unix.ECONNREFUSED):
		hint = "is the server up?"
	case errors.Is(err, unix.EHOSTUNREACH), errors.Is(err, unix.ENETUNREACH):
		hint = "is the address right?"
	}
	if hint == "" {
		return err
	}
	return fmt.Errorf("%w: %s", err, hint)
}

func family(addr netip.Addr) int {
	if addr.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

func sockaddr(a netip.AddrPort) unix.Sockaddr {
	if a.Addr().Is4() {
		return &unix.SockaddrInet4{Port: int(a.Port()), Addr: a.Addr().As4()}
	}
	return &unix.SockaddrInet6{Port: int(a.Port()), Addr: a.Addr().As16()}
}
