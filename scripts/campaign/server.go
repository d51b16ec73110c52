package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	// readyWithin bounds the wait for a server's ready line; they take 10 to 50 ms.
	readyWithin = 5 * time.Second
	// startAttempts is how often a server that ended before it was ready is
	// started anew, each time on other ports: something may have taken the ones chosen.
	startAttempts = 3
	// drainGrace is how long a server may take from SIGTERM to its end. Its load is
	// gone by then, so there is nothing left to drain.
	drainGrace = 2 * time.Second
)

// ready is the line a server prints on its standard output when it listens.
type ready struct {
	Ready bool   `json:"ready"`
	Model string `json:"model"`
	PID   int    `json:"pid"`
	HTTP  string `json:"http"` // host:port
	Echo  string `json:"echo"` // host:port
}

// parseReady reads one line of a server's standard output; noEcho: of one that serves
// HTTP alone. ok is false for a line that is no ready line at all; err says what is
// wrong with one that is.
func parseReady(line string, noEcho bool) (r ready, ok bool, err error) {
	if json.Unmarshal([]byte(line), &r) != nil || !r.Ready {
		return ready{}, false, nil
	}
	for _, a := range []struct{ key, addr string }{{"http", r.HTTP}, {"echo", r.Echo}} {
		if noEcho && a.key == "echo" {
			continue
		}
		_, port, err := net.SplitHostPort(a.addr)
		if err != nil || port == "" || port == "0" {
			return ready{}, true, fmt.Errorf("its ready line names no usable %s address: %q", a.key, a.addr)
		}
	}
	return r, true, nil
}

// server is a target for one block: a process, or what was up already.
type server struct {
	target  Target
	proc    *process // nil: it was up already. Of a command it is the guard
	pid     int      // whose tree is accounted; 0: nobody's
	scratch string   // folder of its own; empty: none
	ports   ports
	http    string        // host:port
	echo    string        // host:port
	toReady time.Duration // from just before the start to the ready line
	stopped bool          // by us
	mourned bool          // its end by itself has been reported
}

// startServer starts a target and waits until it listens, no longer than within. It tries again when the
// process ends before it is ready; a process that neither gets ready nor ends is
// not tried again, as the next would cost as much time. Nothing is left running
// when it fails.
func startServer(ctx context.Context, l *launcher, bin string, t Target, within time.Duration) (*server, error) {
	if !t.owned() {
		return findUp(ctx, t)
	}
	var errs []error
	for range startAttempts {
		s, err := tryServer(ctx, l, bin, t, within)
		if err == nil {
			return s, nil
		}
		if len(errs) == 0 || errs[len(errs)-1].Error() != err.Error() {
			errs = append(errs, err)
		}
		if !errors.Is(err, errEnded) {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// errEnded marks a server that ended before it was ready.
var errEnded = errors.New("it ended before it was ready")

func tryServer(ctx context.Context, l *launcher, bin string, t Target, within time.Duration) (*server, error) {
	if len(t.Command) > 0 {
		return startCommand(ctx, l, bin, t)
	}
	ports, err := reservePorts()
	if err != nil {
		return nil, err
	}
	args := []string{"--http", ports.http()}
	if !t.NoEcho {
		args = append(args, "--echo", ports.echo(), "--admin", "") // nobody looks
	}
	args = append(args, t.Args...)
	first := newReadyLine(t.NoEcho)
	begin := time.Now()
	proc, err := l.start(child{name: t.Name, path: filepath.Join(bin, t.executable()), args: args, stdout: first.line})
	if err != nil {
		ports.release()
		return nil, err
	}
	s := &server{target: t, proc: proc, pid: proc.pid, ports: ports}
	fail := func(format string, args ...any) (*server, error) {
		err := fmt.Errorf(format, args...)
		if _, stopErr := s.stop(ctx); stopErr != nil {
			err = errors.Join(err, stopErr)
		}
		return nil, err
	}
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-first.seen:
	case <-proc.done:
		// The line may have come with the end; then the end is what matters.
		return fail("start %s: %w: %s", t.Name, errEnded, proc.diagnosis())
	case <-timer.C:
		return fail("start %s: no ready line within %v%s; on stderr: %s", t.Name, within, first.other(), orNothing(proc.stderr.String()))
	case <-ctx.Done():
		return fail("start %s: %w", t.Name, context.Cause(ctx))
	}
	r, at, err := first.get()
	if err != nil {
		return fail("start %s: %w", t.Name, err)
	}
	s.http, s.echo, s.toReady = r.HTTP, r.Echo, at.Sub(begin)
	return s, nil
}

// stop ends the server and gives its ports back. See process.stop.
func (s *server) stop(ctx context.Context) (killed bool, err error) {
	if s.proc != nil {
		killed, err = s.proc.stop(ctx, syscall.SIGTERM, drainGrace)
	}
	s.ports.release()
	if s.scratch != "" {
		err = errors.Join(err, os.RemoveAll(s.scratch))
	}
	return killed, err
}

// kill ends the server and its whole tree without asking, whatever state they are in, and gives its ports back. Nobody is to stop it after that.
func (s *server) kill(ctx context.Context) error {
	s.stopped = true
	var err error
	if s.proc != nil {
		_, err = s.proc.stop(ctx, os.Kill, 0)
	}
	s.ports.release()
	if s.scratch != "" {
		err = errors.Join(err, os.RemoveAll(s.scratch))
	}
	return err
}

// exited tells whether the server does not run any more.
func (s *server) exited() bool {
	switch {
	case s.proc == nil && s.pid != 0:
		return !alive(s.pid)
	case s.proc == nil:
		return accepts(context.Background(), s.http) != nil
	case s.pid != s.proc.pid && s.pid != 0 && !alive(s.pid):
		<-s.proc.done // a guard ends with its command
		return true
	}
	return s.proc.exited()
}

// diagnosis says how it ended.
func (s *server) diagnosis() string {
	if s.proc == nil {
		return "it was not started here"
	}
	return s.proc.diagnosis()
}

// readyLine waits for the ready line among what a server prints.
type readyLine struct {
	seen   chan struct{} // closed at the ready line
	noEcho bool          // see parseReady

	mu    sync.Mutex
	found bool
	ready ready
	err   error
	at    time.Time
	noise string // first line that was not the ready line
}

func newReadyLine(noEcho bool) *readyLine {
	return &readyLine{seen: make(chan struct{}), noEcho: noEcho}
}

// line takes one line of standard output. Whatever follows the ready line is dropped.
func (w *readyLine) line(text string) {
	now := time.Now()
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.found {
		return
	}
	r, ok, err := parseReady(text, w.noEcho)
	if !ok {
		if w.noise == "" {
			w.noise = text
		}
		return
	}
	w.found, w.ready, w.err, w.at = true, r, err, now
	close(w.seen)
}

func (w *readyLine) get() (ready, time.Time, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ready, w.at, w.err
}

// other tells what came instead of a ready line, as a part of an error message.
func (w *readyLine) other() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.noise == "" {
		return ""
	}
	return fmt.Sprintf(", but %q", w.noise)
}

func orNothing(s string) string {
	if strings.TrimSpace(s) == "" {
		return "nothing"
	}
	return s
}
