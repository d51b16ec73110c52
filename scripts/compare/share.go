package main

import (
	"fmt"
	"strconv"
	"strings"
)

// share is a part of a whole, written 3% or 0.03.
type share float64

// UnmarshalText implements encoding.TextUnmarshaler, which is how kong reads it.
func (s *share) UnmarshalText(text []byte) error {
	number, percent := strings.CutSuffix(string(text), "%")
	v, err := strconv.ParseFloat(number, 64)
	switch {
	case err != nil || v != v:
		return fmt.Errorf("%q is not a width, such as 3%%", text)
	case percent:
		v /= 100
	case v >= 1:
		return fmt.Errorf("%s is not a width: write %[1]s%%", text)
	}
	*s = share(v)
	return nil
}
