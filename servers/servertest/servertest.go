// Package servertest is one black-box suite over TCP, run against every model
// with real processes. What it asks of a server is what the session does when it
// is driven by hand: a model may add nothing, lose nothing and change no byte.
//
// A model's test file is three lines: its TestMain calls Main with the model's
// main function, and a test calls Run. The server processes are the test binary
// itself, so they carry the race detector when the test does.
package servertest

import (
	"bufio"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// serveEnv makes the test binary be the server.
const serveEnv = "MODELBENCH_SERVERTEST_SERVE"

// descriptorsEnv limits how many descriptors each process of the server may have.
const descriptorsEnv = "MODELBENCH_SERVERTEST_DESCRIPTORS"

// serverEnv is the environment in which the test binary is a server. Under the
// race detector each process would end a second late without the last setting.
func serverEnv() []string {
	return append(os.Environ(), serveEnv+"=1", "GORACE=atexit_sleep_ms=0")
}

// Main is for TestMain: it runs the tests, or the server when this process was
// started to be one. It does not return.
func Main(m *testing.M, server func()) {
	if os.Getenv(serveEnv) != "" {
		if n, err := strconv.ParseUint(os.Getenv(descriptorsEnv), 10, 64); err == nil {
			if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: n, Max: n}); err != nil {
				fmt.Fprintln(os.Stderr, err)
				os.Exit(1)
			}
		}
		server()
		os.Exit(0)
	}
	if signal.Ignored(syscall.SIGHUP) {
		// The tests run under nohup. Servers would inherit that and keep to it, so have
		// the signal caught here: what is caught is not inherited.
		signal.Notify(make(chan os.Signal, 1), syscall.SIGHUP)
	}
	sideBySide()
	os.Exit(m.Run())
}

// atOnce is how many tests run side by side unless -parallel says otherwise: most of
// them wait, for a timeout or a pause of the server, so two cores are enough for more
// than two.
const atOnce = "8"

// sideBySide sets -parallel, if it was not given.
func sideBySide() {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "test.parallel" })
	if !given {
		flag.Set("test.parallel", atOnce)
	}
}

// A Server is a running server process.
type Server struct {
	Model      string // as the server calls itself
	HTTP, Echo string // addresses
	Admin      string // address
	PID        int

	t      testing.TB
	cmd    *exec.Cmd
	log    *lockedBuffer
	exited chan struct{}
}

// Cmd is the server as a command that has not been started, with these flags and no
// others. The program is os.Args[0], or a copy of it. What has the form NAME=value,
// without a dash, goes to its environment.
func Cmd(program string, flags ...string) *exec.Cmd {
	cmd := exec.Command(program)
	cmd.Env = serverEnv()
	for _, f := range flags {
		if name, _, ok := strings.Cut(f, "="); ok && !strings.HasPrefix(name, "-") {
			cmd.Env = append(cmd.Env, f)
		} else {
			cmd.Args = append(cmd.Args, f)
		}
	}
	return cmd
}

// Start starts the server with free ports and the given flags (see Cmd), waits until
// it is ready, and sees to it that it is gone when the test ends.
func Start(t testing.TB, flags ...string) *Server {
	t.Helper()
	return StartProgram(t, os.Args[0], flags...)
}

// StartProgram is Start for a copy of the program.
func StartProgram(t testing.TB, program string, flags ...string) *Server {
	t.Helper()
	s := &Server{t: t, log: &lockedBuffer{}, exited: make(chan struct{})}
	s.cmd = Cmd(program, append([]string{"--http=127.0.0.1:0", "--echo=127.0.0.1:0", "--admin=127.0.0.1:0"}, flags...)...)
	s.cmd.Stderr = s.log
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	line, readErr := lines.ReadBytes('\n')
	go func() {
		io.Copy(io.Discard, lines)
		s.cmd.Wait()
		close(s.exited)
	}()
	t.Cleanup(func() {
		s.Kill()
		if t.Failed() {
			t.Logf("log of the server:\n%s", s.log)
		}
	})
	var ready struct {
		Ready bool
		Model string
		PID   int
		HTTP  string
		Echo  string
		Admin string
	}
	if err := json.Unmarshal(line, &ready); err != nil || !ready.Ready || ready.PID != s.cmd.Process.Pid {
		t.Fatalf("ready line %q of process %d: %v (read: %v)", line, s.cmd.Process.Pid, err, readErr)
	}
	s.Model, s.HTTP, s.Echo, s.Admin, s.PID = ready.Model, ready.HTTP, ready.Echo, ready.Admin, ready.PID
	return s
}

// Signal sends a signal to the server process.
func (s *Server) Signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("signal %v: %v", sig, err)
	}
}

// Wait waits until the server has ended and returns its exit code. A server that
// does not end fails the test.
func (s *Server) Wait() int {
	s.t.Helper()
	select {
	case <-s.exited:
	case <-time.After(limit):
		s.t.Fatal("the server does not end")
	}
	return s.cmd.ProcessState.ExitCode()
}

// Kill ends the server, if it still runs, and waits for it.
func (s *Server) Kill() {
	s.cmd.Process.Kill()
	<-s.exited
}

// Log is what the server has written to standard error.
func (s *Server) Log() string { return s.log.String() }

// A lockedBuffer may be read while a process writes to it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// limit is how long any single exchange may take before the test gives up. It
// only decides how soon a hang is reported. It is less than the servers' idle timeout,
// which must not end what hangs.
const limit = 45 * time.Second

// Dial connects to addr; the connection is closed when the test ends.
func Dial(t testing.TB, addr string) *net.TCPConn {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(limit))
	return c.(*net.TCPConn)
}

// send writes b, or fails the test.
func send(t testing.TB, c net.Conn, b string) {
	t.Helper()
	if _, err := io.WriteString(c, b); err != nil {
		t.Fatalf("send: %v", err)
	}
}

// receive reads n bytes, or fails the test.
func receive(t testing.TB, c net.Conn, n int) string {
	t.Helper()
	b := make([]byte, n)
	if m, err := io.ReadFull(c, b); err != nil {
		t.Fatalf("received %q, then: %v", b[:m], err)
	}
	return string(b)
}

// receiveAll reads until the server closes. A reset is an error.
func receiveAll(t testing.TB, c net.Conn) string {
	t.Helper()
	b, err := io.ReadAll(c)
	if err != nil {
		t.Fatalf("received %q, then: %v", b, err)
	}
	return string(b)
}

// get is a GET request for target.
func get(target string) string { return fmt.Sprintf("GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target) }
