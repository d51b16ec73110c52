package campaign

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"modelbench/results/trial"
)

func TestReadLatencies(t *testing.T) {
	t.Parallel()
	log := func(names ...string) string {
		path := filepath.Join(t.TempDir(), latenciesName)
		var rows []trial.Trial
		for _, name := range names {
			rows = append(rows, trial.Trial{Target: name, Completed: trial.I(len(name))})
		}
		writeLatencies(path, rows)
		return path
	}
	got, err := readLatencies(log("a", "service"), "")
	must(t, err)
	if len(got) != 2 || got["a"].Latency.TotalCount() != 1 || got["service"].Latency.TotalCount() != 7 {
		t.Errorf("of two targets: %v", got)
	}
	alone := log("prefork")
	got, err = readLatencies(alone, "prefork")
	must(t, err)
	if len(got) != 1 || got["prefork"].Latency.TotalCount() != 7 {
		t.Errorf("of one target: %v", got)
	}
	// Two intervals are one trial.
	text := readFile(t, alone)
	must(t, os.WriteFile(alone, []byte(text+text), 0o644))
	got, err = readLatencies(alone, "prefork")
	must(t, err)
	if len(got) != 1 || got["prefork"].Latency.TotalCount() != 14 {
		t.Errorf("of two intervals: %v", got)
	}
	must(t, os.WriteFile(alone, nil, 0o644))
	if _, err := readLatencies(alone, "prefork"); err == nil || !strings.Contains(err.Error(), "it has none") {
		t.Errorf("of an empty file: %v", err)
	}
}
