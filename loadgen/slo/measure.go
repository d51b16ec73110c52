package slo

import (
	"fmt"
	"strconv"
	"strings"

	"modelbench/loadgen/record"
)

// A measure is what a bound is about.
type measure struct {
	name string  // as written: "service.p99"
	kind kind    // which decides the unit of its limit
	hist string  // of a time: latency, service, lag, connect
	what string  // of a time: quantile, mean, max, min
	q    float64 // of a quantile, 0 to 1
}

type kind uint8

const (
	span  kind = iota // ns
	share             // of 1
	speed             // per second
)

// measured lists what can be asked for, for a message.
const measured = "p50 to p99.99, mean, min or max (of latency; service.p99, lag.p99 and connect.p99 are also possible), errors, throughput or rate"

// newMeasure reads a name; not ok if there is none like it.
func newMeasure(name string) (m measure, ok bool) {
	m.name = name
	switch name {
	case "errors":
		m.kind = share
		return m, true
	case "throughput", "rate":
		m.kind = speed
		return m, true
	}
	hist, what, found := strings.Cut(name, ".")
	switch {
	case found && (hist == "latency" || hist == "service" || hist == "lag" || hist == "connect"):
		m.hist = hist
	default:
		m.hist, what = "latency", name
	}
	if what == "mean" || what == "max" || what == "min" {
		m.what = what
		return m, true
	}
	digits, isQuantile := strings.CutPrefix(what, "p")
	if !isQuantile || strings.ContainsFunc(digits, func(r rune) bool { return r != '.' && (r < '0' || r > '9') }) {
		return m, false
	}
	percent, err := strconv.ParseFloat(digits, 64)
	m.what, m.q = "quantile", percent/100
	return m, err == nil && percent > 0 && m.q < 1
}

// value returns what was measured, or why that is not known.
func (m measure) value(s *record.Samples) (v float64, why string) {
	switch m.name {
	case "errors":
		if s.Due == 0 {
			return 0, "no request was due"
		}
		return float64(s.Failed()+s.Unfinished) / float64(s.Due), ""
	case "throughput", "rate":
		if s.Measured <= 0 {
			return 0, "no time was measured"
		}
		if m.name == "rate" {
			return float64(s.Left) / s.Measured.Seconds(), ""
		}
		return s.Throughput(), ""
	}
	h := m.histogram(s)
	if h.Count() == 0 {
		return 0, m.missing(s)
	}
	switch m.what {
	case "mean":
		return float64(h.Mean()), ""
	case "max":
		return float64(h.Max()), ""
	case "min":
		return float64(h.Min()), ""
	}
	d, enough := h.Quantile(m.q)
	if !enough {
		return 0, fmt.Sprintf("%s of %d samples: fewer than %d lie beyond it", m.name, h.Count(), record.BeyondQuantile)
	}
	return float64(d), ""
}

// histogram returns the one that m is about. In a closed loop a request is due when it is
// sent, so that its service time is its latency.
func (m measure) histogram(s *record.Samples) *record.Hist {
	switch {
	case m.hist == "lag":
		return &s.Lag
	case m.hist == "connect":
		return &s.Connect
	case m.hist == "service" && s.Service.Count() > 0:
		return &s.Service
	}
	return &s.Latency
}

// missing says why there are no samples of m.
func (m measure) missing(s *record.Samples) string {
	if m.hist == "lag" && s.Latency.Count() > 0 {
		return "lag is measured at a given rate only"
	}
	if m.hist == "connect" {
		return "no connection was made"
	}
	return "no request completed"
}

func (m measure) show(v float64) string {
	switch m.kind {
	case share:
		return strconv.FormatFloat(v*100, 'g', 3, 64) + "%"
	case speed:
		return strconv.FormatFloat(v, 'f', 1, 64) + "/s"
	}
	return duration(v)
}
