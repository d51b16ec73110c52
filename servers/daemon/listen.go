package daemon

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// Listeners are the sockets of a server. One that is turned off is nil.
type Listeners struct {
	HTTP, Echo *net.TCPListener
	Admin      *net.TCPListener // outlives the others: a server is looked at until its drain is over
}

// Listen opens the addresses of the flags. Nothing stays open when it fails.
func Listen(f *Flags) (Listeners, error) {
	var l Listeners
	var err error
	if l.HTTP, err = listen("--http", f.HTTP); err != nil {
		return l, err
	}
	if l.Echo, err = listen("--echo", f.Echo); err != nil {
		l.Close()
		return l, err
	}
	if l.Admin, err = listen("--admin", f.Admin); err != nil {
		l.Close()
		return l, err
	}
	return l, nil
}

// config leaves keepalive probes to Host, which sets them on connections of
// inherited listeners too. It asks for plain TCP: Go's default is Multipath TCP,
// whose sockets have no packet filter (see TurnAway).
var config = func() (c net.ListenConfig) {
	c.KeepAlive = -1
	c.SetMultipathTCP(false)
	return c
}()

func listen(flag, addr string) (*net.TCPListener, error) {
	if addr == "" {
		return nil, nil
	}
	l, err := config.Listen(context.Background(), "tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: %w (is a server from an earlier run still up? port 0 picks a free one)", flag, addr, err)
	case err != nil:
		return nil, fmt.Errorf("%s %s: %w", flag, addr, err)
	}
	return l.(*net.TCPListener), nil
}

// ListenEach opens the addresses of the flags n times over, with SO_REUSEPORT: the
// kernel gives each new connection to one of the n by a hash of its addresses.
// Nothing stays open when it fails, which it does also when another program
// listens there with SO_REUSEPORT (and would silently share what comes).
//
// The first listens as if it were to be the only one, and opens itself to others
// when it has the address. So of two copies of a server that are started at once,
// one is refused.
func ListenEach(f *Flags, n int) ([]Listeners, error) {
	first, err := Listen(f) // refused if anyone listens there; port 0 becomes a port
	if err != nil {
		return nil, err
	}
	all := []Listeners{first}
	first.Each(func(name string, l *net.TCPListener) { err = errors.Join(err, open(name, l)) })
	for len(all) < n && err == nil {
		var l Listeners
		if l.HTTP, err = listenShared("--http", first.HTTP); err == nil {
			l.Echo, err = listenShared("--echo", first.Echo)
		}
		all = append(all, l)
	}
	if err != nil {
		for _, l := range all {
			l.Close()
		}
		return nil, err
	}
	return all, nil
}

// open lets other sockets of this user listen where l does.
func open(name string, l *net.TCPListener) error {
	raw, err := l.SyscallConn()
	if err == nil {
		err = reusePort("", "", raw)
	}
	if err != nil {
		return fmt.Errorf("--%s %s: share the address: %w", name, Addr(l), err)
	}
	return nil
}

func listenShared(flag string, beside *net.TCPListener) (*net.TCPListener, error) {
	if beside == nil {
		return nil, nil
	}
	shared := config
	shared.Control = reusePort
	l, err := shared.Listen(context.Background(), "tcp", Addr(beside))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", flag, Addr(beside), err)
	}
	return l.(*net.TCPListener), nil
}

func reusePort(_, _ string, c syscall.RawConn) error {
	var refused error
	err := c.Control(func(fd uintptr) {
		refused = unix.SetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_REUSEPORT, 1)
	})
	return errors.Join(err, refused)
}

// Each calls f for every listener that is on and that clients come to: not Admin.
func (l *Listeners) Each(f func(name string, l *net.TCPListener)) {
	if l.HTTP != nil {
		f("http", l.HTTP)
	}
	if l.Echo != nil {
		f("echo", l.Echo)
	}
}

// Shut closes those that clients come to.
func (l *Listeners) Shut() {
	l.Each(func(_ string, l *net.TCPListener) { l.Close() })
}

// Close closes them all.
func (l *Listeners) Close() {
	l.Shut()
	if l.Admin != nil {
		l.Admin.Close()
	}
}

// Addr is where a listener listens, "" for one that is off.
func Addr(l *net.TCPListener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// Files duplicates the listeners for a child process; Inherit is the other end.
// The caller closes the files.
func (l *Listeners) Files() (files []*os.File, err error) {
	l.Each(func(name string, l *net.TCPListener) {
		f, e := duplicate(l)
		if err = errors.Join(err, e); e == nil {
			files = append(files, f)
		}
	})
	return files, err
}

// duplicate does what l.File does, but for one thing: the Fd method of its file
// does not put the socket into blocking mode. That mode belongs to the socket
// and not to the descriptor, so when os/exec calls Fd to pass a listener to a
// child, every other process that has the listener would block in its next
// accept, deaf to deadlines.
func duplicate(l *net.TCPListener) (*os.File, error) {
	raw, err := l.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("duplicate listener: %w", err)
	}
	fd := -1
	if e := raw.Control(func(s uintptr) { fd, err = unix.FcntlInt(s, unix.F_DUPFD_CLOEXEC, 0) }); e != nil {
		err = e
	}
	if err != nil {
		return nil, fmt.Errorf("duplicate listener: %w", err)
	}
	return os.NewFile(uintptr(fd), l.Addr().String()), nil
}

// Inherit makes listeners of the files that a parent passed on; the flags say
// which they are. It closes the files.
func Inherit(f *Flags, files []*os.File) (Listeners, error) {
	var l Listeners
	for _, on := range []struct {
		addr string
		to   **net.TCPListener
	}{{f.HTTP, &l.HTTP}, {f.Echo, &l.Echo}} {
		if on.addr == "" {
			continue
		}
		if len(files) == 0 {
			return l, errors.New("inherit listeners: there are fewer files than addresses")
		}
		got, err := net.FileListener(files[0])
		files[0].Close()
		files = files[1:]
		if err != nil {
			return l, fmt.Errorf("inherit listeners: %w", err)
		}
		*on.to = got.(*net.TCPListener)
	}
	return l, nil
}
