package search

import (
	"fmt"
	"strconv"
)

// A Result is what a search has found. The answer lies between Rate and Above.
type Result struct {
	// Rate is the highest rate that met the objective; 0 if none did.
	Rate float64
	// Confirmed: it did so in a confirming run.
	Confirmed bool
	// Above is the lowest rate that did not meet it, or that the generator could not offer;
	// 0 if there is none.
	Above float64
	// LowerBound: the server may take much more than Rate, since what ended the search was
	// the generator or Config.Max.
	LowerBound bool
	// Doubts are what a reader must know before believing the figures, in words. Empty is
	// the good case.
	Doubts []string
	// Runs are all runs in their order.
	Runs []Run
}

// Result returns what has been found so far. It is the answer once Next has returned false.
func (s *Search) Result() Result {
	r := Result{
		Rate:       s.lo,
		Confirmed:  s.lo > 0 && s.confirmed(),
		Above:      s.hi,
		LowerBound: s.lo > 0 && (s.hi == 0 || s.hiLimited),
		Runs:       s.runs,
	}
	doubt := func(format string, args ...any) { r.Doubts = append(r.Doubts, fmt.Sprintf(format, args...)) }
	if s.hi > 0 && s.hiLimited {
		doubt("the generator itself could not offer %s requests/s: the server may take more", short(s.hi))
	}
	switch {
	case !s.done:
		doubt("the search is not over")
	case s.lo == 0 && s.hi <= s.cfg.Min:
		doubt("even %s requests/s, the lowest rate to be tried, did not meet the objective", short(s.cfg.Min))
	case s.lo == 0:
		doubt("no rate met the objective in %d runs, which is as many as were allowed", len(s.runs))
	case s.hi == 0 && s.lo >= s.cfg.Max:
		doubt("%s requests/s, the highest rate to be tried, met the objective: the server may take more", short(s.cfg.Max))
	case s.apart():
		doubt("stopped after %d runs, which is as many as were allowed, with the answer between %s and %s", len(s.runs), short(s.lo), s.end())
	}
	if s.done && s.lo > 0 && !r.Confirmed {
		doubt("no confirming run was made at %s requests/s: %d runs are as many as were allowed", short(s.lo), len(s.runs))
	}
	return r
}

// end words the upper end of the answer.
func (s *Search) end() string {
	if s.hi == 0 {
		return "any rate above"
	}
	return short(s.hi) + " requests/s"
}

// short writes a rate with four digits, and no exponent.
func short(rate float64) string { return strconv.FormatFloat(readable(rate), 'f', -1, 64) }

// confirmed reports whether a confirming run at lo has met the objective.
func (s *Search) confirmed() bool {
	return s.long && (s.step.Rate != s.lo || s.done && s.votes.met > 0)
}
