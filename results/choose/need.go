package choose

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"modelbench/results/analysis"
	"modelbench/results/trial"
)

// Need is what is asked. Zero values ask for nothing.
type Need struct {
	Workloads   []Share           `json:"workloads"`
	Weighted    bool              `json:"weighted"`                // the weights were declared
	Connections int64             `json:"connections,omitempty"`   // open at a time
	Rate        float64           `json:"rate_rps,omitempty"`      // requests per second of each workload; open loop
	Closed      bool              `json:"closed,omitempty"`        // closed loop
	Payload     int64             `json:"payload_bytes,omitempty"` // of a message
	P99         float64           `json:"p99_us,omitempty"`        // at most
	Memory      float64           `json:"memory_bytes,omitempty"`  // at most
	Cores       int64             `json:"cores,omitempty"`         // CPU budget
	Isolation   bool              `json:"isolation"`               // a crash takes no more than a process's share
	SharedState bool              `json:"shared_state"`            // no update of shared state is lost
	Blocking    bool              `json:"blocking"`                // handlers block
	Targets     []string          `json:"targets,omitempty"`       // consider these alone, controls among them; empty: all but controls
	Simple      []string          `json:"simple,omitempty"`        // targets or models preferred among equals
	Simplest    bool              `json:"simplest"`                // the least code is preferred among equals: see Trials.Code
	Objectives  []string          `json:"objectives"`              // keys of measures, the first first; empty: DefaultObjectives
	Where       map[string]string `json:"where,omitempty"`         // further factors by column
}

// Share is one workload and its weight, which is its share of requests.
type Share struct {
	Workload string  `json:"workload"`
	Weight   float64 `json:"weight"`
}

// DefaultObjectives in their order.
var DefaultObjectives = []string{"cpu_us_per_req", "p99", "memory"}

// objectiveNames are what users call the measures that may be an objective.
var objectiveNames = map[string]string{"cpu": "cpu_us_per_req", "p99": "p99", "memory": "memory", "throughput": "throughput"}

// ParseObjectives reads names such as cpu and p99.
func ParseObjectives(names []string) ([]string, error) {
	var keys []string
	for _, name := range names {
		key, known := objectiveNames[name]
		if !known {
			return nil, &NeedError{"--objective", fmt.Sprintf("%q is none of cpu, p99, memory and throughput", name)}
		}
		if slices.Contains(keys, key) {
			return nil, &NeedError{"--objective", name + " is named twice"}
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// ParseMix reads workloads such as wait and spin=3. Either all have a weight or none has: an order of importance cannot be guessed.
func ParseMix(words []string) (mix []Share, weighted bool, err error) {
	for i, word := range words {
		name, text, given := strings.Cut(word, "=")
		weight := 1.0
		if given {
			weight, err = strconv.ParseFloat(text, 64)
			if err != nil || !(weight > 0) || math.IsInf(weight, 1) {
				return nil, false, &NeedError{"--workload", fmt.Sprintf("%q: the weight of %s is a number above 0, as in %s=3", word, name, name)}
			}
		}
		switch {
		case name == "":
			return nil, false, &NeedError{"--workload", fmt.Sprintf("%q names no workload", word)}
		case slices.ContainsFunc(mix, func(s Share) bool { return s.Workload == name }):
			return nil, false, &NeedError{"--workload", name + " is named twice"}
		case i > 0 && given != weighted:
			return nil, false, &NeedError{"--workload", "give all of them a weight, or none"}
		}
		weighted = given
		mix = append(mix, Share{name, weight})
	}
	return mix, weighted, nil
}

// ParseRate reads requests per second: 20k, 1.5M, or closed for a closed loop.
func ParseRate(text string) (rps float64, closed bool, err error) {
	if text == "closed" {
		return 0, true, nil
	}
	number, factor := strings.TrimSuffix(text, "/s"), 1.0
	for suffix, f := range map[string]float64{"k": 1e3, "M": 1e6} {
		if rest, cut := strings.CutSuffix(number, suffix); cut {
			number, factor = rest, f
			break
		}
	}
	v, err := strconv.ParseFloat(number, 64)
	if err != nil || !(v > 0) || math.IsInf(v*factor, 1) {
		return 0, false, &NeedError{"--rate", fmt.Sprintf("%q is no rate: requests per second such as 500, 20k or 1.5M, or closed", text)}
	}
	return v * factor, false, nil
}

var sizes = []struct {
	suffix string
	bytes  float64
}{{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1}}

// ParseSize reads a size such as 512MiB, 64kB or 1024.
func ParseSize(flag, text string) (bytes float64, err error) {
	for _, s := range sizes {
		if number, cut := strings.CutSuffix(text, s.suffix); cut {
			v, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			if err != nil || !(v > 0) || v*s.bytes > 1<<60 {
				break
			}
			return math.Round(v * s.bytes), nil
		}
	}
	return 0, &NeedError{flag, fmt.Sprintf("%q is no size: a number with B, kB, KiB, MB, MiB, GB or GiB", text)}
}

// Validate says what is wrong with a need before any trial is looked at.
func (n *Need) Validate() error {
	if len(n.Workloads) == 0 {
		return &NeedError{"--workload", "name at least one workload, such as wait"}
	}
	for _, f := range []struct {
		flag  string
		value float64
	}{{"--connections", float64(n.Connections)}, {"--rate", n.Rate}, {"--payload", float64(n.Payload)}, {"--p99", n.P99}, {"--memory", n.Memory}, {"--cores", float64(n.Cores)}} {
		if !(f.value >= 0) || math.IsInf(f.value, 1) {
			return &NeedError{f.flag, fmt.Sprintf("%v is below nothing", f.value)}
		}
	}
	if n.Rate > 0 && n.Closed {
		return &NeedError{"--rate", "a rate or a closed loop, not both"}
	}
	if len(n.Objectives) == 0 {
		n.Objectives = slices.Clone(DefaultObjectives)
	}
	for _, key := range n.Objectives {
		if _, err := analysis.MeasureOf(key); err != nil {
			return &NeedError{"--objective", err.Error()}
		}
	}
	for column := range n.Where {
		if !isCondition(column) {
			return &NeedError{"--where", fmt.Sprintf("%q is not a column that makes a cell: known are %s", column, strings.Join(conditions(), ", "))}
		}
	}
	return nil
}

// asked are the conditions that are numbers on a scale, between which values may be interpolated.
type asked struct {
	column, flag string
	want         float64
}

func (n Need) asked() []asked {
	all := []asked{{"connections", "--connections", float64(n.Connections)}, {"offered_rps", "--rate", n.Rate}, {"payload_bytes", "--payload", float64(n.Payload)}}
	return slices.DeleteFunc(all, func(a asked) bool { return a.want == 0 })
}

// targetColumns make a target what it is; they are no conditions.
var targetColumns = []string{"target", "model", "url", "procs", "workers", "loops", "variant", "listener"}

// conditions are the columns that make a cell, but for the workload's name and the fault, which are asked for in other ways.
func conditions() []string {
	var list []string
	for _, c := range trial.Columns() {
		if c.Group == trial.Factors && !slices.Contains(targetColumns, c.Name) && c.Name != "workload" && c.Name != "fault" {
			list = append(list, c.Name)
		}
	}
	return list
}

func isCondition(column string) bool { return slices.Contains(conditions(), column) }

// flagOf is the flag by which a user says which of several cells is meant.
func flagOf(column string) string {
	flags := map[string]string{"connections": "--connections", "offered_rps": "--rate", "arrivals": "--rate", "payload_bytes": "--payload"}
	return cmp.Or(flags[column], "--where "+column+"=VALUE")
}

// ParseWhere reads conditions such as idle_connections=2000.
func ParseWhere(words []string) (map[string]string, error) {
	where := map[string]string{}
	for _, word := range words {
		column, value, found := strings.Cut(word, "=")
		if _, twice := where[column]; !found || twice {
			return nil, &NeedError{"--where", fmt.Sprintf("%q is not column=value, each column once", word)}
		}
		where[column] = value
	}
	return where, nil
}
