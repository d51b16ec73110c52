package python

import (
	"encoding/json"
	"testing"
)

// A coroutine that awaits between its locks always meets the other there, one that does not never does. Threads may, and either
// way the program ends.
func TestLockOrder(t *testing.T) {
	t.Parallel()
	for kind, most := range map[string]int{"threads": 20, "loop": 20, "await": 0} {
		var got struct{ Due, Completed, Unfinished int }
		out, err := execPython(t, "lock_order.py", "--kind", kind, "--runs", "20").Output()
		if err == nil {
			err = json.Unmarshal(out, &got)
		}
		if err != nil || got.Due != 20 || got.Completed+got.Unfinished != 20 || got.Completed > most || kind == "loop" && got.Completed != 20 {
			t.Errorf("%s: %v: %q", kind, err, out)
		}
	}
}
