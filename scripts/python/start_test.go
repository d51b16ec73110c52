package python

import (
	"encoding/json"
	"strings"
	"testing"
)

// Each kind of task is started as often as asked for, and the line is what a campaign takes.
func TestStart(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"thread", "process", "spawn", "task"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			out, err := execPython(t, "start.py", "--kind", kind, "-n", "3", "--rounds", "2").Output()
			var got map[string]float64
			if err == nil {
				err = json.Unmarshal(out, &got)
			}
			if err != nil || len(got) != 3 || got["due"] != 3 || got["completed"] != 3 || got["start_to_ready_us"] <= 0 {
				t.Errorf("%v: %q", err, out)
			}
		})
	}
	for _, args := range []string{"start.py --kind goroutine", "start.py --kind thread -n 0", "start.py --kind task --rounds 0"} {
		if out, err := execPython(t, strings.Fields(args)...).CombinedOutput(); err == nil || !strings.Contains(string(out), "usage:") {
			t.Errorf("%s: %v, %q", args, err, out)
		}
	}
}
