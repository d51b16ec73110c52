package pace

import (
	"fmt"
	"strconv"
	"strings"
)

// ParseRate reads a rate in requests per second: a plain number, or one with the
// suffix k (thousand) or M (million): 500, 20k, 1.5M. Zero is allowed and means
// closed loop to the caller. Anything else outside MinRate..MaxRate is an error.
func ParseRate(s string) (float64, error) {
	digits, unit := s, 1.0
	switch {
	case strings.HasSuffix(s, "k"), strings.HasSuffix(s, "K"):
		digits, unit = s[:len(s)-1], 1e3
	case strings.HasSuffix(s, "M"):
		digits, unit = s[:len(s)-1], 1e6
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil {
		return 0, fmt.Errorf("%q is not a rate: want requests per second such as 500, 20k or 1.5M", s)
	}
	v *= unit
	if v != 0 && !(v >= MinRate && v <= MaxRate) {
		return 0, fmt.Errorf("rate %s is not between %g and %g requests per second", s, MinRate, MaxRate)
	}
	return v, nil
}
