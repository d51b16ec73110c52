package rig

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	readyWithin = 10 * time.Second
	startTries  = 3 // something may have taken the ports that were chosen
)

// A Server is a command that can be started, any number of times. In its arguments and
// files {http}, {echo} and {admin} stand for the addresses that it is to listen at, {http-port}
// and so on for their ports alone, {dir} for an empty folder of its own.
type Server struct {
	Name  string
	Args  []string
	Files map[string]string // to be written to {dir}, by name
	HTTP  bool              // it serves HTTP
	Echo  bool              // it serves TCP echo
}

// Running is a server that accepts connections.
type Running struct {
	Server
	Proc *Process
	Addr map[string]netip.AddrPort // by what it serves: "http", "echo", "admin"
}

// ErrEnded marks a server that ended before it accepted, or while it was measured.
var ErrEnded = errors.New("it ended by itself")

// Up starts a server on a core and waits until it accepts. It tries again when it ends before
// that, on other ports.
func (l *Launcher) Up(ctx context.Context, s Server, cpu int) (*Running, error) {
	for try := 1; ; try++ {
		r, err := l.tryUp(ctx, s, cpu)
		if err == nil || !errors.Is(err, ErrEnded) || try == startTries {
			return r, err
		}
	}
}

func (l *Launcher) tryUp(ctx context.Context, s Server, cpu int) (*Running, error) {
	r := &Running{Server: s, Addr: map[string]netip.AddrPort{}}
	var pairs []string
	for _, what := range []string{"http", "echo", "admin"} {
		addr, err := l.freeAddr()
		if err != nil {
			return nil, err
		}
		r.Addr[what] = addr
		pairs = append(pairs, "{"+what+"}", addr.String(), "{"+what+"-port}", strconv.Itoa(int(addr.Port())))
	}
	dir, err := l.makeFolder(s, strings.NewReplacer(pairs...).Replace)
	if err != nil {
		return nil, err
	}
	fill := strings.NewReplacer(append(pairs, "{dir}", dir)...)
	args := make([]string, len(s.Args))
	for i, arg := range s.Args {
		args[i] = fill.Replace(arg)
	}
	if r.Proc, err = l.Start(Command{Name: s.Name, Args: args, CPU: cpu}); err != nil {
		return nil, err
	}
	for _, on := range []struct {
		serves bool
		what   string
	}{{s.HTTP, "http"}, {s.Echo, "echo"}} {
		if !on.serves {
			continue
		}
		if err := l.await(ctx, r, r.Addr[on.what]); err != nil {
			return nil, fmt.Errorf("start %s for %s at %s: %w", s.Name, on.what, r.Addr[on.what], err)
		}
	}
	return r, nil
}

// makeFolder makes an empty folder for a server and fills it with its files.
func (l *Launcher) makeFolder(s Server, fill func(string) string) (string, error) {
	l.count++
	dir := filepath.Join(l.folder, fmt.Sprintf("%d-%s", l.count, s.Name))
	if err := os.Mkdir(dir, 0o755); err != nil {
		return "", fmt.Errorf("make a folder for %s: %w", s.Name, err)
	}
	for name, text := range s.Files {
		text = strings.ReplaceAll(text, "{dir}", dir)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(fill(text)), 0o644); err != nil {
			return "", fmt.Errorf("write %s of %s: %w", name, s.Name, err)
		}
	}
	return dir, nil
}

// await returns once the server accepts a connection at addr.
func (l *Launcher) await(ctx context.Context, r *Running, addr netip.AddrPort) error {
	const pause = 5 * time.Millisecond
	for begin := time.Now(); ; {
		err := l.Do(func() error { // there, since the network may be another for the children
			conn, err := net.DialTimeout("tcp4", addr.String(), time.Second)
			if err == nil {
				conn.Close()
			}
			return err
		})
		select {
		case <-r.Proc.done:
			return fmt.Errorf("%w: %s", ErrEnded, r.Proc.Diagnosis())
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
		switch {
		case err == nil:
			return nil
		case time.Since(begin) > readyWithin:
			return fmt.Errorf("nothing accepts there after %v: %s", readyWithin, r.Proc.Diagnosis())
		}
	}
}

// Alive is nil as long as the server runs.
func (r *Running) Alive() error {
	if !r.Proc.Ended() {
		return nil
	}
	return fmt.Errorf("%s under load: %w: %s", r.Name, ErrEnded, r.Proc.Diagnosis())
}

// freeAddr picks a port at random from below the kernel's range for outgoing connections
// (from 32768), where a client's own port can be in the way of a server's.
func (l *Launcher) freeAddr() (netip.AddrPort, error) {
	const from, until, tries = 20000, 32768, 1000
	var last error
	for range tries {
		addr := netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(from+rand.IntN(until-from)))
		if last = l.Do(func() error { return probe(addr) }); last == nil {
			return addr, nil
		}
	}
	return netip.AddrPort{}, fmt.Errorf("find a free port from %d to %d in %d tries: %w", from, until-1, tries, last)
}

func probe(addr netip.AddrPort) error {
	listener, err := net.Listen("tcp4", addr.String())
	if err != nil {
		return err
	}
	return listener.Close()
}
