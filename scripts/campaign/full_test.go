package campaign

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
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

// playCrowded is what the test binary does as "crowded": a campaign of three blocks whose
// manifest may still be written when loadgen's files may not.
func playCrowded(folder string) int {
	signal.Ignore(syscall.SIGXFSZ)
	cfg, err := threeBlocks(folder)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64 << 10, Max: 64 << 10})
	}
	if err == nil {
		_, err = Run(context.Background(), cfg)
	}
	fmt.Println(err)
	return 1
}

// A disk that loadgen finds full: the campaign ends there, and once there is room the block
// is done anew.
func TestFullDiskOfLoadgen(t *testing.T) {
	t.Parallel()
	bin := fakes(t, script{Loadgen: fillsAt, Victim: "5"}) // in the second block's second rotation
	out, err := exec.Command(filepath.Join(bin, "crowded")).Output()
	said := string(out)
	if strings.Count(said, "file too large") != 1 || !strings.Contains(said, "block 2, ") || !strings.Contains(said, "(what was written before is kept: 1 whole block)") {
		t.Fatalf("%v; it said %q", err, said)
	}
	dir := filepath.Join(bin, "out")
	if m := readManifest(t, dir); m.Status != Failed || !slices.Equal(m.Whole, []int{1}) || len(m.Failures) != 1 {
		t.Errorf("manifest: %s, whole %v, failures %q", m.Status, m.Whole, m.Failures)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "ro*")); len(left) > 0 || err != nil {
		t.Errorf("left behind: %q, %v", left, err)
	}
	must(t, os.WriteFile(filepath.Join(bin, "script.json"), []byte("{}"), 0o644))
	report, err := Run(t.Context(), resumed(t, bin))
	must(t, err)
	if m := readManifest(t, dir); report.Status != Complete || report.Loose != 2 || !slices.Equal(m.Whole, []int{1, 3, 4}) {
		t.Errorf("resumed: %s, %d loose, whole %v", report.Status, report.Loose, m.Whole)
	}
}

// A block in which loadgen failed is not whole: the campaign goes on, but did not do all that
// was planned. After two in a row it ends.
func TestBlockLostByLoadgen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		script script
		whole  []int
		loads  int
		says   string
	}{
		{script{Loadgen: failsAt, Victim: "3"}, []int{2, 3}, 7, "1 block lost"},
		{script{Loadgen: failsFor, Victim: "wait="}, []int{}, 0, "blocks 1 and 2 are lost: loadgen failed"},
	} {
		bin := fakes(t, tt.script)
		cfg, err := threeBlocks(bin)
		must(t, err)
		report, err := Run(t.Context(), cfg)
		m := readManifest(t, cfg.Out)
		if err == nil || !strings.Contains(err.Error(), tt.says) || m.Status != Failed || !slices.Equal(m.Whole, tt.whole) || len(report.Trials) != 4*len(tt.whole) {
			t.Errorf("%+v: %v; %s, whole %v, %d trials", tt.script, err, m.Status, m.Whole, len(report.Trials))
		}
		if n := len(notes(t, bin, "loads")); tt.loads > 0 && n != tt.loads {
			t.Errorf("%+v: loadgen ran %d times", tt.script, n)
		}
		_, err = Resume(cfg.Out)
		must(t, err)
	}
}
