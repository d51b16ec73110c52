package record

import (
	"strings"
	"testing"
	"time"
)

// falling is a trend that is significant.
var falling = Trend{Values: 100, From: 41234, To: 35012, Drift: -0.163, P: 0.00031}

func TestJudgeEvidence(t *testing.T) {
	none := func(*Samples) {}
	slight, uncertain := falling, falling
	slight.Drift, uncertain.P = -0.09, 0.02
	for _, tt := range []struct {
		name   string
		e      Evidence
		change func(*Samples)
		want   Verdict
		says   string
	}{
		{"little stolen", Evidence{Steal: 0.05}, none, OK, ""},
		{"stolen", Evidence{Steal: 0.071}, none, Steal, "the hypervisor took 7.1% of the machine's CPU time (limit 5%)"},
		{"drifted", Evidence{Trend: falling}, none, Nonstationary, "throughput went from 41234/s to 35012/s while it was measured (-16.3%, p 0.00031)"},
		{"drifted beside the others", Evidence{Trend: Trend{Values: 100, From: 1.08, To: 0.92, Drift: -0.16, P: 1e-4}, Beside: true}, none,
			Nonstationary, "throughput went from 1.08 to 0.92 times that of the other targets while it was measured (-16%, p 0.0001)"},
		{"a slight drift", Evidence{Trend: slight}, none, OK, ""},
		{"an uncertain drift", Evidence{Trend: uncertain}, none, OK, ""},
		{"stolen, and failed", Evidence{Steal: 0.2, Trend: falling}, func(s *Samples) { s.Completed -= 100; s.Errors[EOF] = 100 }, Errors, "err_eof"},
		{"stolen, and busy", Evidence{Steal: 0.2}, func(s *Samples) { s.ThreadCPU[0] = 10 * time.Second }, ClientBound, "100%"},
		{"stolen, and missed", Evidence{Offered: 1000, Steal: 0.2}, func(s *Samples) { s.Left = 9000 }, Steal, "20%"},
		{"stolen, and drifted", Evidence{Steal: 0.2, Trend: falling}, none, Steal, "20%"},
		{"absent", Evidence{}, func(s *Samples) { s.Absent = 1504449 * time.Microsecond }, Lagging, "loadgen itself got no CPU for 1.5s of the 10s measured (15%, limit 1%)"},
		{"absent, and missed", Evidence{Offered: 1000}, func(s *Samples) { s.Absent, s.Left = time.Second, 9000 }, Lagging, "no CPU for 1s"},
		{"absent for a moment", Evidence{}, func(s *Samples) { s.Absent = 100 * time.Millisecond }, OK, ""},
		{"missed, and drifted", Evidence{Offered: 1000, Trend: falling}, func(s *Samples) { s.Left = 9000 }, RateMissed, "900 requests/s"},
	} {
		s := good()
		tt.change(s)
		got, why := s.Judge(tt.e)
		if got != tt.want || !strings.Contains(why, tt.says) || (got == OK) != (why == "") {
			t.Errorf("%s: %s %q, want %s with %q", tt.name, got, why, tt.want, tt.says)
		}
	}
}
