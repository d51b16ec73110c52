package engine

import (
	"time"

	"modelbench/loadgen/pace"
	"modelbench/loadgen/record"
)

// A Report is what a run found out. It belongs to the caller.
type Report struct {
	Plan         Plan      // as carried out, with its defaults filled in
	EngineReason string    // why Plan.Engine is what it is, if the plan had Auto
	Started      time.Time // wall clock when load began
	Interrupted  bool      // the context ended the run early
	Targets      []record.Samples
	Slices       []Slice // in the order of time; see Slice

	// Arrivals says by target how well the intervals between requests, as they left, agree
	// with the Poisson process that was planned; nil if none was.
	Arrivals []pace.Goodness
}

// A Slice is a stretch of measured time of one target: in a rotation one visit's
// window, with a single target one of some hundred equal parts of the window. The
// slices of a target are its measured time, without gap or overlap.
type Slice struct {
	Target    int
	Start     time.Duration // since load began
	Measured  time.Duration // its length; shorter than the others if the run was interrupted in it
	Replies   uint64        // good replies that came in it
	Left      uint64        // requests that left in it
	Failed    uint64        // requests that failed in it or, in a rotation, in the drain that followed
	ClientCPU time.Duration // CPU time of all threads in it
}

// A Phase is what a run is doing.
type Phase uint8

const (
	Warming   Phase = iota // load, not recorded
	Measuring              // a rotation measures until its last slice is over
	Done                   // all is over; the last interval says so
)

// An Interval is what happened on all targets in a stretch of time.
type Interval struct {
	Start, End time.Duration // since load began
	Phase      Phase         // at its end
	Target     int           // that the load was on at its end

	// What was measured meanwhile, by target, as in Report.Targets: the samples of all
	// intervals, one extended by the next, are the Report's. In warm-up there are none,
	// but for connections. They belong to the caller of Watch until it returns.
	Targets []record.Samples
}
