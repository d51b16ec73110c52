package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// bound is how long a run may take before a test calls it stuck, and the timeout of what
// is not to time out. It is not a measure: runs end by their number of requests, so that
// a busy machine changes nothing.
const bound = time.Minute

// longEnough calls try with a time, and with three times as much as long as it says that
// it has not seen what the test is about, and what it has seen instead. How much a machine
// gets done in a given time, beside whatever else it does, is for the machine to say; what
// is wrong at any length fails.
func longEnough(t *testing.T, from time.Duration, try func(d time.Duration) (instead string)) {
	t.Helper()
	for d := from; ; d *= 3 {
		instead := try(d)
		switch {
		case instead == "" || t.Failed():
			return
		case d > bound/9:
			t.Fatalf("in %v: %s", d, instead)
		}
	}
}

// inTime is mustRun for a plan with a timeout so short that an attempt to connect may end
// by it, which is not ok.
func inTime(t *testing.T, p Plan) (rep *Report, ok bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	rep, err := carryOut(ctx, p)
	if errors.Is(err, unix.ETIMEDOUT) {
		return nil, false
	}
	if err != nil {
		t.Fatal(err)
	}
	if rep.Interrupted {
		t.Fatalf("the run had to be stopped after %v", bound)
	}
	checkBalance(t, rep)
	for i := range rep.Targets {
		ok = rep.Targets[i].ConnectFailed == 0 && (ok || i == 0)
	}
	return rep, ok
}
