package pace

import (
	"fmt"
	"time"
)

// A Schedule says which requests are due when. It is plain data. Its zero value is a
// closed loop, in which nothing is due at any time of its own.
//
// Of Rate, Ramp and Steps at most one is set. All are in requests per second on the
// target; offsets count from the begin of the load, warm-up included:
//
//	0          Warmup               Warmup+Over
//	|--Ramp[0]----|--Ramp[0]..Ramp[1]--|--Ramp[1]-->
//	|--Steps[0]---|--Steps[0]-|-Steps[1]-|-...-|--the last step-->
//
// Rates lie between MinRate and MaxRate. A ramp or a step may also be at 0, where no
// request is due, but not all of it.
type Schedule struct {
	Rate    float64       // the same all the time
	Ramp    [2]float64    // a straight line from the first to the second
	Steps   []float64     // each for an equal part of Over
	Over    time.Duration // how long a ramp or the steps take; more than 0 if there are any
	Warmup  time.Duration // how long the load lasts before them
	Poisson bool          // random arrivals; else evenly spaced
	Seed    uint64        // of random arrivals
}

// MaxSteps is the greatest number of steps.
const MaxSteps = 1000

// Open reports whether requests are due at times of their own: whether this is an open loop.
func (s Schedule) Open() bool {
	return s.Rate != 0 || s.Ramp != [2]float64{} || len(s.Steps) > 0
}

// Changes reports whether the rate depends on the time.
func (s Schedule) Changes() bool {
	return s.Ramp != [2]float64{} || len(s.Steps) > 0
}

// Validate says what is wrong with a schedule, if anything, beginning with the name of the
// command line flag that sets the field. The zero schedule is valid.
func (s Schedule) Validate() error {
	if s.Warmup < 0 {
		return fmt.Errorf("warmup: %v is negative", s.Warmup)
	}
	ramp := s.Ramp != [2]float64{}
	switch {
	case ramp && len(s.Steps) > 0:
		return fmt.Errorf("steps: cannot be combined with a ramp")
	case ramp && s.Rate != 0:
		return fmt.Errorf("ramp: cannot be combined with a rate")
	case len(s.Steps) > 0 && s.Rate != 0:
		return fmt.Errorf("steps: cannot be combined with a rate")
	case ramp:
		return s.validate("ramp", s.Ramp[:])
	case len(s.Steps) > MaxSteps:
		return fmt.Errorf("steps: %d of them; at most %d are possible", len(s.Steps), MaxSteps)
	case len(s.Steps) > 0:
		return s.validate("steps", s.Steps)
	case s.Rate != 0:
		if err := checkRate(s.Rate); err != nil {
			return fmt.Errorf("rate: %w", err)
		}
	case s.Poisson:
		return fmt.Errorf("arrivals: random arrivals need a rate, a ramp or steps")
	}
	return nil
}

// validate checks the rates of a ramp or of steps.
func (s Schedule) validate(flag string, rates []float64) error {
	highest := 0.0
	for _, r := range rates {
		if r == 0 {
			continue
		}
		if err := checkRate(r); err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
		highest = max(highest, r)
	}
	if highest == 0 {
		return fmt.Errorf("%s: all of it is at rate 0", flag)
	}
	if s.Over < time.Duration(len(rates)) {
		return fmt.Errorf("%s: %v is too short for it", flag, s.Over)
	}
	return nil
}

// Profile returns the rate over time; that of a closed loop has no requests. It returns
// the errors of Validate.
func (s Schedule) Profile() (Profile, error) {
	var p Profile
	if err := s.Validate(); err != nil {
		return p, err
	}
	warmup, over := float64(s.Warmup), float64(s.Over)
	switch {
	case s.Ramp != [2]float64{}:
		p.then(warmup, s.Ramp[0], s.Ramp[0])
		p.then(over, s.Ramp[0], s.Ramp[1])
		p.then(forever, s.Ramp[1], s.Ramp[1])
	case len(s.Steps) > 0:
		last := len(s.Steps) - 1
		p.then(warmup, s.Steps[0], s.Steps[0])
		for _, r := range s.Steps[:last] {
			p.then(over/float64(len(s.Steps)), r, r)
		}
		p.then(forever, s.Steps[last], s.Steps[last])
	case s.Rate != 0:
		p.then(forever, s.Rate, s.Rate)
	}
	return p, nil
}

// Pacer returns share number share (from 0) of shares of the schedule. It returns the
// errors of Validate, and fails for a closed loop and for a share that does not exist.
func (s Schedule) Pacer(share, shares int) (Pacer, error) {
	profile, err := s.Profile()
	if err != nil {
		return nil, err
	}
	if !s.Open() {
		return nil, fmt.Errorf("a closed loop has no schedule")
	}
	if share < 0 || share >= shares {
		return nil, fmt.Errorf("no share %d of %d", share, shares)
	}
	return &pacer{points: newPoints(s.Poisson, s.Seed, share, shares), parts: profile.parts}, nil
}
