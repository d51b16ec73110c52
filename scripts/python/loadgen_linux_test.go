package python

import (
	"os/exec"
	"path/filepath"
	"testing"

	"modelbench/results/trial"
)

// The load generator takes what the servers send for what it is: not one error.
func TestLoadgen(t *testing.T) {
	t.Parallel()
	python(t)
	loadgen := filepath.Join(t.TempDir(), "loadgen")
	if out, err := exec.Command("go", "build", "-ldflags=-w", "-o", loadgen, "modelbench/loadgen").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, kind := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			s := start(t, models[kind]...)
			rows := filepath.Join(t.TempDir(), "trials.csv")
			loads := [][]string{
				{"http://" + s.HTTP + "/plaintext"},
				{"--pipeline=4", "http://" + s.HTTP + "/plaintext"},
				{"--no-keepalive", "http://" + s.HTTP + "/plaintext"},
				{"http://" + s.HTTP + "/task?spin=100&wait=5ms&bytes=5000"},
				{"--method=POST", "http://" + s.HTTP + "/count"},
				{"--payload=100", "--pipeline=4", "tcp://" + s.Echo},
			}
			for _, load := range loads {
				cmd := exec.Command(loadgen, append([]string{"-c", "8", "-n", "200", "-d", "60s", "-w", "0s", "--progress=none", "--csv", rows}, load...)...)
				if out, err := cmd.CombinedOutput(); err != nil && cmd.ProcessState.ExitCode() != 4 { // the figures may well not be valid here
					t.Fatalf("%v: %v: %s", load, err, out)
				}
			}
			all, _, err := trial.ReadFile(rows)
			if err != nil {
				t.Fatal(err)
			}
			if len(all) != len(loads) {
				t.Fatalf("%d rows of %d", len(all), len(loads))
			}
			for i, r := range all {
				if done, _ := r.Completed.Get(); done != 200 {
					t.Errorf("%v: %d of 200 requests were answered", loads[i], done)
				}
			}
		})
	}
}
