package memory

import (
	"runtime"
	"testing"
	"time"
)

// Little is not collected, nor is what is little beside what remains; enough is,
// and the count begins anew.
func TestFreed(t *testing.T) {
	held := make([]byte, 64<<20)
	for i := range held {
		held[i] = 1
	}
	for range 3 {
		Freed(step)
	}
	if planned.Load() || freed.Load() != 3*step {
		t.Fatalf("after %d bytes of %d: counted %d, planned %v", 3*step, inUse(), freed.Load(), planned.Load())
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before := stats.NumForcedGC
	Freed(int(inUse() / part))
	for deadline := time.Now().Add(45 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if runtime.ReadMemStats(&stats); stats.NumForcedGC >= before+2 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was collected")
		}
	}
	if freed.Load() != 0 || planned.Load() {
		t.Errorf("the count does not begin anew: %d, planned %v", freed.Load(), planned.Load())
	}
	runtime.KeepAlive(held)
	for range step - 1 {
		Freed(1)
	}
	if planned.Load() {
		t.Error("a collection for less than a megabyte")
	}
}
