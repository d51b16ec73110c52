package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// As a user runs it, short. Whether the percentiles fit is up to the machine; that the
// command comes to its end and loses no request is not.
func TestStall(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := call(t, "stall", "-d", "1s", "--stop", "200ms", "--", "-c", "16")
	if code == 0 != (stderr == "") || code > exitFailed || stderr != "" && stderr != "truth: the claim does not hold\n" {
		t.Fatalf("exit %d: %s\n%s", code, stderr, stdout)
	}
	lines := strings.Split(squeeze(stdout), "\n")
	if lines[0] != "1000 requests/s for 1s, the server stopped for 200ms in the middle: latency" {
		t.Errorf("%q", lines[0])
	}
	if got := lines[len(lines)-2]; got != " completed + unfinished + errors 1000 requests due 1000 requests holds" {
		t.Errorf("%q in\n%s", got, stdout)
	}
}

// What loadgen refuses is shown.
func TestLoadgenRefuses(t *testing.T) {
	t.Parallel()
	code, _, stderr := call(t, "memory", "--", "--nonsense")
	if code != exitFailed || !strings.Contains(stderr, "exit status 2; it said:\n\tloadgen: unknown flag --nonsense") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// The server says how many connections are up. What they cost is up to the memory that
// 50 of them disappear in.
func TestIdle(t *testing.T) {
	t.Parallel()
	_, stdout, stderr := call(t, "idle", "--idle", "50", "-c", "4", "-R", "200", "-d", "1s")
	for _, want := range []string{"\n connections up, says the server 54 54 holds\n", "\n without idle ones 4 4 holds\n", "bytes"} {
		if !strings.Contains(squeeze(stdout), want) {
			t.Errorf("no %q in\n%s%s", want, stdout, stderr)
		}
	}
}

// It takes rights that not everybody has, and says so.
func TestPorts(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := call(t, "ports", "--ports", "50", "-c", "200", "-d", "1s")
	switch {
	case code == 0 && strings.Contains(squeeze(stdout), "\n up from 8 addresses 200 200 holds\n"):
	case code == exitFailed && strings.Contains(stderr, errNoNetwork.Error()):
	default:
		t.Errorf("exit %d: %s\n%s", code, stderr, stdout)
	}
}

// fakeTcpdump is a tcpdump that does what the script says.
func fakeTcpdump(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tcpdump"), []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

// A capture in which the server does not occur is no witness, nor is one that is cut off.
func TestEmptyCapture(t *testing.T) {
	file, err := filepath.Abs("capture/testdata/three.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for script, want := range map[string]string{
		"cat '" + file + "'":          "truth: read the capture: there is no request with a reply in it\n",
		"head -c 1000 '" + file + "'": "truth: the capture ends in the middle\n",
	} {
		fakeTcpdump(t, script+"; exec sleep 60")
		code, _, stderr := call(t, "wire", "-R", "5000", "-d", "200ms")
		if code != exitFailed || stderr != want {
			t.Errorf("%s: exit %d: %s", script, code, stderr)
		}
	}
}

func TestTcpdumpFails(t *testing.T) {
	fakeTcpdump(t, "echo may not >&2; exit 3")
	code, _, stderr := call(t, "poisson")
	if code != exitFailed || !strings.HasPrefix(stderr, "truth: capture the loopback: exit status 3; it said:\n\tmay not\n(it takes root") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}

// What is missing is said. It changes PATH, and so is alone.
func TestNoTcpdump(t *testing.T) {
	for _, path := range []string{"/usr/sbin/tcpdump", "/usr/local/sbin/tcpdump"} {
		if _, err := os.Stat(path); err == nil {
			t.Logf("%s is there whatever the PATH: nothing is missing", path)
			return
		}
	}
	empty := t.TempDir()
	t.Setenv("PATH", empty)
	if _, err := findTcpdump(); err == nil || err.Error() != "tcpdump is not installed (apt-get install tcpdump)" {
		t.Errorf("error %v", err)
	}
	fake := filepath.Join(empty, "tcpdump")
	if err := os.WriteFile(fake, []byte("#!/bin/sh\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if path, err := findTcpdump(); path != fake {
		t.Errorf("%q, %v", path, err)
	}
}
