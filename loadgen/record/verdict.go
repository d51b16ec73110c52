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
	// Lagging: the generator was absent for more than AbsentShare of the windows, or its own
	// lateness has a p99 over LateFloor and over LateShare of the latency's p99. Waiting for
	// a free connection is not part of it.
	Lagging Verdict = "lagging"
	// Errors: more than ErrorShare of the requests failed or were unfinished, or so many
	// attempts to connect failed (of an open loop: if any request failed too), or so many
	// connections brought bytes nobody asked for.
	Errors Verdict = "errors"
	// TooFew: fewer than MinCompleted requests completed, so that not even the median
	// has ten samples beyond it.
	TooFew Verdict = "too_few"
	// Steal: the hypervisor took more than StealShare of the machine's CPU time while it was
	// measured. Server and generator were stopped now and then, and nothing shows whose
	// figures that is in.
	Steal Verdict = "steal"
	// Nonstationary: throughput has a Trend over the measured time that is significant, so
	// that its mean is that of neither the beginning nor the end.
	Nonstationary Verdict = "nonstationary"
)

// Thresholds of the verdicts.
const (
	BusyShare     = 0.95
	RateTolerance = 0.01
	LateFloor     = 100 * time.Microsecond
	LateShare     = 0.10
	ErrorShare    = 0.001
	MinCompleted  = 2 * BeyondQuantile
	StealShare    = 0.05 // more could be taken for a difference between servers
	AbsentShare   = 0.01 // what is absent for so long moves a p99
)

// Evidence is what a judgement takes into account beside the samples. The zero value is a
// closed loop of which no more is known.
type Evidence struct {
	Offered float64 // rate asked for, in requests per second; 0 for a closed loop
	Steal   float64 // share of the machine's CPU time that the hypervisor took, 0 to 1
	Trend   Trend   // of throughput, where that was not meant to change
	Beside  bool    // Trend is that of throughput beside the other targets of a rotation
}

// Judge returns the verdict on s and, unless it is OK, the figures that led to it.
//
// The first that applies wins. Failed requests explain everything else; a busy client is a
// limit of its own; stolen time explains a missed rate, lateness and drift, and so does an
// absent generator; a missed rate explains unfinished requests.
func (s *Samples) Judge(e Evidence) (Verdict, string) {
	for _, judge := range []func(*Samples, Evidence) (Verdict, string){
		(*Samples).judgeErrors, (*Samples).judgeClient, (*Samples).judgeSteal, (*Samples).judgeAbsence, (*Samples).judgeRate,
		(*Samples).judgeNumber, (*Samples).judgeLateness, (*Samples).judgeTrend,
	} {
		if v, why := judge(s, e); v != OK {
			return v, why
		}
	}
	return OK, ""
}

func (s *Samples) judgeErrors(e Evidence) (Verdict, string) {
	switch {
	case s.Due == 0 && s.Waiting > 0:
		return TooFew, fmt.Sprintf("no reply to any of the %d requests sent before the window", s.Waiting)
	case s.Due == 0:
		return TooFew, "no request was due in a measured window"
	case over(s.Failed(), s.Due):
		k := s.Worst()
		return Errors, fmt.Sprintf("%s of %d requests failed, most by err_%s (%d)", percent(float64(s.Failed())/float64(s.Due)), s.Due, k, s.Errors[k])
	case over(s.ConnectFailed, s.Due) && e.Offered > 0 && s.Failed() > 0: // else all left on other connections
		return Errors, fmt.Sprintf("%d attempts to connect and %d of %d requests failed", s.ConnectFailed, s.Failed(), s.Due)
	case over(s.ConnectFailed, s.Due) && e.Offered == 0:
		return Errors, fmt.Sprintf("%d attempts to connect failed beside %d requests: the load was lighter than it says", s.ConnectFailed, s.Due)
	case over(s.Unasked, s.Due):
		return Errors, fmt.Sprintf("on %d connections came bytes that nobody had asked for, beside %d requests", s.Unasked, s.Due)
	case s.Completed == 0 && s.Replies == 0:
		return Errors, fmt.Sprintf("none of %d requests was answered", s.Due)
	}
	return OK, ""
}

// missed reports whether the rate was.
func (s *Samples) missed(e Evidence) bool {
	return e.Offered > 0 && math.Abs(float64(s.Left)-float64(s.Due)) > RateTolerance*float64(s.Due)+1
}

func (s *Samples) judgeClient(e Evidence) (Verdict, string) {
	if busy := s.ClientShare(); busy >= BusyShare && (e.Offered == 0 || s.missed(e)) {
		return ClientBound, fmt.Sprintf("a client thread computed for %s of the measured time (limit %s): throughput is a lower bound",
			percent(busy), percent(BusyShare))
	}
	return OK, ""
}

func (s *Samples) judgeSteal(e Evidence) (Verdict, string) {
	if e.Steal > StealShare {
		return Steal, fmt.Sprintf("the hypervisor took %s of the machine's CPU time (limit %s): other guests were busy", percent(e.Steal), percent(StealShare))
	}
	return OK, ""
}

// judgeAbsence leaves RunDelay out: where client and server share CPUs, as in most closed
// loops on a small machine, waiting for each other is part of what is measured.
func (s *Samples) judgeAbsence(Evidence) (Verdict, string) {
	if float64(s.Absent) > AbsentShare*float64(s.Measured) {
		return Lagging, fmt.Sprintf("loadgen itself got no CPU for %s of the %s measured (%s, limit %s)",
			brief(s.Absent), brief(s.Measured), percent(s.Absent.Seconds()/s.Measured.Seconds()), percent(AbsentShare))
	}
	return OK, ""
}

func (s *Samples) judgeRate(e Evidence) (Verdict, string) {
	if s.missed(e) {
		why := fmt.Sprintf("%.0f requests/s were sent where %.0f were offered", float64(s.Left)/s.Measured.Seconds(), e.Offered)
		if s.Completed == 0 {
			why += "; the requests of the warm-up were still waiting"
		}
		return RateMissed, why
	}
	if over(s.Unfinished, s.Due) {
		return Errors, fmt.Sprintf("%s of %d requests were unfinished", percent(float64(s.Unfinished)/float64(s.Due)), s.Due)
	}
	return OK, ""
}

func (s *Samples) judgeNumber(Evidence) (Verdict, string) {
	if s.Completed < MinCompleted {
		return TooFew, fmt.Sprintf("%d requests completed, at least %d are needed", s.Completed, MinCompleted)
	}
	return OK, ""
}

func (s *Samples) judgeLateness(Evidence) (Verdict, string) {
	late, _ := s.Late.Quantile(0.99)
	latency, _ := s.Latency.Quantile(0.99)
	if late > LateFloor && float64(late) > LateShare*float64(latency) {
		return Lagging, fmt.Sprintf("the generator itself was late by %s (p99) where latency p99 is %s", short(late), short(latency))
	}
	return OK, ""
}

func (s *Samples) judgeTrend(e Evidence) (Verdict, string) {
	t := e.Trend
	if !t.Significant() {
		return OK, ""
	}
	ends := fmt.Sprintf("throughput went from %.0f/s to %.0f/s", t.From, t.To)
	if e.Beside {
		ends = fmt.Sprintf("throughput went from %.3g to %.3g times that of the other targets", t.From, t.To)
	}
	return Nonstationary, fmt.Sprintf("%s while it was measured (%+.3g%%, p %.2g)", ends, 100*t.Drift, t.P)
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

// brief is a duration to three or four digits.
func brief(d time.Duration) string {
	unit := time.Microsecond
	for d/unit >= 1000 {
		unit *= 10
	}
	return short(d.Round(unit))
}

func percent(share float64) string { return fmt.Sprintf("%.3g%%", share*100) }
