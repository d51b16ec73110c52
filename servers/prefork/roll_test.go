package main

import (
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"modelbench/servers/servertest"
)

// SIGHUP replaces all workers, and no client notices. A second one that comes
// meanwhile replaces them again.
func TestRoll(t *testing.T) {
	for _, flags := range [][]string{{"--workers=2"}, {"--workers=2", "--listener=reuseport"}} {
		t.Run(strings.Join(flags, " "), func(t *testing.T) {
			t.Parallel()
			s := servertest.Start(t, flags...)
			load := servertest.StartLoad(t, s)
			load.Await(100)
			s.Signal(syscall.SIGHUP)
			logged(t, s, "replacing the workers one by one", 1)
			s.Signal(syscall.SIGHUP)
			logged(t, s, "workers replaced", 2)
			load.Await(100)
			for _, failure := range load.Stop() {
				t.Error(failure)
			}
			if load.Refused() > 0 {
				t.Errorf("%d connections were refused", load.Refused())
			}
			if load.Told() == 0 {
				t.Error("no client was told that its connection ends")
			}
			pids := workers(t, s, 6)
			for _, pid := range pids[:4] {
				gone(t, pid)
			}
			if strings.Contains(s.Log(), "worker died") || len(pids) != 6 {
				t.Errorf("a worker died, or there are more than asked for: %v", pids)
			}
		})
	}
}

// SIGTERM ends a roll as it ends everything: what is in flight in an old worker is
// finished, and nobody stays behind.
func TestStopDuringRoll(t *testing.T) {
	t.Parallel()
	s := servertest.Start(t, "--workers=2", "--drain=20s")
	var waiting []*net.TCPConn
	for range 8 { // so many that each worker has some
		c := servertest.Dial(t, s.HTTP)
		io.WriteString(c, "GET /task?wait=2s&bytes=3 HTTP/1.1\r\nHost: x\r\n\r\n")
		waiting = append(waiting, c)
	}
	load := servertest.StartLoad(t, s)
	load.Await(100)
	s.Signal(syscall.SIGHUP)
	logged(t, s, "draining", 1)
	s.Signal(syscall.SIGTERM)
	for _, c := range waiting {
		if got, err := io.ReadAll(c); err != nil || !strings.HasSuffix(string(got), "\r\n\r\nxxx") {
			t.Errorf("received %q: %v", got, err)
		}
	}
	if code := s.Wait(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	for _, pid := range workers(t, s, 3) {
		gone(t, pid)
	}
	for _, failure := range load.Stop() {
		t.Error(failure)
	}
}

// A worker that cannot start stops the roll, and the one that was to be replaced
// goes on. When it dies nevertheless, the attempts to replace it do not flood the
// log, and the first that can succeed does.
func TestRollStopsAtBrokenProgram(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	program, away := filepath.Join(folder, "server"), filepath.Join(folder, "away")
	if err := copyFile(program, os.Args[0]); err != nil {
		t.Fatal(err)
	}
	s := servertest.StartProgram(t, program, "--workers=2")
	before := workers(t, s, 2)
	if err := os.Rename(program, away); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	s.Signal(syscall.SIGHUP)
	logged(t, s, "worker not replaced", 1)
	if !strings.Contains(s.Log(), "exit status 3") || !ask(t, s) || strings.Contains(s.Log(), "worker died") {
		t.Error("the workers do not go on as they were, or the reason is not in the log")
	}
	signal(t, before[0], syscall.SIGKILL)
	logged(t, s, "worker does not start", 4)
	if lines, steps := strings.Count(s.Log(), "\n"), strings.Count(s.Log(), "restart_in"); lines > steps+10 {
		t.Errorf("%d lines for %d attempts", lines, steps)
	}
	if err := os.Rename(away, program); err != nil {
		t.Fatal(err)
	}
	workers(t, s, 3)
	s.Signal(syscall.SIGHUP)
	logged(t, s, "workers replaced", 1)
	if !ask(t, s) {
		t.Error("no answer")
	}
}

func copyFile(to, from string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY, 0o755)
	if err != nil {
		return err
	}
	if _, err = io.Copy(out, in); err != nil {
		return err
	}
	return out.Close()
}
