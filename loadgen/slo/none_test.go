package slo

import (
	"testing"
	"time"

	"modelbench/loadgen/record"
)

// A load that nobody answers meets no objective, whatever its bounds; it may miss one.
func TestNothingSucceededMeetsNothing(t *testing.T) {
	for text, want := range map[string]Outcome{"rate>10": Unknown, "rate>10,errors<1%": Missed, "throughput<1k": Unknown} {
		o, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		s := &record.Samples{Due: 100, Unfinished: 100, Left: 100, Measured: time.Second}
		if got := o.Evaluate(s); got.Outcome != want {
			t.Errorf("%s: %+v, want %s", text, got, want)
		}
		if s.Replies = 2000; text == "rate>10" && o.Evaluate(s).Outcome != Met {
			t.Errorf("%s is not met although the server answers", text)
		}
	}
}
