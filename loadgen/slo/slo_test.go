package slo

import (
	"strings"
	"testing"
	"time"

	"modelbench/loadgen/record"
)

// thousand has latencies of 1 ms to 1000 ms, and in an open loop a service time of half that.
func thousand(open bool) *record.Samples {
	s := &record.Samples{Due: 1100, Sent: 1090, Completed: 1000, Unfinished: 40, Replies: 1000, Left: 1090, Measured: 10 * time.Second}
	s.Errors[record.Timeout] = 60
	s.Init(1)
	for i := range 1000 {
		d := time.Duration(i+1) * time.Millisecond
		s.Latency.Add(d)
		if open {
			s.Service.Add(d / 2)
			s.Lag.Add(time.Duration(i) * time.Microsecond)
		}
	}
	return s
}

func TestEvaluate(t *testing.T) {
	open, closed := thousand(true), thousand(false)
	for _, tt := range []struct {
		text   string
		s      *record.Samples
		want   Outcome
		figure string
	}{
		{"p50<600ms", open, Met, "p50 is 500"},
		{"p50<400ms", open, Missed, "p50 is 500"},
		{"latency.p50<400ms", open, Missed, "latency.p50 is 500"},
		{"p99<1s", open, Met, "p99 is 99"},
		{"p99.9<1s", open, Unknown, "p99.9 of 1000 samples: fewer than 10 lie beyond it"},
		{"p99.9>1h", open, Unknown, "fewer than 10"},
		{"max<=1s", open, Met, "max is 1s"},
		{"max<1s", open, Missed, "max is 1s"},
		{"min>=1ms", open, Met, "min is 1ms"},
		{"min>1ms", open, Missed, "min is 1ms"},
		{"mean<501ms", open, Met, "mean is 500"},
		{"service.p50<300ms", open, Met, "service.p50 is 25"},
		{"service.p50<300ms", closed, Missed, "service.p50 is 500"}, // in a closed loop it is the latency
		{"lag.p99<1ms", open, Met, "lag.p99 is 98"},
		{"lag.p99<1ms", closed, Unknown, "lag is measured at a given rate only"},
		{"connect.p99<1ms", open, Unknown, "no connection was made"},
		{"errors<10%", open, Met, "errors is 9.09%"},
		{"errors<=9%", open, Missed, "errors is 9.09%"},
		{"throughput>=100", open, Met, "throughput is 100.0/s"},
		{"throughput>100", open, Missed, "throughput is 100.0/s"},
		{"rate>0.1k", open, Met, "rate is 109.0/s"},
		{"p50<1s", &record.Samples{}, Unknown, "no request completed"},
		{"errors<1%", &record.Samples{}, Unknown, "no request was due"},
		{"rate>1", &record.Samples{}, Unknown, "no time was measured"},
	} {
		o, err := Parse(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		r := o.Evaluate(tt.s)
		if c := r.Checks[0]; r.Outcome != tt.want || c.Outcome != tt.want || c.Bound != tt.text || !strings.Contains(c.Figure, tt.figure) {
			t.Errorf("%s: %v, %+v, want %v because %s", tt.text, r.Outcome, c, tt.want, tt.figure)
		}
	}
}

// One bound that is missed is enough, and one that cannot be told leaves the rest in doubt.
func TestOutcomes(t *testing.T) {
	for text, want := range map[string]Outcome{
		"p50<1s,p90<1s":                Met,
		"p50<1s,p99.9<2s":              Unknown,
		"p99.9<2s, p50 < 1s":           Unknown,
		"p99.9<2s,p50<1ms":             Missed,
		"p50<1ms,p99.9<2s":             Missed,
		"p50<1ms,p90<2s":               Missed,
		"p50<1s,errors<1%,p99.99<1s":   Missed,
		"p50<1s,errors<50%,p99.99<10s": Unknown,
	} {
		o, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if r := o.Evaluate(thousand(true)); r.Outcome != want || len(r.Checks) != strings.Count(text, ",")+1 {
			t.Errorf("%s: %v, want %v", text, r, want)
		}
	}
	if r := (Objective{}).Evaluate(thousand(true)); r.Outcome != Met || !(Objective{}).IsZero() {
		t.Errorf("nothing asked for: %v", r)
	}
}

func TestErrorsNameTheByte(t *testing.T) {
	for text, want := range map[string]string{
		"":                   "at byte 1: a bound such as p99<5ms is missing",
		"p99<5ms,":           "at byte 9: a bound such as p99<5ms is missing",
		"p99":                `at byte 4: a comparison is missing after "p99": want <, <=, > or >=`,
		" p99 ,p50<1ms":      "at byte 5: a comparison is missing",
		"p99<5ms, q99<5ms":   `at byte 10: "q99" cannot be measured: want p50 to p99.99`,
		"<5ms":               `at byte 1: "" cannot be measured`,
		"p100<5ms":           "at byte 1: ",
		"p0<5ms":             "at byte 1: ",
		"p1e1<5ms":           "at byte 1: ",
		"p9_9<5ms":           "at byte 1: ",
		"lag<5ms":            "at byte 1: ",
		"service.errors<1%":  "at byte 1: ",
		"p99=5ms":            "at byte 4: = would never hold",
		"p99<5":              `at byte 5: "5" is no time: want such as 5ms`,
		"p99<=  5":           `at byte 8: "5" is no time`,
		"p99<<5ms":           `at byte 5: "<5ms" is no time`,
		"p99<-5ms":           `at byte 5: "-5ms" is no time`,
		"p50<1ms,errors<0.1": `at byte 16: "0.1" is no share: want 0% to 100%`,
		"errors<101%":        "at byte 8: ",
		"errors<NaN%":        "at byte 8: ",
		"errors<0x1p0%":      "at byte 8: ",
		"throughput>fast":    `at byte 12: "fast" is no rate`,
		"p50<1ms;p99<1ms":    `at byte 5: "1ms;p99<1ms" is no time`,
		strings.Repeat("p50<1ms,", MaxBounds) + "p50<1ms": "33 bounds; at most 32",
	} {
		if o, err := Parse(text); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%q: %v, %v, want %s", text, o, err, want)
		}
	}
}

// What is understood is written as it is understood, and anything at all gets an answer.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"p99<5ms,errors<0.1%", " service.p99.9 >= 1.5s ", "throughput>20k,rate>=1.5M", "max<1h,mean<1us,min>0s", "p99=5", ",", "p99.<1ms", "errors<1e-3%"} {
		for i := range len(seed) + 1 {
			f.Add(seed[:i])
		}
	}
	s := thousand(true)
	f.Fuzz(func(t *testing.T, text string) {
		o, err := Parse(text)
		if err != nil {
			if o.String() != "" || err.Error() == "" {
				t.Errorf("%q: %v with an error", text, o)
			}
			return
		}
		again, err := Parse(o.String())
		if err != nil || again.String() != o.String() {
			t.Errorf("%q is understood as %q, which is %q, %v", text, o, again, err)
		}
		for i, c := range o.Evaluate(s).Checks {
			if c.Figure == "" || c.Outcome != again.Evaluate(s).Checks[i].Outcome {
				t.Errorf("%q: %+v", text, c)
			}
		}
	})
}

// With as many requests as it says it needs an objective can be told, with fewer it cannot.
func TestNeeds(t *testing.T) {
	for text, want := range map[string]uint64{"p50<1s": 20, "p99<1s": 1000, "p99<1s,service.p99.9<1s": 10000, "max<1s": 1, "errors<1%": 1} {
		o, err := Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if o.Needs() != want {
			t.Errorf("%s needs %d, want %d", text, o.Needs(), want)
		}
		for _, n := range []uint64{o.Needs() - 1, o.Needs()} {
			s := &record.Samples{Due: n, Completed: n, Measured: time.Second}
			s.Init(1)
			for range n {
				s.Latency.Add(time.Millisecond)
				s.Service.Add(time.Millisecond)
			}
			if told := o.Evaluate(s).Outcome != Unknown; told != (n == o.Needs()) {
				t.Errorf("%s after %d requests: told %v", text, n, told)
			}
		}
	}
}
