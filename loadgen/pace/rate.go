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

// ParseRamp reads the two ends of a ramp, as in 1k:20k. Each is a rate or 0, and one of
// them more than 0.
func ParseRamp(s string) ([2]float64, error) {
	first, last, found := strings.Cut(s, ":")
	if !found || strings.Contains(last, ":") {
		return [2]float64{}, fmt.Errorf("%q is not a ramp: want the first and the last rate, such as 1k:20k", s)
	}
	rates, err := parseRates("ramp", []string{first, last})
	if err != nil {
		return [2]float64{}, err
	}
	return [2]float64(rates), nil
}

// ParseSteps reads the rates of steps, as in 1k,2k,5k: up to MaxSteps rates or zeros, and
// one of them more than 0.
func ParseSteps(s string) ([]float64, error) {
	if n := strings.Count(s, ",") + 1; n > MaxSteps {
		return nil, fmt.Errorf("%d steps: at most %d are possible", n, MaxSteps)
	}
	return parseRates("steps", strings.Split(s, ","))
}

func parseRates(what string, words []string) ([]float64, error) {
	rates := make([]float64, len(words))
	highest := 0.0
	for i, word := range words {
		v, err := ParseRate(word)
		if err != nil {
			return nil, fmt.Errorf("rate %d of the %s: %w", i+1, what, err)
		}
		rates[i], highest = v, max(highest, v)
	}
	if highest == 0 {
		return nil, fmt.Errorf("all of the %s is at rate 0", what)
	}
	return rates, nil
}
