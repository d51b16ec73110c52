// Package search finds the highest rate that still meets an objective.
//
// A Search is a state machine with no clock and no socket: Next says what to run, whoever
// can does so, and Observe takes what came of it. It is not safe for concurrent use.
//
//	             met                            apart <= Width
//	grow: rate x 2 ---> not met --> bisect: sqrt(lo x hi) ---> check hi --not met--> confirm at lo --met--> done
//	   |  not met        ^              ^                         | met                   | not met
//	   |                 +--------------|-------------------------+                       v
//	   +--> shrink: rate / 2 --met------+                                   step down by Width, 2 Width, 4 Width ...
//	                 | not met at Min                                       then bisect again, every run a long one
//	                 v
//	              nothing found
//
// # Noise
//
// Near the answer, runs of the same rate differ, and anywhere one may go wrong. The rules:
//   - A run that met the objective is believed at once; one that did not is believed when a
//     second run at the same rate did not either: it is two of three.
//   - The lower end of the answer has met the objective in a confirming run, longer than the
//     others. If that fails, also by two of three, nothing that short runs met is believed any
//     more.
//   - The upper end has failed in three runs of five, or in two long ones of three.
//
// So a single run that went wrong, either way and at any point, costs some runs and moves the
// answer by nothing: a false "not met" is outvoted, a false "met" is found out by the
// confirming run. With one run in twenty wrong, and runs that are a gamble within 2% of the
// limit, 95 answers in a hundred are within 10% of it (see the tests).
//
// # Limits of the generator
//
// A rate that the generator itself could not offer says nothing of the server. It bounds the
// search as a failed one does, but the result then says that it is a lower bound.
package search

import (
	"fmt"
	"math"
	"strconv"
	"time"
)

// A Config says where to search, and how thoroughly. Zero fields mean the default given
// with each. Rates are in requests per second.
type Config struct {
	Start   float64       // the first rate; 0 means 1000, or the nearest that Min and Max allow
	Min     float64       // not searched below; 0 means 1
	Max     float64       // not searched above; 0 means 10 million
	Width   float64       // how far apart the two ends of the answer may be, relatively; 0 means 0.05
	Run     time.Duration // length of a run; 0 means 2 s
	Confirm time.Duration // length of a confirming run; 0 means 5 times Run
	MaxRuns int           // runs at most, confirming ones included; 0 means 60
}

// Limits of a Config.
const (
	MinWidth = 0.01
	MaxWidth = 1
)

func or[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

func (c Config) withDefaults() Config {
	c.Min = or(c.Min, 1)
	c.Max = or(c.Max, 1e7)
	c.Start = or(c.Start, min(max(1000, c.Min), c.Max))
	c.Width = or(c.Width, 0.05)
	c.Run = or(c.Run, 2*time.Second)
	c.Confirm = or(c.Confirm, 5*c.Run)
	c.MaxRuns = or(c.MaxRuns, 60)
	return c
}

// Validate says what is wrong with a configuration, if anything.
func (c Config) Validate() error {
	c = c.withDefaults()
	switch {
	case !(c.Min > 0 && c.Min <= c.Max && !math.IsInf(c.Max, 1)):
		return fmt.Errorf("search for a rate: from %g to %g is no range", c.Min, c.Max)
	case !(c.Start >= c.Min && c.Start <= c.Max):
		return fmt.Errorf("search for a rate: the first, %g, is not between %g and %g", c.Start, c.Min, c.Max)
	case !(c.Width >= MinWidth && c.Width <= MaxWidth):
		return fmt.Errorf("search for a rate: a width of %g is not between %g and %g", c.Width, MinWidth, float64(MaxWidth))
	case c.Run <= 0 || c.Confirm < c.Run:
		return fmt.Errorf("search for a rate: runs of %v and confirming runs of %v, which must not be shorter", c.Run, c.Confirm)
	case c.MaxRuns < 1:
		return fmt.Errorf("search for a rate: %d runs", c.MaxRuns)
	}
	return nil
}

// A Step is a run to make.
type Step struct {
	Rate       float64 // requests per second
	Duration   time.Duration
	Confirming bool // a long run, at what may be the answer
}

// Achieved is the share of the rate that a run must have reached for its objective to count
// as met: whoever sends less has tested another rate.
const Achieved = 0.99

// An Outcome is what came of a run.
type Outcome struct {
	Met bool // the objective was met
	// Limited: the generator was at its own limit or late, so that the run says nothing of
	// the server. Met does not matter then.
	Limited bool
	// Rate is what was achieved, in requests per second. Below Achieved of the step's rate
	// the objective counts as not met. 0 means not known: as asked for.
	Rate float64
}

// A Run is a step and what came of it.
type Run struct {
	Step
	Outcome
}

// A Search looks for a rate. New makes one.
type Search struct {
	cfg Config

	lo, hi    float64 // the highest rate met and the lowest not met; 0: none yet
	hiLimited bool    // hi is the generator's limit, not the server's
	hiVotes   votes   // that hi was settled by
	hiChecked bool    // hi has failed often enough for an answer
	checking  bool    // the present runs are to check hi
	long      bool    // only confirming runs count, since lo is to be or was confirmed by one
	down      int     // how often a confirming run has failed since lo was last known
	done      bool

	step  Step // what Next says
	votes votes
	runs  []Run
}

// New returns a search at its begin. It returns the errors of Validate.
func New(c Config) (*Search, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	s := &Search{cfg: c.withDefaults()}
	s.try(s.cfg.Start)
	return s, nil
}

// Next returns the run to make, the same until Observe is called, and false when the
// search is over.
func (s *Search) Next() (Step, bool) {
	if s.done {
		return Step{}, false
	}
	return s.step, true
}

// Observe takes the outcome of the run that Next returned. When the search is over it does
// nothing.
func (s *Search) Observe(o Outcome) {
	if s.done {
		return
	}
	s.runs = append(s.runs, Run{s.step, o})
	o.Met = o.Met && !o.Limited && (o.Rate == 0 || o.Rate >= Achieved*s.step.Rate)
	if s.votes.cast(o); s.decided() {
		s.settle()
	}
	s.done = s.done || len(s.runs) >= s.cfg.MaxRuns
}

// votes are the outcomes of the runs at one rate.
type votes struct{ met, failed, limited int }

func (v votes) not() int { return v.failed + v.limited }

func (v *votes) cast(o Outcome) {
	switch {
	case o.Met:
		v.met++
	case o.Limited:
		v.limited++
	default:
		v.failed++
	}
}

// decided reports whether the votes at this rate are enough: two that agree, or the first
// if it was met; three to check the upper end, which has two or three votes already.
func (s *Search) decided() bool {
	v := s.votes
	if s.checking {
		return v.met == 3 || v.not() == 3
	}
	return v.met == 1 && v.not() == 0 || v.met == 2 || v.not() == 2
}

// settle takes what is now believed of the present rate and decides what comes next.
func (s *Search) settle() {
	rate := s.step.Rate
	switch {
	case s.votes.met > s.votes.not():
		s.lo, s.down = rate, 0
		if s.checking {
			s.hi, s.hiLimited = 0, false
		}
		s.done = s.step.Confirming && !s.apart()
	case s.step.Confirming:
		s.lo = 0
		s.down++
		s.failed()
	default:
		s.failed()
	}
	if !s.done {
		s.try(s.next())
	}
}

// failed takes the present rate as the new upper end.
func (s *Search) failed() {
	s.hi, s.hiVotes = s.step.Rate, s.votes
	s.hiLimited = s.votes.limited >= s.votes.failed
	s.hiChecked = s.checking || s.long
	s.done = s.lo == 0 && s.hi <= s.cfg.Min
}

// apart reports whether there is room for the answer to be much higher than lo.
func (s *Search) apart() bool {
	if s.hi == 0 {
		return s.lo < s.cfg.Max
	}
	return s.hi > s.lo*(1+s.cfg.Width)
}

// next returns the rate that the figure of the package comment says.
func (s *Search) next() float64 {
	s.checking = false
	switch {
	case s.lo == 0 && s.long: // a confirming run has failed
		return max(s.hi/(1+s.cfg.Width*math.Exp2(float64(s.down-1))), s.cfg.Min)
	case s.lo == 0:
		return max(s.hi/2, s.cfg.Min)
	case !s.apart() && s.hi > 0 && !s.hiChecked:
		s.checking = true
		return s.hi
	case !s.apart():
		s.long = true
		return s.lo
	case s.hi == 0:
		return min(s.lo*2, s.cfg.Max)
	}
	return math.Sqrt(s.lo * s.hi)
}

// try begins with a rate.
func (s *Search) try(rate float64) {
	switch rate {
	case s.lo, s.hi, s.cfg.Min, s.cfg.Max, s.cfg.Start:
	default:
		rate = min(max(readable(rate), s.cfg.Min), s.cfg.Max)
	}
	s.step = Step{Rate: rate, Duration: s.cfg.Run, Confirming: s.long}
	if s.long {
		s.step.Duration = s.cfg.Confirm
	}
	s.votes = votes{}
	if s.checking {
		s.votes = s.hiVotes
	}
}

// readable is a rate of four digits, so that people can read it and type it again. Two
// rates that are a hundredth apart still have such rates between them.
func readable(rate float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(rate, 'e', 3, 64), 64)
	if err != nil {
		return rate // cannot be: what was written is read
	}
	return v
}
