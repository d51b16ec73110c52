package campaign

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"modelbench/results/histlog"
	"modelbench/results/trial"
)

// playCramped is what the test binary does as "cramped": a campaign none of whose files may
// grow beyond what about three rotations take.
func playCramped(folder string) int {
	signal.Ignore(syscall.SIGXFSZ)
	workloads, err := PickWorkloads(Workloads(2), []string{"wait"})
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4800, Max: 4800})
	}
	if err == nil {
		_, err = Run(context.Background(), Config{Bin: folder, Out: filepath.Join(folder, "out"), Targets: Targets(2)[:2], Again: NoAgain,
			Blocks: 30, Workloads: workloads, presence: folder})
	}
	fmt.Println(err)
	return 1
}

// A disk that fills up in the middle: what was written stays readable, and the reason is
// said once.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	bin := fakes(t, script{})
	cmd := exec.Command(filepath.Join(bin, "cramped"))
	cmd.Env = append(os.Environ(), "GOTRACEBACK=all")
	out, err := cmd.Output()
	if cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("%v: %s", err, out)
	}
	said := string(out)
	if strings.Count(said, "file too large") != 1 || !strings.Contains(said, "(what was written before is kept: ") {
		t.Errorf("it said %q", said)
	}
	rows, torn, err := trial.ReadFile(filepath.Join(bin, "out", trialsName))
	must(t, err)
	entries, tornLog, err := histlog.ReadFile(filepath.Join(bin, "out", histogramsName))
	must(t, err)
	if torn || tornLog || len(rows) == 0 || len(rows)%2 != 0 || len(entries) < len(rows) {
		t.Errorf("%d trials, torn %v; %d histograms, torn %v", len(rows), torn, len(entries), tornLog)
	}
	readManifest(t, filepath.Join(bin, "out"))
}
