package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// serveEnv makes the test binary be the server. The servers' common suite has a
// harness like this one, but starts them with flags that this one does not have.
const serveEnv = "MODELBENCH_STOCK_SERVE"

func TestMain(m *testing.M) {
	if os.Getenv(serveEnv) != "" {
		main()
	}
	os.Exit(m.Run())
}

var libraries = []string{"net/http", "fasthttp", "fasthttp-prefork"}

// each runs f for every library.
func each(t *testing.T, f func(t *testing.T, library string)) {
	t.Parallel()
	for _, library := range libraries {
		t.Run(strings.ReplaceAll(library, "/", "-"), func(t *testing.T) {
			t.Parallel()
			f(t, library)
		})
	}
}

func serverCommand(flags ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], flags...)
	cmd.Env = append(os.Environ(), serveEnv+"=1", "GORACE=atexit_sleep_ms=0")
	return cmd
}

// process is a running server.
type process struct {
	t    *testing.T
	cmd  *exec.Cmd
	log  string // its file
	http string
	open []net.Conn  // all that were dialled
	more chan []byte // what it says on standard output after the ready line
}

// start starts the library's server at a free port and waits until it is ready.
func start(t *testing.T, library string, flags ...string) *process {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	p := &process{t: t, log: log.Name(), more: make(chan []byte, 1),
		cmd: serverCommand(append([]string{"--library=" + library, "--http=127.0.0.1:0"}, flags...)...)}
	p.cmd.Stderr = log
	out, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	line, _ := lines.ReadBytes('\n')
	go func() {
		more, _ := io.ReadAll(lines)
		p.more <- more
	}()
	t.Cleanup(func() {
		p.cmd.Process.Kill()
		p.cmd.Wait()
		for _, pid := range p.children() { // whose master has not been asked
			syscall.Kill(pid, syscall.SIGKILL)
		}
		if t.Failed() {
			t.Logf("log of the server:\n%s", p.said())
		}
	})
	var ready struct {
		Ready      bool
		Model      string
		PID        int
		HTTP, Echo string
	}
	if err := json.Unmarshal(line, &ready); err != nil || !ready.Ready || ready.Model != "stock" || ready.PID != p.cmd.Process.Pid || ready.Echo != "" {
		t.Fatalf("ready line %q of process %d: %v", line, p.cmd.Process.Pid, err)
	}
	p.http = ready.HTTP
	return p
}

func (p *process) said() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Error(err)
	}
	return string(b)
}

// await returns when the log holds what so many times.
func (p *process) await(what string, times int) {
	p.t.Helper()
	for deadline := time.Now().Add(limit); strings.Count(p.said(), what) < times; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatalf("the log does not say %q %d times", what, times)
		}
	}
}

// stop asks the server to stop.
func (p *process) stop() {
	p.t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits for the server's end and wants this exit code, and no child left.
func (p *process) wait(code int) {
	p.t.Helper()
	p.exit(code)
	for _, pid := range p.children() {
		if !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) { // not even as a zombie
			p.t.Errorf("child %d is left behind", pid)
		}
	}
	if c, err := net.Dial("tcp", p.http); err == nil {
		c.Close()
		p.t.Error("something still listens")
	}
}

// exit waits for the server's end and wants this exit code.
func (p *process) exit(code int) {
	p.t.Helper()
	select {
	case more := <-p.more:
		if len(more) > 0 {
			p.t.Errorf("standard output after the ready line: %q", more)
		}
	case <-time.After(limit):
		p.t.Fatal("the server does not end")
	}
	p.cmd.Wait()
	if got := p.cmd.ProcessState.ExitCode(); got != code {
		p.t.Errorf("exit code %d, want %d", got, code)
	}
}

var childLine = regexp.MustCompile(`child started child=(\d+)`)

// children are the process ids of all children so far; none but with prefork.
func (p *process) children() (pids []int) {
	for _, m := range childLine.FindAllStringSubmatch(p.said(), -1) {
		pid, _ := strconv.Atoi(m[1])
		pids = append(pids, pid)
	}
	return pids
}

// limit is how long anything may take before a test gives up on it.
const limit = 45 * time.Second

func (p *process) dial() net.Conn {
	p.t.Helper()
	c, err := net.Dial("tcp", p.http)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { c.Close() })
	p.open = append(p.open, c)
	c.SetDeadline(time.Now().Add(limit))
	return c
}

// inFlight is a request that the server has begun to serve, as it says itself, and
// that lasts until the body comes.
func (p *process) inFlight() (net.Conn, *bufio.Reader) {
	p.t.Helper()
	c := p.dial()
	io.WriteString(c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n")
	r := bufio.NewReader(c)
	interim, err := http.ReadResponse(r, nil)
	if err != nil || interim.StatusCode != 100 {
		p.t.Fatalf("received %v, %v", interim, err)
	}
	return c, r
}
