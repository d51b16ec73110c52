package spec

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/mattn/go-shellwords"
)

// The forms of values, one pair of functions each: how it is read and how it is
// written. What is written reads as the same value.

func parseDuration(s string) (time.Duration, error) {
	if _, err := strconv.ParseFloat(s, 64); err == nil {
		return 0, fmt.Errorf("%s has no unit: %ss, %sms?", s, s, s)
	}
	d, err := time.ParseDuration(s)
	if err != nil {
		return 0, fmt.Errorf("%q is no time such as 90s, 1m30s or 50ms", s)
	}
	return d, nil
}

// ParseRate reads "closed", or a number of requests per second: 500, 20k, 1.5M.
func ParseRate(s string) (Rate, error) {
	if s == "closed" {
		return Rate{}, nil
	}
	digits, unit := s, 1.0
	switch {
	case strings.HasSuffix(s, "k"):
		digits, unit = strings.TrimSuffix(s, "k"), 1e3
	case strings.HasSuffix(s, "M"):
		digits, unit = strings.TrimSuffix(s, "M"), 1e6
	}
	v, err := strconv.ParseFloat(digits, 64)
	if err != nil || strings.ContainsAny(digits, "_xX") {
		return Rate{}, fmt.Errorf("%q is no rate: closed, {share: 0.25} or requests per second such as 500, 20k or 1.5M", s)
	}
	if v *= unit; !(v > 0) || v > 1e9 {
		return Rate{}, fmt.Errorf("%s is no rate: more than 0 and at most 1000M requests per second", s)
	}
	return Rate{RPS: v}, nil
}

// String is how the file has it.
func (r Rate) String() string {
	switch {
	case r.Share > 0:
		return fmt.Sprintf("{share: %s}", strconv.FormatFloat(r.Share, 'g', -1, 64))
	case r.RPS > 0:
		return strconv.FormatFloat(r.RPS, 'f', -1, 64)
	}
	return "closed"
}

// ParsePercent reads 3% as 0.03.
func ParsePercent(s string) (float64, error) {
	digits, percent := strings.CutSuffix(s, "%")
	v, err := strconv.ParseFloat(digits, 64)
	switch {
	case err != nil || math.IsNaN(v):
		return 0, fmt.Errorf("%q is no share such as 3%%", s)
	case !percent:
		return 0, fmt.Errorf("%s has no %% sign: %s%%?", s, s)
	case v < 0 || v >= 100:
		return 0, fmt.Errorf("%s is not from 0%% to under 100%%", s)
	}
	return v / 100, nil
}

func formatPercent(v float64) string { return strconv.FormatFloat(v*100, 'g', 12, 64) + "%" }

// Split cuts a command line into words as a shell does, quotes and backslashes
// included, but runs no shell: variables, globs and operators are not understood, and
// operators are refused.
func Split(line string) ([]string, error) {
	p := shellwords.NewParser()
	p.ParseEnv, p.ParseBacktick = false, false
	words, err := p.Parse(line)
	switch {
	case err != nil:
		return nil, errors.New("a quote, backslash or parenthesis in it has no end")
	case p.Position >= 0:
		return nil, fmt.Errorf("%q is for a shell, and none is run: quote it, or use sh -c '...'", operator(line, p.Position))
	case len(words) == 0:
		return nil, errors.New("it is empty")
	}
	return words, nil
}

// operator is the rune at a position counted in runes.
func operator(line string, at int) string {
	if runes := []rune(line); at < len(runes) {
		return string(runes[at])
	}
	return line
}

// ParseReady reads the form that flags have: port, line:TEXT, regexp:RE or http:/path.
func ParseReady(s string) (Ready, error) {
	kind, rest, _ := strings.Cut(s, ":")
	switch {
	case s == "port":
		return Ready{}, nil
	case kind == "line" && rest != "":
		return Ready{Line: rest}, nil
	case kind == "regexp" && rest != "":
		return Ready{Regexp: rest}, nil
	case kind == "http" && rest != "":
		return Ready{HTTP: rest}, nil
	}
	return Ready{}, fmt.Errorf("%q is none of port, line:TEXT, regexp:RE and http:/path", s)
}
