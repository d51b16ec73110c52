package campaign

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A process is found by its name, and two that are not related are not guessed about.
func TestProcessNamed(t *testing.T) {
	t.Parallel()
	sleep, err := exec.LookPath("sleep")
	must(t, err)
	name := fmt.Sprintf("mb%d", os.Getpid()) // short: the kernel keeps 15 bytes
	link := filepath.Join(t.TempDir(), name)
	must(t, os.Symlink(sleep, link))
	if _, err := processNamed(name); err == nil || !strings.Contains(err.Error(), "no process is named "+name) {
		t.Error(err)
	}
	start := func() int {
		cmd := exec.Command(link, "600")
		must(t, cmd.Start())
		t.Cleanup(func() {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
		})
		return cmd.Process.Pid
	}
	first := start()
	if pid, err := processNamed(name); err != nil || pid != first {
		t.Errorf("found %d, %v, want %d", pid, err, first)
	}
	start()
	if _, err := processNamed(name); err == nil || !strings.Contains(err.Error(), "2 processes that are not related") {
		t.Error(err)
	}
}

func TestTargetThatIsNotUp(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp4", "127.0.0.1:0")
	must(t, err)
	url := "http://" + l.Addr().String()
	up, err := ParseTarget("up="+url, "", "")
	must(t, err)
	s, err := findUp(t.Context(), up)
	must(t, err)
	if s.exited() || s.pid != 0 {
		t.Errorf("%+v", s)
	}
	for pid, says := range map[string]string{"4194304": "there is no process 4194304", "no-such-process-at-all": "no process is named"} {
		up, err := ParseTarget("up="+url, "", pid)
		must(t, err)
		if _, err := findUp(t.Context(), up); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("pid %s: %v", pid, err)
		}
	}
	must(t, l.Close())
	if !s.exited() {
		t.Error("it is down, and was not noticed")
	}
	if _, err := findUp(t.Context(), up); err == nil || !strings.Contains(err.Error(), "up: nobody accepts connections at "+url) {
		t.Error(err)
	}
}

// Who came up before is given another chance in the next block; who fails again is not.
func TestTargetThatComesUpOnce(t *testing.T) {
	t.Parallel()
	cfg := config(t, script{Servers: map[string]string{"prefork": comesOnce}})
	cfg.Blocks = 3
	report, err := Run(t.Context(), cfg)
	must(t, err)
	if len(report.Failures) != 2 ||
		!strings.HasPrefix(report.Failures[0], "block 1: start prefork: ") || !strings.HasSuffix(report.Failures[0], "the licence has expired; it is tried once more in the next block") ||
		!strings.HasPrefix(report.Failures[1], "block 2: start prefork: ") || !strings.HasSuffix(report.Failures[1], "the licence has expired; it is left out") {
		t.Errorf("failures\n%s", strings.Join(report.Failures, "\n"))
	}
	if len(report.Trials) != 3*2*2 {
		t.Errorf("%d trials", len(report.Trials))
	}
}
