package daemon

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
)

// Listeners are the sockets of a server. One that is turned off is nil.
type Listeners struct {
	HTTP, Echo *net.TCPListener
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
	return l, nil
}

func listen(flag, addr string) (*net.TCPListener, error) {
	if addr == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", addr)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s %s: %w (is a server from an earlier run still up? port 0 picks a free one)", flag, addr, err)
	case err != nil:
		return nil, fmt.Errorf("%s %s: %w", flag, addr, err)
	}
	return l.(*net.TCPListener), nil
}

// Each calls f for every listener that is on.
func (l *Listeners) Each(f func(name string, l *net.TCPListener)) {
	if l.HTTP != nil {
		f("http", l.HTTP)
	}
	if l.Echo != nil {
		f("echo", l.Echo)
	}
}

// Close closes them all.
func (l *Listeners) Close() {
	l.Each(func(_ string, l *net.TCPListener) { l.Close() })
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
	l.Each(func(_ string, l *net.TCPListener) {
		f, e := l.File()
		if err = errors.Join(err, e); e == nil {
			files = append(files, f)
		}
	})
	return files, err
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
