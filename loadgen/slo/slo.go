// Package slo says whether what was measured meets an objective.
//
// An objective is a list of bounds, all of which have to hold:
//
//	p99<5ms,errors<0.1%,throughput>20k
//
//	p50 ... p99.99, mean, max, min    of latency: done-due
//	service.p99, lag.p99, connect.p99 of service time, lag or the time to connect; also .mean, .max, .min
//	errors                            requests without a good reply, failed or unfinished, as a share: 0.1%
//	throughput                        good replies per second: 500, 20k, 1.5M
//	rate                              requests that left per second
//
// Comparisons are <, <=, > and >=. A percentile with fewer than ten samples beyond it cannot
// be told from so few requests, whatever its bound: then neither can the objective, unless
// another bound is missed.
//
// Objectives are plain values, safe for concurrent use. Nothing here prints.
package slo

import (
	"fmt"
	"math"
	"strings"
	"time"

	"modelbench/loadgen/record"
)

// An Outcome is what became of an objective.
type Outcome uint8

const (
	Unknown Outcome = iota // cannot be told from what was measured
	Met
	Missed
)

// String returns "met", "missed" or "unknown".
func (o Outcome) String() string { return [...]string{"unknown", "met", "missed"}[o] }

// An Objective is a list of bounds. The zero Objective asks for nothing.
type Objective struct {
	bounds []bound
}

// bound is one comparison.
type bound struct {
	text    string // as written, without blanks
	measure measure
	less    bool    // the value has to be below the limit, else above
	equal   bool    // or equal to it
	limit   float64 // ns, a share of 1, or per second
}

// IsZero reports whether the objective asks for nothing.
func (o Objective) IsZero() bool { return len(o.bounds) == 0 }

// Needs returns how many requests have to complete before the objective can be told: ten
// beyond each percentile it asks for, and at least one.
func (o Objective) Needs() uint64 {
	needs := uint64(1)
	for _, b := range o.bounds {
		if b.measure.what == "quantile" {
			// As record.Hist.Quantile has it, with the same tolerance.
			needs = max(needs, uint64(math.Ceil((record.BeyondQuantile-1e-6)/(1-b.measure.q))))
		}
	}
	return needs
}

// String returns the objective as it was written, without blanks.
func (o Objective) String() string {
	texts := make([]string, len(o.bounds))
	for i, b := range o.bounds {
		texts[i] = b.text
	}
	return strings.Join(texts, ",")
}

// A Check is what became of one bound.
type Check struct {
	Bound   string // as written: "p99<5ms"
	Outcome Outcome
	Figure  string // what was measured: "p99 is 3.21ms"; or why that cannot be told
}

// A Result is what became of an objective.
type Result struct {
	Outcome Outcome // Missed if any bound is, else Unknown if any is, else Met
	Checks  []Check // one for each bound, in order
}

// Evaluate judges what was measured. It does not ask whether the samples may be believed:
// see record.Samples.Judge.
func (o Objective) Evaluate(s *record.Samples) Result {
	r := Result{Outcome: Met}
	for _, b := range o.bounds {
		c := b.check(s)
		r.Checks = append(r.Checks, c)
		if c.Outcome == Missed || c.Outcome == Unknown && r.Outcome == Met {
			r.Outcome = c.Outcome
		}
	}
	return r
}

func (b bound) check(s *record.Samples) Check {
	c := Check{Bound: b.text}
	value, why := b.measure.value(s)
	switch {
	case why != "":
		c.Figure = why
		return c
	case s.Completed == 0 && s.Replies == 0 && b.holds(value):
		c.Figure = fmt.Sprintf("%s is %s, and no request succeeded", b.measure.name, b.measure.show(value))
		return c
	case b.holds(value):
		c.Outcome = Met
	default:
		c.Outcome = Missed
	}
	c.Figure = fmt.Sprintf("%s is %s", b.measure.name, b.measure.show(value))
	return c
}

func (b bound) holds(value float64) bool {
	switch {
	case value == b.limit:
		return b.equal
	case b.less:
		return value < b.limit
	}
	return value > b.limit
}

// duration writes nanoseconds to the microsecond, or in full where that is nothing.
func duration(ns float64) string {
	d := time.Duration(ns)
	if d >= time.Microsecond {
		d = d.Round(max(time.Microsecond, d/1000).Truncate(time.Microsecond))
	}
	return strings.Replace(d.String(), "µs", "us", 1)
}
