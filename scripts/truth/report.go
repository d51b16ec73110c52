package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
)

// A report is what the claims need of loadgen's --json, read as anyone would.
type report struct {
	Targets []outcome `json:"targets"`
	Ratios  []ratio   `json:"ratios"`
}

// An outcome is what was measured of one target. What was not measured is nil.
type outcome struct {
	Due        uint64            `json:"due"`
	Completed  uint64            `json:"completed"`
	Unfinished uint64            `json:"unfinished"`
	Errors     map[string]uint64 `json:"errors"`

	ThroughputRPS *float64      `json:"throughput_rps"`
	SentRPS       *float64      `json:"sent_rps"`
	Latency       *distribution `json:"latency"`
	Service       *distribution `json:"service"`
	Lag           *distribution `json:"lag"`
	Arrivals      *arrivals     `json:"arrivals"`

	Connections struct {
		LastError string `json:"last_error"`
	} `json:"connections"`
}

// A distribution is percentiles in microseconds.
type distribution struct {
	P50  *float64 `json:"p50_us"`
	P90  *float64 `json:"p90_us"`
	P95  *float64 `json:"p95_us"`
	P99  *float64 `json:"p99_us"`
	P999 *float64 `json:"p999_us"`
	Max  *float64 `json:"max_us"`
}

// arrivals is what loadgen says of its own intervals.
type arrivals struct {
	Intervals uint64  `json:"intervals"`
	Distance  float64 `json:"distance"`
	P         float64 `json:"p"`
	Poisson   *bool   `json:"poisson"`
}

// A ratio is how two targets of a rotation compare.
type ratio struct {
	Measure string  `json:"measure"`
	Lo      float64 `json:"lo"`
	Hi      float64 `json:"hi"`
	Level   float64 `json:"level"`
	Rounds  int     `json:"rounds"`
}

// read reads a file that loadgen wrote about so many targets.
func readReport(file string, targets int) (*report, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read what loadgen measured: %w", err)
	}
	var r report
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("read what loadgen measured: %w", err)
	}
	if len(r.Targets) != targets {
		return nil, fmt.Errorf("read what loadgen measured: %d targets in place of %d", len(r.Targets), targets)
	}
	return &r, nil
}

// us is a percentile of a distribution in microseconds, NaN if it was not measured.
func us(d *distribution, of func(*distribution) *float64) float64 {
	if d == nil {
		return math.NaN()
	}
	return known(of(d))
}

func known(v *float64) float64 {
	if v == nil {
		return math.NaN()
	}
	return *v
}

// The percentiles.
func p50(d *distribution) *float64  { return d.P50 }
func p90(d *distribution) *float64  { return d.P90 }
func p95(d *distribution) *float64  { return d.P95 }
func p99(d *distribution) *float64  { return d.P99 }
func p999(d *distribution) *float64 { return d.P999 }
func most(d *distribution) *float64 { return d.Max }

// balance is the finding that no request got lost.
func (o *outcome) balance() finding {
	sum := o.Completed + o.Unfinished
	for _, n := range o.Errors {
		sum += n
	}
	return finding{
		what: "completed + unfinished + errors", expected: fmt.Sprintf("%d requests due", o.Due), measured: fmt.Sprintf("%d requests", sum),
		holds: sum == o.Due && o.Due > 0,
	}
}
