package python

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// patience is for what must come, on however slow a machine.
const patience = 45 * time.Second

// server is one of the three, in a process group of its own.
type server struct {
	t    testing.TB
	cmd  *exec.Cmd
	HTTP string
	Echo string
	PID  int
	end  error           // once gone is closed
	gone chan struct{}   // the process that was started has ended
	said strings.Builder // to standard error; to be read once it is gone
}

// start starts a server, with its flags, and waits until it is ready. When the test ends it is asked to stop, and no process of it
// may be left.
func start(t testing.TB, args ...string) *server {
	t.Helper()
	s := &server{t: t, cmd: exec.Command(python(t), args...), gone: make(chan struct{})}
	s.cmd.Stderr = &s.said
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.stop)
	line, err := bufio.NewReader(out).ReadString('\n')
	go func() {
		io.Copy(io.Discard, out)
		s.end = s.cmd.Wait()
		close(s.gone)
	}()
	var ready struct {
		Ready      bool
		Model      string
		PID        int
		HTTP, Echo string
	}
	if err == nil {
		err = json.Unmarshal([]byte(line), &ready)
	}
	if err != nil || !ready.Ready || ready.PID != s.cmd.Process.Pid {
		t.Fatalf("%v: said %q: %v", args, line, err)
	}
	s.HTTP, s.Echo, s.PID = ready.HTTP, ready.Echo, ready.PID
	return s
}

// stop has the server stop and sees to it that nothing of it is left.
func (s *server) stop() {
	s.cmd.Process.Signal(syscall.SIGCONT) // one that was stopped by a fault must hear
	s.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-s.gone:
	case <-time.After(patience):
		s.t.Error("SIGTERM does not end it")
	}
	if !eventually(func() bool { return !s.left() }) {
		s.t.Error("it has left processes behind")
	}
	syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
	if s.t.Failed() {
		<-s.gone
		s.t.Logf("it said: %s", &s.said)
	}
}

// left reports whether a process of the server's group is alive.
func (s *server) left() bool {
	stats, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		s.t.Fatal(err)
	}
	for _, name := range stats {
		text, _ := os.ReadFile(name)                  // it may have ended since
		_, rest, _ := strings.Cut(string(text), ") ") // state, parent, group
		if f := strings.Fields(rest); len(f) > 2 && f[0] != "Z" && f[2] == strconv.Itoa(s.cmd.Process.Pid) {
			return true
		}
	}
	return false
}

// eventually reports whether something comes to be.
func eventually(is func() bool) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(2 * time.Millisecond) {
		if is() {
			return true
		}
	}
	return false
}

func (s *server) dial(addr string) *net.TCPConn {
	s.t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { c.Close() })
	c.SetDeadline(time.Now().Add(patience))
	return c.(*net.TCPConn)
}

// ask sends requests in one piece on a new connection and returns the status and body of each reply.
func (s *server) ask(requests ...string) []string {
	s.t.Helper()
	replies, err := converse(s.dial(s.HTTP), requests...)
	if err != nil {
		s.t.Fatalf("%v after %q", err, replies)
	}
	return replies
}

func converse(c net.Conn, requests ...string) (replies []string, err error) {
	var sent strings.Builder
	for _, r := range requests {
		sent.WriteString(r + " HTTP/1.1\r\nHost: x\r\n\r\n")
	}
	if _, err := io.WriteString(c, sent.String()); err != nil {
		return nil, err
	}
	in := bufio.NewReader(c)
	for range requests {
		reply, err := http.ReadResponse(in, nil)
		if err != nil {
			return replies, err
		}
		body, err := io.ReadAll(reply.Body)
		if err != nil {
			return replies, err
		}
		replies = append(replies, reply.Status[:3]+" "+string(body))
	}
	return replies, nil
}

// answered reports whether a byte comes within d.
func answered(c *net.TCPConn, d time.Duration) bool {
	c.SetReadDeadline(time.Now().Add(d))
	_, err := io.ReadFull(c, make([]byte, 1))
	if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return false
	}
	return err == nil
}
