package memory

import (
	"runtime"
	"testing"
	"time"
)

// One call too few does nothing; the last one has garbage collected.
func TestFreed(t *testing.T) {
	for range many - 1 {
		Freed()
	}
	if freed.Load() != many-1 {
		t.Fatalf("%d calls are counted as %d", many-1, freed.Load())
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before := stats.NumForcedGC
	Freed()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if runtime.ReadMemStats(&stats); stats.NumForcedGC > before {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was collected")
		}
	}
	if freed.Load() >= many {
		t.Error("the count does not begin anew")
	}
}
