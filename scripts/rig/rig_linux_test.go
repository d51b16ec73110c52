package rig

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test binary plays a script that is killed when it is called by that name.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "script" {
		script(os.Args[1])
	}
	goleak.VerifyTestMain(m)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func launcher(t *testing.T) *Launcher {
	t.Helper()
	l := NewLauncher(t.TempDir())
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

func sh(name, script string) Command {
	return Command{Name: name, Args: []string{"/bin/sh", "-c", script}}
}

// A server that does not come up says why.
func TestServerFails(t *testing.T) {
	t.Parallel()
	l := launcher(t)
	for _, tt := range []struct{ command, says string }{
		{`echo no such thing >&2; exit 3; {http}`, "exit status 3; it said:\n\tno such thing"},
		{`exec no-such-program {http}`, "exit status 127; it said:\n\t/bin/sh: "},
	} {
		s := Server{Name: "bad", Args: sh("", tt.command).Args, HTTP: true}
		r, err := l.Up(t.Context(), s, 0)
		if r != nil || !errors.Is(err, ErrEnded) || !strings.HasPrefix(err.Error(), "start bad for http at 127.0.0.1:") || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%v, want %q", err, tt.says)
		}
	}
}

func TestStartFails(t *testing.T) {
	t.Parallel()
	l := launcher(t)
	if _, err := l.Start(Command{Name: "none", Args: []string{"/no/such/program"}}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v", err)
	}
	if _, err := l.Start(Command{Name: "far", Args: []string{"/bin/true"}, CPU: 1000}); !errors.Is(err, syscall.EINVAL) {
		t.Errorf("error %v", err)
	}
	if err := CheckCore(1000); err == nil {
		t.Error("there are more than a thousand cores")
	}
}

// What a process printed, how it ended and what it computed are known once it has ended.
func TestFinish(t *testing.T) {
	t.Parallel()
	l := launcher(t)
	p, err := l.Start(sh("busy", "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done; echo done; exit 7"))
	must(t, err)
	must(t, l.Finish(t.Context(), p))
	said, err := p.Output()
	must(t, err)
	if said != "done\n" || p.Err() == nil || p.Diagnosis() != "exit status 7; it said:\n\tdone" || p.CPU() <= 0 {
		t.Errorf("%q, %v, %v", said, p.Diagnosis(), p.CPU())
	}
}

// A stopped process is ended too, and what it has started.
func TestStopped(t *testing.T) {
	t.Parallel()
	l := launcher(t)
	p, err := l.Start(sh("stopped", "sleep 1000 & wait"))
	must(t, err)
	p.Signal(syscall.SIGSTOP)
	must(t, l.StopOne(p))
	if !p.Ended() {
		t.Error("it has not ended")
	}
	// Whoever has inherited what it started takes note of that end a moment later.
	for deadline := time.Now().Add(45 * time.Second); syscall.Kill(-p.PID, 0) != syscall.ESRCH; time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("something that it started is still there")
		}
	}
}

// The floor answers each of the requests that come at once, however they are cut.
func TestBarePipelined(t *testing.T) {
	t.Parallel()
	l := launcher(t)
	s, err := BuildBare(t.Context(), l.folder)
	if errors.Is(err, ErrMissing) {
		t.Log(err) // nothing to test: whoever asks for the floor is told the same
		return
	}
	must(t, err)
	r, err := l.Up(t.Context(), s, 0)
	must(t, err)
	conn, err := net.Dial("tcp", r.Addr["http"].String())
	must(t, err)
	defer conn.Close()
	must(t, conn.SetDeadline(time.Now().Add(45*time.Second))) // so that a fault is no hang
	const requests = 100                                      // more than it answers with one write
	text := bytes.Repeat([]byte("GET /plaintext HTTP/1.1\r\nHost: x\r\n\r\n"), requests)
	for _, cut := range []int{0, 1, 39, 40, len(text) - 1} {
		for _, part := range [][]byte{text[:cut], text[cut:]} {
			_, err := conn.Write(part)
			must(t, err)
		}
		const end = "\r\n\r\nHello, World!"
		var got []byte
		for buf := make([]byte, 1<<16); bytes.Count(got, []byte(end)) < requests; {
			n, err := conn.Read(buf)
			must(t, err)
			got = append(got, buf[:n]...)
		}
		if bytes.Count(got, []byte("HTTP/1.1 200 OK\r\n")) != requests || !bytes.HasSuffix(got, []byte(end)) {
			t.Errorf("cut at %d: %q", cut, got)
		}
	}
}

// SIGKILL gives a script no time for anything: the kernel ends what it started.
func TestKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	self, err := os.Executable()
	must(t, err)
	link := filepath.Join(dir, "script")
	must(t, os.Symlink(self, link))
	l := launcher(t)
	p, err := l.Start(Command{Name: "script", Args: []string{link, dir}})
	must(t, err)
	fifo := filepath.Join(dir, "alive")
	must(t, syscall.Mkfifo(fifo, 0o600))
	f, err := os.Open(fifo) // returns when the script's child has it open as well
	must(t, err)
	defer f.Close()
	p.Signal(syscall.SIGKILL)
	if _, err := io.ReadAll(f); err != nil { // ends with the last process that has it open for writing
		t.Error(err)
	}
}

// script starts a child that lives for as long as it may.
func script(dir string) {
	l := NewLauncher(dir)
	_, err := l.Start(sh("child", "until [ -p "+dir+"/alive ]; do :; done; exec sleep 1000 >"+dir+"/alive"))
	if err != nil {
		panic(err)
	}
	select {}
}
