package servertest

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// Command runs the server to its end, with these flags and no others.
func Command(flags ...string) (code int, stdout, stderr string) {
	var out, err bytes.Buffer
	cmd := Cmd(os.Args[0], flags...)
	cmd.Stdout, cmd.Stderr = &out, &err
	cmd.Run()
	return cmd.ProcessState.ExitCode(), out.String(), err.String()
}

func usage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ flags, says string }{
		{"--no-such-flag", "--no-such-flag"},
		{"--procs=-1", "--procs"},
		{"--procs=many", "--procs"},
		{"--max-conns=-1", "--max-conns"},
		{"--max-header=10", "--max-header"},
		{"--max-body=-1", "--max-body"},
		{"--header-timeout=0s", "--header-timeout"},
		{"--request-timeout=0s", "--request-timeout"},
		{"--idle-timeout=-1s", "--idle-timeout"},
		{"--write-timeout=0s", "--write-timeout"},
		{"--drain=-1s", "--drain"},
		{"--drain=soon", "--drain"},
		{"--counter=abacus", "--counter"},
		{"--log-level=loud", "--log-level"},
		{"--log-format=xml", "--log-format"},
		{"--http= --echo=", "--http"},
		{"stray", "stray"},
	} {
		code, stdout, stderr := Command(strings.Fields(c.flags)...)
		if code != 2 || stdout != "" || !strings.Contains(stderr, c.says) {
			t.Errorf("%s: exit code %d, stdout %q, stderr %q", c.flags, code, stdout, stderr)
		}
	}
	code, stdout, stderr := Command("--help")
	if code != 0 || stderr != "" || !strings.Contains(stdout, "--max-conns") || !strings.Contains(stdout, "127.0.0.1:808") {
		t.Errorf("--help: exit code %d, stdout %q, stderr %q", code, stdout, stderr)
	}
}

func addressInUse(t *testing.T, start start) {
	t.Parallel()
	s := start(t)
	for _, flags := range [][]string{
		{"--http=" + s.HTTP, "--echo="},
		{"--http=", "--echo=" + s.Echo},
		{"--http=127.0.0.1:0", "--echo=" + s.Echo},
		{"--http=127.0.0.1:0", "--echo=", "--admin=" + s.Admin},
	} {
		code, stdout, stderr := Command(flags...)
		if code != 1 || stdout != "" || !strings.Contains(stderr, "is a server from an earlier run still up") {
			t.Errorf("%v: exit code %d, stdout %q, stderr %q", flags, code, stdout, stderr)
		}
	}
	code, _, stderr := Command("--http=nonsense", "--echo=")
	if code != 1 || !strings.Contains(stderr, "--http nonsense") {
		t.Errorf("exit code %d, stderr %q", code, stderr)
	}
}

// fullOutput has nowhere to print the ready line: whoever waits for it must not
// wait for ever.
func fullOutput(t *testing.T) {
	t.Parallel()
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer full.Close()
	var stderr bytes.Buffer
	cmd := Cmd(os.Args[0], "--http=127.0.0.1:0", "--echo=", "--admin=")
	cmd.Stdout, cmd.Stderr = full, &stderr
	cmd.Run()
	if code := cmd.ProcessState.ExitCode(); code != 1 || !strings.Contains(stderr.String(), "say on standard output") {
		t.Errorf("exit code %d, stderr %q", code, &stderr)
	}
}
