package main

import (
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"modelbench/loadgen/pace"
)

// Numbers as they stand on the command line. wrk's hands write 30 for seconds and 1k for
// a thousand, Go's write 1m30s: both are read.

// rate is a number of requests per second as a flag: 500, 20k, 1.5M.
type rate float64

// ramp is the two ends of a rate that changes: 1k:20k.
type ramp [2]float64

func (r *ramp) UnmarshalText(text []byte) error {
	v, err := pace.ParseRamp(string(text))
	*r = v
	return err
}

func (r ramp) String() string { return plain(r[0]) + ":" + plain(r[1]) }

// steps are rates that follow each other: 1k,2k,5k.
type steps []float64

func (s *steps) UnmarshalText(text []byte) error {
	v, err := pace.ParseSteps(string(text))
	*s = v
	return err
}

func (s steps) String() string {
	var all []string
	for _, rate := range s {
		all = append(all, plain(rate))
	}
	return strings.Join(all, ",")
}

// plain writes a rate without an exponent.
func plain(rate float64) string { return strconv.FormatFloat(rate, 'f', -1, 64) }

// fourDigits rounds a rate to what people read of it and type again.
func fourDigits(rate float64) float64 {
	v, err := strconv.ParseFloat(strconv.FormatFloat(rate, 'e', 3, 64), 64)
	if err != nil {
		return rate // cannot be: what was written is read
	}
	return v
}

// parseDuration reads 30 (seconds), 1.5, 500ms, 30s, 2m, 1h30m.
func parseDuration(s string) (time.Duration, error) {
	d, err := time.ParseDuration(s)
	if err == nil {
		return d, nil
	}
	if d, err := time.ParseDuration(s + "s"); err == nil && strings.Trim(s, "+-.0123456789") == "" {
		return d, nil
	}
	return 0, fmt.Errorf("%q is not a duration: want seconds such as 30, or a unit as in 500ms, 30s, 2m, 1h", s)
}

// parseCount reads a whole number: 500, 20k, 1.5M.
func parseCount(s string) (int64, error) {
	digits, unit := s, 1.0
	switch {
	case strings.HasSuffix(s, "k"), strings.HasSuffix(s, "K"):
		digits, unit = s[:len(s)-1], 1e3
	case strings.HasSuffix(s, "M"):
		digits, unit = s[:len(s)-1], 1e6
	}
	if n, err := strconv.ParseInt(digits, 10, 64); err == nil && unit == 1 {
		return n, nil
	}
	v, err := strconv.ParseFloat(digits, 64)
	v = math.Round(v*unit*1e6) / 1e6 // 0.0123k is 12.3, whatever binary makes of it
	if err != nil || v != math.Trunc(v) || math.Abs(v) > 1<<53 {
		return 0, fmt.Errorf("%q is not a whole number such as 500, 20k or 1.5M", s)
	}
	return int64(v), nil
}

// mappers make kong read durations and whole numbers in this way.
func mappers() []kong.Option {
	return []kong.Option{
		kong.KindMapper(reflect.Int, number(func(s string, v reflect.Value) error {
			n, err := parseCount(s)
			v.SetInt(n)
			return err
		})),
		kong.KindMapper(reflect.Uint64, number(func(s string, v reflect.Value) error {
			n, err := parseCount(s)
			if err == nil && n < 0 {
				return fmt.Errorf("%d is negative", n)
			}
			v.SetUint(uint64(n))
			return err
		})),
		kong.TypeMapper(reflect.TypeFor[time.Duration](), number(func(s string, v reflect.Value) error {
			d, err := parseDuration(s)
			v.SetInt(int64(d))
			return err
		})),
		kong.TypeMapper(reflect.TypeFor[rate](), number(func(s string, v reflect.Value) error {
			r, err := pace.ParseRate(s)
			v.SetFloat(r)
			return err
		})),
	}
}

// number makes a mapper of a function that reads one word. Words that begin with a dash
// are read too: what is wrong with -1 is that it is negative.
func number(read func(s string, v reflect.Value) error) kong.Mapper {
	return kong.MapperFunc(func(ctx *kong.DecodeContext, target reflect.Value) error {
		token := ctx.Scan.Pop()
		if token.IsEOL() {
			return errors.New("wants a value")
		}
		return read(fmt.Sprint(token.Value), target)
	})
}
