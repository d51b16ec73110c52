package trial

import (
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
)

func TestMachineFromFiles(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for name, text := range map[string]string{
		"etc/machine-id":            "0123456789abcdef0123456789abcdef\n",
		"proc/sys/kernel/osrelease": "6.1.0-test\n",
		"proc/cpuinfo":              "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Example CPU @ 2GHz\n\n",
		"proc/version":              "",
	} {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	m := machineAt(root)
	if m.Kernel != "6.1.0-test" {
		t.Errorf("kernel %q", m.Kernel)
	}
	if runtime.GOARCH == "amd64" && runtime.GOOS == "linux" && m.CPUModel != "Example CPU @ 2GHz" {
		t.Errorf("cpu_model %q", m.CPUModel)
	}
	if len(m.HostID) != 8 || strings.Contains("0123456789abcdef0123456789abcdef", m.HostID) {
		t.Errorf("host_id %q gives away the machine's id, or is none", m.HostID)
	}
	if again := machineAt(root); again != m {
		t.Errorf("the same machine is %+v, then %+v", m, again)
	}
	if other := hostID("fedcba9876543210fedcba9876543210"); other == m.HostID {
		t.Error("two machines share a host_id")
	}
	if empty := machineAt(t.TempDir()); empty != (Machine{}) {
		t.Errorf("nothing to read gave %+v", empty)
	}
}

func TestThisMachine(t *testing.T) {
	t.Parallel()
	m := ThisMachine()
	if m.GoVersion != runtime.Version() || m.CPUs != I(runtime.NumCPU()) || m.Kernel == "" {
		t.Errorf("got %+v", m)
	}
}

func TestRevision(t *testing.T) {
	t.Parallel()
	rev := debug.BuildSetting{Key: "vcs.revision", Value: "abc"}
	dirty := debug.BuildSetting{Key: "vcs.modified", Value: "true"}
	if got := revision([]debug.BuildSetting{dirty, rev}); got != "abc-dirty" {
		t.Errorf("got %q", got)
	}
	if got := revision([]debug.BuildSetting{rev, {Key: "vcs.modified", Value: "false"}}); got != "abc" {
		t.Errorf("got %q", got)
	}
	if got := revision([]debug.BuildSetting{dirty}); got != "" {
		t.Errorf("got %q", got)
	}
}
