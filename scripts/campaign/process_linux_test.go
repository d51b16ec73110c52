package campaign

import (
	"os/exec"
	"testing"
)

// The kernel knows of an end before whoever waits for the process has had its turn.
func TestEnded(t *testing.T) {
	t.Parallel()
	cmd := exec.Command("sleep", "60")
	must(t, cmd.Start())
	if ended(cmd.Process.Pid) {
		t.Error("it runs, and has ended")
	}
	must(t, cmd.Process.Kill())
	waitUntil(t, "its end", func() bool { return gone(cmd.Process.Pid) })
	if !ended(cmd.Process.Pid) {
		t.Error("it has ended, but not been waited for, and so has not ended")
	}
	_ = cmd.Wait()
	if !ended(cmd.Process.Pid) {
		t.Error("it has been waited for, and has not ended")
	}
}
