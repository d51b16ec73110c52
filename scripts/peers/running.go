package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	readyWithin = 10 * time.Second
	startTries  = 3 // something may have taken the ports that were chosen
)

// running is a server that accepts connections.
type running struct {
	server
	proc *process
	addr map[string]netip.AddrPort // by what it serves: "http", "echo"
}

// errEnded marks a server that ended before it accepted, or while it was measured.
var errEnded = errors.New("it ended by itself")

// up starts a server and waits until it accepts. It tries again when it ends before
// that, on other ports.
func (b *bench) up(ctx context.Context, s server) (*running, error) {
	for try := 1; ; try++ {
		r, err := b.tryUp(ctx, s)
		if err == nil || !errors.Is(err, errEnded) || try == startTries {
			return r, err
		}
	}
}

func (b *bench) tryUp(ctx context.Context, s server) (*running, error) {
	r := &running{server: s, addr: map[string]netip.AddrPort{}}
	var pairs []string
	for _, what := range []string{"http", "echo"} {
		addr, err := freeAddr()
		if err != nil {
			return nil, err
		}
		r.addr[what] = addr
		pairs = append(pairs, "{"+what+"}", addr.String(), "{"+what+"-port}", strconv.Itoa(int(addr.Port())))
	}
	dir, err := b.folder(s, strings.NewReplacer(pairs...).Replace)
	if err != nil {
		return nil, err
	}
	fill := strings.NewReplacer(append(pairs, "{dir}", dir)...)
	args := make([]string, len(s.args))
	for i, arg := range s.args {
		args[i] = fill.Replace(arg)
	}
	path := "PATH=" + b.dir + string(os.PathListSeparator) + os.Getenv("PATH")
	if r.proc, err = b.launch.start(s.name, args, []string{path}, b.ServerCPU); err != nil {
		return nil, err
	}
	for _, on := range []struct {
		serves bool
		what   string
	}{{s.http, "http"}, {s.echo, "echo"}} {
		if !on.serves {
			continue
		}
		if err := r.await(ctx, r.addr[on.what]); err != nil {
			return nil, fmt.Errorf("start %s for %s at %s: %w", s.name, on.what, r.addr[on.what], err)
		}
	}
	return r, nil
}

// await returns once the server accepts a connection at addr.
func (r *running) await(ctx context.Context, addr netip.AddrPort) error {
	const pause = 5 * time.Millisecond
	for begin := time.Now(); ; {
		conn, err := net.DialTimeout("tcp4", addr.String(), time.Second)
		if err == nil {
			conn.Close()
		}
		select {
		case <-r.proc.done:
			return fmt.Errorf("%w: %s", errEnded, r.proc.diagnosis())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		switch {
		case err == nil:
			return nil
		case time.Since(begin) > readyWithin:
			return fmt.Errorf("nothing accepts there after %v: %s", readyWithin, r.proc.diagnosis())
		}
	}
}

// alive is nil as long as the server runs.
func (r *running) alive() error {
	if !r.proc.ended() {
		return nil
	}
	return fmt.Errorf("%s under load: %w: %s", r.name, errEnded, r.proc.diagnosis())
}

// freeAddr picks a port at random from below the kernel's range for outgoing connections
// (from 32768), where a client's own port can be in the way of a server's.
func freeAddr() (netip.AddrPort, error) {
	const from, until, tries = 20000, 32768, 1000
	var last error
	for range tries {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(from+rand.IntN(until-from)))
		probe, err := net.Listen("tcp4", addr.String())
		if err != nil {
			last = err
			continue
		}
		return addr, probe.Close()
	}
	return netip.AddrPort{}, fmt.Errorf("find a free port from %d to %d in %d tries: %w", from, until-1, tries, last)
}
