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
