package main

import (
	"reflect"
	"testing"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

// rounds makes a report of a rotation whose targets have those replies per slice of 50 ms.
func rounds(n int, replies ...func(round int) int) *engine.Report {
	rep := &engine.Report{Targets: make([]record.Samples, len(replies))}
	for round := range n {
		for target, count := range replies {
			rep.Slices = append(rep.Slices, engine.Slice{Target: target, Measured: 50 * time.Millisecond, Replies: uint64(count(round))})
		}
	}
	return rep
}

func TestEvidence(t *testing.T) {
	steady := func(round int) int { return 1000 + round*7919%13 }
	falling := func(round int) int { return 1000 + round*7919%13 - 3*round }
	for _, tt := range []struct {
		name        string
		rep         *engine.Report
		significant []bool
		beside      bool
	}{
		{"steady", rounds(100, steady), []bool{false}, false},
		{"falling", rounds(100, falling), []bool{true}, false},
		{"a machine that slows down", rounds(100, falling, falling, falling), []bool{false, false, false}, true},
		{"one of three falls", rounds(100, falling, steady, steady), []bool{true, true, true}, true},
		{"never began", &engine.Report{Targets: make([]record.Samples, 2)}, []bool{false, false}, true},
	} {
		for target, want := range tt.significant {
			e := evidence(tt.rep, target, &servers{})
			if e.Trend.Significant() != want || e.Beside != tt.beside {
				t.Errorf("%s: target %d: %+v", tt.name, target, e)
			}
		}
	}
	ramp := rounds(100, falling)
	ramp.Plan.Ramp, ramp.Plan.Duration = [2]float64{2000, 1400}, time.Second
	if e := evidence(ramp, 0, &servers{}); e.Trend.Values != 0 || e.Offered < 1699 || e.Offered > 1701 {
		t.Errorf("a ramp is judged by its trend: %+v", e)
	}
}

func TestThroughputsAreWholeRounds(t *testing.T) {
	rep := rounds(3, func(int) int { return 50 }, func(int) int { return 100 })
	rep.Slices = rep.Slices[:5]                    // interrupted
	rep.Slices[0].Measured = 25 * time.Millisecond // and of any length
	want := [][]float64{{2000, 1000}, {2000, 2000}}
	if got := throughputs(rep); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// What was left of the time is no slice like the others, unless it is half of one.
func TestThroughputsOfWhatIsLeft(t *testing.T) {
	for last, want := range map[time.Duration]int{time.Millisecond: 9, 24 * time.Millisecond: 9, 25 * time.Millisecond: 10, 50 * time.Millisecond: 10} {
		rep := rounds(10, func(int) int { return 50 })
		rep.Slices[9].Measured = last
		if got := throughputs(rep)[0]; len(got) != want {
			t.Errorf("with %v at the end: %v", last, got)
		}
	}
}
