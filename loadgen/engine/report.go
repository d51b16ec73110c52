package engine

import (
	"time"

	"modelbench/loadgen/record"
)

// A Report is what a run found out. It belongs to the caller.
type Report struct {
	Plan        Plan      // as carried out, with its defaults filled in
	Started     time.Time // wall clock when load began
	Interrupted bool      // the context ended the run early
	Targets     []record.Samples
}
