package export

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"

	"modelbench/results/analysis"
	"modelbench/results/stats"
	"modelbench/results/trial"
)

// benchUnit is how a measure is called and counted in the Go benchmark format. Times are nanoseconds there, which its
// tools turn into seconds and write with a prefix that fits.
type benchUnit struct {
	unit    string
	decades int // the values times ten to the power of it
}

var benchUnits = map[string]benchUnit{
	"throughput":     {"req/s", 0},
	"cpu_us_per_req": {"cpu-ns/req", 3},
	"p50":            {"p50-ns", 3},
	"p90":            {"p90-ns", 3},
	"p99":            {"p99-ns", 3},
	"p99.9":          {"p99.9-ns", 3},
	"memory":         {"pss-bytes", 0},
}

// Benchstat writes the Go benchmark format, a line for each trial:
//
//	BenchmarkPlaintext/target=goroutine/connections=64/arrivals=closed 38214 90121 req/s 7330.5 cpu-ns/req 549000 p50-ns
//
// so that benchstat -col /target compares targets, and benchstat before.txt after.txt two campaigns. The figure after the
// name is the number of requests answered. With All, the last part of a name is the verdict.
//
// The configuration is the machine's alone. benchstat makes a table of its own for each configuration, so what differs between a
// campaign before a change and one after it (campaign, revision) stands in comments; it would keep them from being compared.
func Benchstat(w io.Writer, in Input) error {
	trials := in.trials()
	names := analysis.TargetNames(trials)
	if err := benchHead(w, in); err != nil {
		return fmt.Errorf("write benchmarks: %w", err)
	}
	out := benchfmt.NewWriter(w)
	for _, m := range taken(in) {
		for _, meta := range [][2]string{{"better", better(m)}, {"assume", "nothing"}} {
			record := &benchfmt.UnitMetadata{UnitMetadataKey: benchfmt.UnitMetadataKey{Key: meta[0]}, OrigUnit: benchUnits[m.Key].unit, Value: meta[1]}
			if err := out.Write(record); err != nil {
				return fmt.Errorf("write benchmarks: %w", err)
			}
		}
	}
	for i, t := range trials {
		values := benchValues(t, in.All)
		if !in.keeps(t) || len(values) == 0 {
			continue
		}
		r := &benchfmt.Result{Config: benchConfig(t), Name: benchfmt.Name(benchName(t, names[i], in.All)),
			Iters: int(max(1, t.Completed.Or(1))), Values: values}
		if err := out.Write(r); err != nil {
			return fmt.Errorf("write benchmarks: %w", err)
		}
	}
	return nil
}

// taken are the measures that any line will hold.
func taken(in Input) []*analysis.Measure {
	seen := map[string]bool{}
	for _, t := range in.trials() {
		for _, v := range benchValues(t, in.All) {
			seen[v.Unit] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(analysis.Measures), func(m *analysis.Measure) bool { return !seen[benchUnits[m.Key].unit] })
}

// better is the word for which way a measure is good.
func better(m *analysis.Measure) string {
	if m.Better == stats.HigherIsBetter {
		return "higher"
	}
	return "lower"
}

// benchHead writes comments: lines that readers pass over because they begin like none of the format's.
func benchHead(w io.Writer, in Input) error {
	var b bytes.Buffer
	seen := map[string]bool{}
	for _, t := range in.trials() {
		line := fmt.Sprintf("# campaign %q, revision %q\n", t.CampaignID, t.GitRev)
		if !seen[line] {
			seen[line] = true
			b.WriteString(line)
		}
	}
	_, err := w.Write(b.Bytes())
	return err
}

// benchValues are the measures of a trial: those that may be believed, or all.
func benchValues(t trial.Trial, all bool) []benchfmt.Value {
	if all {
		t.Verdict = trial.VerdictOK
	}
	var values []benchfmt.Value
	for _, m := range analysis.Measures {
		if v, ok := m.Believed(t); ok {
			u := benchUnits[m.Key]
			values = append(values, benchfmt.Value{Value: shift(v, u.decades), Unit: u.unit})
		}
	}
	return values
}

// shift multiplies by a power of ten as one moves the point: 10.2 by three is 10200, not 10199.999999999998.
func shift(v float64, decades int) float64 {
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'e', -1, 64), "e")
	e, err := strconv.Atoi(exponent)
	if err != nil {
		return v // an infinity: no Trial holds one
	}
	shifted, err := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(e+decades), 64)
	if err != nil {
		return v * math.Pow10(decades) // beyond what a float64 holds
	}
	return shifted
}

// benchConfig is the machine.
func benchConfig(t trial.Trial) []benchfmt.Config {
	var config []benchfmt.Config
	for _, c := range [][2]string{{"cpu", t.CPUModel}, {"cpus", t.CPUs.String()}, {"kernel", t.Kernel}, {"host", t.HostID}} {
		if text := benchText(c[1], ""); text != "" {
			config = append(config, benchfmt.Config{Key: c[0], Value: []byte(text), File: true})
		}
	}
	return config
}
