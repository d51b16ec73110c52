package pace

import (
	"slices"
	"strings"
	"testing"
	"time"
)

func TestParseRamp(t *testing.T) {
	for s, want := range map[string][2]float64{"1k:20k": {1000, 20000}, "5:1": {5, 1}, "0:1.5M": {0, 1.5e6}, "10:0": {10, 0}, "7:7": {7, 7}} {
		if got, err := ParseRamp(s); err != nil || got != want {
			t.Errorf("ParseRamp(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for s, says := range map[string]string{
		"": "first and the last rate", "5k": "such as 1k:20k", "1:2:3": "not a ramp", ":": "rate 1 of the ramp", "1k:": "rate 2 of the ramp",
		"1k:fast": `"fast" is not a rate`, "0:0": "at rate 0", "-1:5": "rate 1 of the ramp", "1:NaN": "rate 2 of the ramp", "1:5000M": "not between",
	} {
		if got, err := ParseRamp(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("ParseRamp(%q) = %v, %v, want an error with %q", s, got, err, says)
		}
	}
}

func TestParseSteps(t *testing.T) {
	for s, want := range map[string][]float64{"1k": {1000}, "1k,2k,5k": {1000, 2000, 5000}, "5,0,5": {5, 0, 5}} {
		if got, err := ParseSteps(s); err != nil || !slices.Equal(got, want) {
			t.Errorf("ParseSteps(%q) = %v, %v, want %v", s, got, err, want)
		}
	}
	for s, says := range map[string]string{
		"": "rate 1 of the steps", "1k,": "rate 2 of the steps", ",1": "rate 1 of the steps", "0,0": "at rate 0", "1k 2k": "not a rate",
		strings.Repeat("1,", MaxSteps) + "1": "1001 steps",
	} {
		if got, err := ParseSteps(s); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("ParseSteps(%q) = %v, %v, want an error with %q", s, got, err, says)
		}
	}
}

// Whatever is typed, what the parsers accept makes a valid schedule with a due time.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "0", "20k", "1.5M", "1k:20k", "0:5", ":", "1,2", "1k,0,5k", "1e3", "0x1p4", "-0:1", "1_0", "Inf:1", "1:2:3", "\x00,1"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		var plans []Schedule
		if v, err := ParseRate(s); err == nil && v != 0 {
			plans = append(plans, Schedule{Rate: v})
		}
		if v, err := ParseRamp(s); err == nil {
			plans = append(plans, Schedule{Ramp: v, Over: time.Hour})
		}
		if v, err := ParseSteps(s); err == nil {
			plans = append(plans, Schedule{Steps: v, Over: time.Hour})
		}
		for _, plan := range plans {
			p, err := plan.Pacer(0, 1)
			if err != nil {
				t.Fatalf("%q was accepted, and then: %v", s, err)
			}
			last := time.Duration(0)
			for range 20 {
				at := p.Next()
				if at < last || at > Never {
					t.Fatalf("%q: %v after %v", s, at, last)
				}
				last = at
			}
		}
	})
}
