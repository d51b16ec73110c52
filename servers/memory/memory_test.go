package memory

import (
	"runtime"
	"testing"
	"time"
)

// One call too few does nothing; the last one has garbage collected.
func TestFreed(t *testing.T) {
	for range much/Few - 1 {
		Freed(Few)
	}
	if freed.Load() != much-Few {
		t.Fatalf("%d bytes are counted as %d", much-Few, freed.Load())
	}
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	before := stats.NumForcedGC
	Freed(Few)
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if runtime.ReadMemStats(&stats); stats.NumForcedGC > before {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing was collected")
		}
	}
	if freed.Load() >= much {
		t.Error("the count does not begin anew")
	}
}
