package slo

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"modelbench/loadgen/pace"
)

// MaxBounds is the greatest number of bounds in an objective.
const MaxBounds = 32

// Parse reads an objective such as "p99<5ms,errors<0.1%". Blanks around names, comparisons
// and limits do not count. An error names the byte that it is about, from 1, and says what
// could stand there.
func Parse(text string) (Objective, error) {
	var o Objective
	at := 0
	for part := range strings.SplitSeq(text, ",") {
		b, offset, err := parseBound(part)
		if err != nil {
			return Objective{}, fmt.Errorf("at byte %d: %w", at+offset+1, err)
		}
		o.bounds = append(o.bounds, b)
		at += len(part) + 1
	}
	if len(o.bounds) > MaxBounds {
		return Objective{}, fmt.Errorf("%d bounds; at most %d are possible", len(o.bounds), MaxBounds)
	}
	return o, nil
}

// parseBound reads one bound. With an error, offset is where in part it is.
func parseBound(part string) (b bound, offset int, err error) {
	begin := len(part) - len(strings.TrimLeft(part, " "))
	i := strings.IndexAny(part, "<>=")
	if strings.TrimSpace(part) == "" {
		return b, begin, fmt.Errorf("a bound such as p99<5ms is missing")
	}
	if i < 0 {
		return b, len(strings.TrimRight(part, " ")), fmt.Errorf("a comparison is missing after %q: want <, <=, > or >=", strings.TrimSpace(part))
	}
	name := strings.TrimSpace(part[:i])
	var known bool
	if b.measure, known = newMeasure(name); !known {
		return b, begin, fmt.Errorf("%q cannot be measured: want %s", name, measured)
	}
	if part[i] == '=' {
		return b, i, fmt.Errorf("= would never hold: want <, <=, > or >=")
	}
	op := part[i : i+1]
	b.less = op == "<"
	if strings.HasPrefix(part[i+1:], "=") {
		b.equal = true
		op += "="
	}
	rest := part[i+len(op):]
	begin = i + len(op) + len(rest) - len(strings.TrimLeft(rest, " "))
	limit := strings.TrimSpace(rest)
	if b.limit, err = b.measure.kind.parse(limit); err != nil {
		return b, begin, err
	}
	b.text = name + op + limit
	return b, 0, nil
}

// parse reads a limit in the unit that belongs to a kind.
func (k kind) parse(text string) (float64, error) {
	switch k {
	case share:
		number, isPercent := strings.CutSuffix(text, "%")
		v, err := strconv.ParseFloat(number, 64)
		if err != nil || !isPercent || !(v >= 0 && v <= 100) || strings.ContainsAny(number, "xX_") {
			return 0, fmt.Errorf("%q is no share: want 0%% to 100%%, such as 0.1%%", text)
		}
		return v / 100, nil
	case speed:
		v, err := pace.ParseRate(text)
		if err != nil {
			return 0, fmt.Errorf("%q is no rate: want requests per second, such as 500, 20k or 1.5M", text)
		}
		return v, nil
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d == math.MaxInt64 {
		return 0, fmt.Errorf("%q is no time: want such as 5ms, 250us or 1.5s", text)
	}
	return float64(d), nil
}
