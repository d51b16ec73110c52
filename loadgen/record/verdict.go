package record

import (
	"fmt"
	"math"
	"strings"
	"time"
)

// A Verdict says whether a trial may be believed.
type Verdict string

const (
	// OK: nothing speaks against the figures.
	OK Verdict = "ok"
	// ClientBound: a thread of the generator computed for BusyShare of the windows or
	// more, and the load was a closed loop or its rate was missed. The figures are then
	// about the generator; throughput is a lower bound of the server's.
	ClientBound Verdict = "client_bound"
	// RateMissed: fewer or more requests left inside the windows than were due in them,
	// by more than RateTolerance. The server (or the generator) cannot take this rate.
	RateMissed Verdict = "rate_missed"
	// Lagging: the generator's own lateness has a p99 over LateFloor and over LateShare
	// of the latency's p99. Waiting for a free connection is not part of it.
	Lagging Verdict = "lagging"
	// Errors: more than ErrorShare of the requests failed or were unfinished, or so many
	// attempts to connect failed, or so many connections brought bytes nobody asked for.
	Errors Verdict = "errors"
	// TooFew: fewer than MinCompleted requests completed, so that not even the median
	// has ten samples beyond it.
	TooFew Verdict = "too_few"
)

// Thresholds of the verdicts.
const (
	BusyShare     = 0.95
	RateTolerance = 0.01
	LateFloor     = 100 * time.Microsecond
	LateShare     = 0.10
	ErrorShare    = 0.001
	MinCompleted  = 2 * BeyondQuantile
)

// Judge returns the verdict on s and, unless it is OK, the figures that led to it.
// offered is the rate asked for in requests per second, 0 for a closed loop.
//
// The first that applies wins: failed requests explain everything else; a busy client
// explains a missed rate, and that explains unfinished requests.
func (s *Samples) Judge(offered float64) (Verdict, string) {
	if s.Due == 0 {
		return TooFew, "no request was due in a measured window"
	}
	if share := float64(s.Failed()) / float64(s.Due); share > ErrorShare {
		k := s.Worst()
		return Errors, fmt.Sprintf("%s of %d requests failed, most by err_%s (%d)", percent(share), s.Due, k, s.Errors[k])
	}
	if over(s.ConnectFailed, s.Due) {
		return Errors, fmt.Sprintf("%d attempts to connect failed beside %d requests: the load was lighter than it says", s.ConnectFailed, s.Due)
	}
	if over(s.Unasked, s.Due) {
		return Errors, fmt.Sprintf("on %d connections came bytes that nobody had asked for, beside %d requests", s.Unasked, s.Due)
	}
	if s.Completed == 0 {
		return Errors, fmt.Sprintf("none of %d requests was answered", s.Due)
	}
	missed := offered > 0 && math.Abs(float64(s.Left)-float64(s.Due)) > RateTolerance*float64(s.Due)+1
	if busy := s.ClientShare(); busy >= BusyShare && (offered == 0 || missed) {
		return ClientBound, fmt.Sprintf("a client thread computed for %s of the measured time (limit %s): throughput is a lower bound",
			percent(busy), percent(BusyShare))
	}
	if missed {
		return RateMissed, fmt.Sprintf("%.0f requests/s left where %.0f were offered", float64(s.Left)/s.Measured.Seconds(), offered)
	}
	if share := float64(s.Unfinished) / float64(s.Due); share > ErrorShare {
		return Errors, fmt.Sprintf("%s of %d requests were unfinished", percent(share), s.Due)
	}
	if s.Completed < MinCompleted {
		return TooFew, fmt.Sprintf("%d requests completed, at least %d are needed", s.Completed, MinCompleted)
	}
	late, _ := s.Late.Quantile(0.99)
	latency, _ := s.Latency.Quantile(0.99)
	if late > LateFloor && float64(late) > LateShare*float64(latency) {
		return Lagging, fmt.Sprintf("the generator itself was late by %s (p99) where latency p99 is %s", short(late), short(latency))
	}
	return OK, ""
}

// over reports whether n is more than ErrorShare of requests.
func over(n, requests uint64) bool { return float64(n) > ErrorShare*float64(requests) }

// Worst returns the kind that most requests failed by, Connect if none did.
func (s *Samples) Worst() Kind {
	worst := Kind(0)
	for k := range Kinds {
		if s.Errors[k] > s.Errors[worst] {
			worst = k
		}
	}
	return worst
}

// short is a duration to the microsecond, in ASCII as all other output is.
func short(d time.Duration) string {
	return strings.Replace(d.Round(time.Microsecond).String(), "µs", "us", 1)
}

func percent(share float64) string { return fmt.Sprintf("%.3g%%", share*100) }
