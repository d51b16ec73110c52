package main

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"modelbench/scripts/rig"
	"modelbench/scripts/truth/capture"
)

func TestMain(m *testing.M) {
	os.Setenv("GOFLAGS", os.Getenv("GOFLAGS")+" -ldflags=-w") // each call builds: quicker to link
	goleak.VerifyTestMain(m)
}

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

const outOf = "for arg; do [ \"$last\" = -w ] && out=$arg; last=$arg; done\n"

// fakeTcpdump is a tcpdump that does what the script says, with $out for the file of -w.
func fakeTcpdump(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "tcpdump"), []byte("#!/bin/sh\n"+outOf+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
}

// witness captures the connections of a server, of which there are none.
func witness(t *testing.T) (m *capture.Matcher, err error) {
	t.Helper()
	dir := t.TempDir()
	b := &bench{flags: &flags{}, dir: dir, launch: rig.NewLauncher(dir)}
	defer func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	}()
	server := &rig.Running{Addr: map[string]netip.AddrPort{"http": netip.MustParseAddrPort("127.0.0.1:9")}}
	p, file, err := b.startCapture(t.Context(), server)
	if err != nil {
		return nil, err
	}
	if err := b.launch.StopOne(p); err != nil {
		return nil, err
	}
	return readCapture(file, server)
}

// A capture in which the server does not occur is no witness, nor is one that is cut off.
func TestEmptyCapture(t *testing.T) {
	file, err := filepath.Abs("capture/testdata/three.pcap")
	if err != nil {
		t.Fatal(err)
	}
	for script, want := range map[string]string{
		"cat '" + file + "'":          "read the capture: there is no request with a reply in it",
		"head -c 1000 '" + file + "'": "the capture ends in the middle",
	} {
		fakeTcpdump(t, script+" >$out; exec sleep 60")
		if m, err := witness(t); err == nil || err.Error() != want {
			t.Errorf("%s: %+v, %v", script, m, err)
		}
	}
}

func TestTcpdumpFails(t *testing.T) {
	fakeTcpdump(t, "echo may not >&2; exit 3")
	if m, err := witness(t); err == nil || !strings.HasPrefix(err.Error(), "capture the loopback: exit status 3; it said:\n\tmay not\n(it takes root") {
		t.Errorf("%+v, %v", m, err)
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
