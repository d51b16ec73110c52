package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"modelbench/servers/protocol"
)

// session is what the models' session answers, driven by hand.
func session(in string) []byte {
	s := protocol.NewHTTP(&protocol.Rules{MaxHead: 16 << 10, MaxBody: 1 << 20, HeadTimeout: time.Second, RequestTimeout: time.Second, IdleTimeout: time.Second})
	rest, out := []byte(in), []byte(nil)
	for {
		used, grown, next := s.Step(rest, out)
		rest, out = rest[used:], grown
		if next.Do == protocol.Read || next.Do == protocol.Close {
			return out
		}
	}
}

// reply is the part of a reply that has to be the same.
func reply(t *testing.T, r *bufio.Reader, method string) string {
	t.Helper()
	res, err := http.ReadResponse(r, &http.Request{Method: method})
	if err != nil {
		t.Fatalf("read the reply: %v", err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatalf("read the body: %v", err)
	}
	return fmt.Sprintf("%s; Content-Length %q; Content-Type %q; Allow %q; %d bytes: %q", res.Status,
		res.Header["Content-Length"], res.Header["Content-Type"], res.Header["Allow"], len(body), clip(body))
}

func clip(b []byte) []byte { return b[:min(len(b), 400)] }

// Sound requests, one after the other on one connection, get what a session says.
func TestReplies(t *testing.T) {
	large := strings.Repeat("body", 1<<16)
	each(t, func(t *testing.T, library string) {
		p := start(t, library)
		c := p.dial()
		r := bufio.NewReader(c)
		for _, line := range []string{
			"GET /", "HEAD /", "GET /plaintext", "HEAD /plaintext", "GET /plaintext?ignored=1", "GET /json", "HEAD /json",
			"POST /echo", "POST /echo abc", "POST /echo " + large, "GET /echo", "HEAD /echo", "PUT /echo abc",
			"POST /plaintext", "POST /json abc", "DELETE /", "OPTIONS /task",
			"GET /nowhere", "HEAD /nowhere", "POST /nowhere abc", "GET /plaintext/",
			"GET /task", "GET /task?spin=1000", "GET /task?wait=1ms", "GET /task?spin=10&wait=1ms&bytes=3", "HEAD /task?bytes=3",
			"GET /task?bytes=4096", "GET /task?bytes=5000", "GET /task?bytes=65535", "GET /task?bytes=65536", "GET /task?bytes=3000001",
			"HEAD /task?bytes=1073741824",
			"GET /task?spin=-1", "GET /task?wait=10", "GET /task?bytes=x", "GET /task?sleep=1", "HEAD /task?spin=",
		} {
			request, body, _ := strings.Cut(strings.Replace(line, " ", "\x00", 1), " ")
			method, target, _ := strings.Cut(request, "\x00")
			in := fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\n\r\n", method, target)
			if body != "" || method == "POST" {
				in = fmt.Sprintf("%s %s HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%s", method, target, len(body), body)
			}
			go io.WriteString(c, in) // not first: the reply to a large body may begin before its end
			got := reply(t, r, method)
			if want := reply(t, bufio.NewReader(bytes.NewReader(session(in))), method); got != want {
				t.Errorf("%s\n got %s\nwant %s", clip([]byte(line)), got, want)
			}
		}
		c.Close()
		p.stop()
		p.wait(0)
	})
}

// A body that would fill the memory is refused.
func TestBodyTooLarge(t *testing.T) {
	each(t, func(t *testing.T, library string) {
		c := start(t, library).dial()
		io.WriteString(c, "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 5000000\r\n\r\n")
		go c.Write(make([]byte, 5_000_000))
		line, err := bufio.NewReader(c).ReadString('\n')
		want := "HTTP/1.1 400 " // of fasthttp's, for want of an ErrorHandler
		if library == "net/http" {
			want = "HTTP/1.1 413 "
		}
		if !strings.HasPrefix(line, want) {
			t.Errorf("received %q, %v", line, err)
		}
	})
}

func TestDrain(t *testing.T) {
	each(t, func(t *testing.T, library string) {
		p := start(t, library)
		idle := p.dial()
		io.WriteString(idle, "GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n")
		reply(t, bufio.NewReader(idle), "GET")
		c, r := p.inFlight()
		p.stop()
		p.await("draining", 1)
		io.WriteString(c, "last")
		if got := reply(t, r, "POST"); !strings.Contains(got, "200 OK") || !strings.Contains(got, `"last"`) {
			t.Errorf("in flight: %s", got)
		}
		p.wait(0)
	})
}

func TestDrainGivesUp(t *testing.T) {
	each(t, func(t *testing.T, library string) {
		p := start(t, library, "--drain=100ms")
		p.inFlight()
		p.stop()
		p.wait(1)
		if !strings.Contains(p.said(), "broken off") {
			t.Error("the log does not say what was broken off")
		}
	})
}

// A child that has died and been replaced is not counted when all are to have ended
// well, and those that were up when another was started end as any.
func TestPreforkReplaces(t *testing.T) {
	t.Parallel()
	p := start(t, "fasthttp-prefork", "--procs=3")
	for range 20 { // so that some are up, and in Accept
		p.inFlight()
	}
	if err := syscall.Kill(p.children()[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	p.await("child started", 4)
	_, r := p.inFlight()
	p.stop()
	p.await("draining", 1)
	for _, open := range p.open {
		io.WriteString(open, "last") // those of the dead child are closed already
	}
	if got := reply(t, r, "POST"); !strings.Contains(got, `"last"`) {
		t.Errorf("received %s", got)
	}
	p.wait(0)
}

// A second signal ends the server at once, and its children soon after.
func TestSecondSignal(t *testing.T) {
	each(t, func(t *testing.T, library string) {
		p := start(t, library, "--drain=10m")
		p.inFlight()
		p.stop()
		p.await("draining", 1)
		p.stop()
		p.exit(1)
		for _, pid := range p.children() {
			gone(t, pid)
		}
	})
}

// gone waits until a process has ended. Who is left to take note of it may not: then
// it stays as a zombie.
func gone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(limit); !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH); time.Sleep(time.Millisecond) {
		if stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); bytes.Contains(stat, []byte(") Z ")) {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d is still there", pid)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		flags, says string
		code        int
	}{
		{"--library=nginx", "--library", 2},
		{"--library=", "--library", 2},
		{"--http=", "--http", 2},
		{"--echo=127.0.0.1:0", "--echo", 2},
		{"--max-conns=1", "--max-conns", 2},
		{"--procs=-1", "--procs", 2},
		{"--drain=-1s", "--drain", 2},
		{"--log-level=loud", "--log-level", 2},
		{"--log-format=xml", "--log-format", 2},
		{"stray", "stray", 2},
		{"--http=nonsense", "nonsense", 1},
		{"--library=fasthttp-prefork --http=nonsense", "nonsense", 1},
	} {
		var stdout, stderr bytes.Buffer
		cmd := serverCommand(strings.Fields(c.flags)...)
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.Run()
		if code := cmd.ProcessState.ExitCode(); code != c.code || stdout.Len() > 0 || !strings.Contains(stderr.String(), c.says) {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q", c.flags, code, &stdout, &stderr)
		}
	}
	help, err := serverCommand("--help").Output()
	if err != nil || !bytes.Contains(help, []byte("127.0.0.1:8084")) {
		t.Errorf("--help: %v, %s", err, help)
	}
}

func TestAddressInUse(t *testing.T) {
	each(t, func(t *testing.T, library string) {
		p := start(t, "net/http")
		out, err := serverCommand("--library="+library, "--http="+p.http).CombinedOutput()
		if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) || exit.ExitCode() != 1 || !bytes.Contains(out, []byte("is a server from an earlier run still up")) {
			t.Errorf("%v: %s", err, out)
		}
	})
}
