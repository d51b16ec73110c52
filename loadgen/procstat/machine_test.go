package procstat

import (
	"os"
	"path/filepath"
	"testing"
)

// machine is a recorded /proc with that first line of stat.
func machine(t *testing.T, cpu string) MachineTime {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "stat"), []byte(cpu+"\ncpu0 1 1 1 1 1 1 1 1 0 0\nintr 5 0\nctxt 7\nbtime 1700000000\nprocesses 9\nprocs_running 1\nprocs_blocked 0\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	m, err := readMachine(dir)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSteal(t *testing.T) {
	before := machine(t, "cpu  100 0 100 700 0 0 0 100 50 0")
	for cpu, want := range map[string]float64{
		"cpu  150 10 110 710 5 6 9 100 90 0": 0,    // guest time is part of user time
		"cpu  100 0 100 700 0 0 0 200 50 0":  1,    // all of it
		"cpu  175 0 100 700 0 0 0 125 50 0":  0.25, // a quarter
		"cpu  220 0 100 700 0 0 0 90 50 0":   0,    // a counter that went back
	} {
		if got, known := machine(t, cpu).StealSince(before); !known || got < want-1e-9 || got > want+1e-9 {
			t.Errorf("%s: %v, %v, want %v", cpu, got, known, want)
		}
	}
	if share, known := machine(t, "cpu  190 0 100 700 0 0 0 109 50 0").StealSince(before); known {
		t.Errorf("%v is known after less than a second", share)
	}
	if _, err := readMachine(t.TempDir()); err == nil {
		t.Error("no error without a stat file")
	}
}
