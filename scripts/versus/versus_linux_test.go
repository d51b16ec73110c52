package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

// The test binary plays the command when it is called by its name, so that the tests
// can send it signals and see its exit code as a shell would.
func TestMain(m *testing.M) {
	if filepath.Base(os.Args[0]) == "versus" {
		main()
	}
	os.Setenv("GOFLAGS", os.Getenv("GOFLAGS")+" -ldflags=-w") // each call builds: quicker to link
	goleak.VerifyTestMain(m)
}

// As a user runs it, short, with loadgen and a server of ours as they are.
func TestEndToEnd(t *testing.T) {
	fakeClients(t)
	code, stdout, stderr := call(t, "--rounds", "1", "-d", "1s", "--with", "ab,h2load", "--server", "eventloop")
	if code != 0 || stderr != "" {
		t.Fatalf("exit %d: %s\n%s", code, stderr, stdout)
	}
	for _, want := range []string{
		`(?m)^eventloop on core 0; clients on core 1, 64 connections, 1 outstanding on each, 1s a run$`,
		`(?m)^    1 +\d+ +[\d.]+ +92925 +[\d.]+ +126138 +[\d.]+ +94722 +[\d.]+$`,
		`(?m)^  loadgen +\d+ +[\d.]+x \[[\d.]+, [\d.]+\] +[\d.]+ +[\d.]+x \[[\d.]+, [\d.]+\] +([\d.]+|-)$`,
		`(?m)^  wrk +92925 +1 +[\d.]+ +1 +([\d.]+|-)$`,
		`(?m)^1 pairs cannot reach a level of 95%`,
		`(?m)^system calls`,
	} {
		if !regexp.MustCompile(want).MatchString(stdout) {
			t.Errorf("no %s in\n%s", want, stdout)
		}
	}
}

// A client that fails ends the measurement, and what it said is shown.
func TestClientFails(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "wrk"), []byte("#!/bin/sh\necho out of luck >&2\nexit 9\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	code, _, stderr := call(t, "--rounds", "1", "-d", "1s", "--server", "eventloop")
	if code != exitFailed || !strings.HasPrefix(stderr, "versus: run wrk: exit status 9; it said:\n\tout of luck") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// Ctrl-C in the middle of a run leaves nothing behind.
func TestInterrupted(t *testing.T) {
	fakeClients(t)
	dir := t.TempDir()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "versus")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(link, "-d", "60s", "--rounds", "1", "--server", "eventloop")
	cmd.Env = append(os.Environ(), "TMPDIR="+dir)
	var said strings.Builder
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	loadgen := func(exe string) bool { return filepath.Base(exe) == "loadgen" }
	for begin := time.Now(); !slices.ContainsFunc(runningUnder(t, dir), loadgen); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > 5*time.Minute { // the build takes the most of it
			_ = cmd.Process.Kill()
			t.Fatalf("loadgen never came up: %v", cmd.Wait())
		}
	}
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	err = cmd.Wait()
	if cmd.ProcessState.ExitCode() != exitInterrupted || said.String() != "versus: stopped by a signal\n" {
		t.Errorf("%v: %s", err, said.String())
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "modelbench-*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	if exes := runningUnder(t, dir); len(exes) > 0 {
		t.Errorf("%v are still there", exes)
	}
}

// runningUnder lists the executables below dir that run.
func runningUnder(t *testing.T, dir string) []string {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	var exes []string
	for _, link := range links {
		if exe, err := os.Readlink(link); err == nil && strings.HasPrefix(exe, dir+"/") {
			exes = append(exes, exe)
		}
	}
	return exes
}
