package main

import (
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"text/tabwriter"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/figure"
	"modelbench/loadgen/record"
)

// newTable returns a writer of columns that are aligned to the right, and two blanks from
// the margin. Cells of one width, such as padded names, are thereby aligned to the left.
func newTable(w io.Writer) *tabwriter.Writer {
	return tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
}

// writeStats prints the part that wrk's readers know: averages first, then four
// percentiles. wrk's Req/Sec is of each thread, this is of all of them together, over
// the parts that a report has of the measured time.
func writeStats(w io.Writer, rep *engine.Report, s *record.Samples) {
	if s.Latency.Count() == 0 {
		return
	}
	t := newTable(w)
	fmt.Fprintln(t, "Stats    \tAvg\tStdev\tMax\t+/- Stdev\t")
	fmt.Fprintf(t, "  Latency\t%s\t%s\t%s\t%s\t\n", figure.Span(s.Latency.Mean()), figure.Span(s.Latency.StdDev()), figure.Span(s.Latency.Max()),
		percentOf(s.Latency.Within(s.Latency.StdDev())))
	rates := throughputs(rep)[0]
	if avg, dev, most, within := moments(rates); len(rates) > 1 {
		fmt.Fprintf(t, "  Req/Sec\t%s\t%s\t%s\t%s\t\n", metric(avg), metric(dev), metric(most), percentOf(within))
	}
	t.Flush()
	fmt.Fprintln(w, "  Latency Distribution")
	for _, q := range []float64{0.5, 0.75, 0.9, 0.99} {
		fmt.Fprintf(w, "    %3.0f%% %8s\n", 100*q, shown(&s.Latency, q))
	}
}

// moments returns mean, standard deviation and maximum of the values, and the share of
// them that lies within one deviation of the mean.
func moments(values []float64) (mean, deviation, most, within float64) {
	n := float64(len(values))
	for _, v := range values {
		mean += v / n
		most = max(most, v)
	}
	for _, v := range values {
		deviation += (v - mean) * (v - mean) / n
	}
	deviation = math.Sqrt(deviation)
	for _, v := range values {
		if math.Abs(v-mean) <= deviation {
			within += 1 / n
		}
	}
	return mean, deviation, most, within
}

func percentOf(share float64) string { return fmt.Sprintf("%.2f%%", 100*share) }

// metric writes a number as wrk does: with k and M for thousands and millions.
func metric(v float64) string {
	switch {
	case v >= 999_995:
		return fmt.Sprintf("%.2fM", v/1e6)
	case v >= 999.995:
		return fmt.Sprintf("%.2fk", v/1e3)
	}
	return fmt.Sprintf("%.2f", v)
}

// writePercentiles sets the histograms that have anything in them side by side.
func writePercentiles(w io.Writer, s *record.Samples) {
	var hists []*record.Hist
	heads, counts := "", ""
	for _, c := range []struct {
		head string
		h    *record.Hist
	}{
		{"Latency", &s.Latency}, {"Service", &s.Service}, {"Lag", &s.Lag}, {"Wake-up", &s.Wake}, {"Connect", &s.Connect}, {"Failed", &s.Failures},
	} {
		if c.h.Count() > 0 {
			hists = append(hists, c.h)
			heads += c.head + "\t"
			counts += strconv.FormatUint(c.h.Count(), 10) + "\t"
		}
	}
	if len(hists) == 0 {
		return
	}
	dash := false
	t := newTable(w)
	fmt.Fprintf(t, "%-7s\t%s\nsamples\t%s\n", "", heads, counts)
	for _, q := range []float64{0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999} {
		line := fmt.Sprintf("%-7s\t", "p"+strconv.FormatFloat(100*q, 'g', 4, 64))
		for _, h := range hists {
			cell := shown(h, q)
			dash = dash || cell == "-"
			line += cell + "\t"
		}
		fmt.Fprintln(t, line)
	}
	line := fmt.Sprintf("%-7s\t", "max")
	for _, h := range hists {
		line += figure.Span(h.Max()) + "\t"
	}
	fmt.Fprintln(t, line)
	t.Flush()
	if dash {
		fmt.Fprintln(w, tooFewBeyond)
	}
	fmt.Fprintln(w)
}

// tooFewBeyond explains a dash in the place of a quantile.
var tooFewBeyond = fmt.Sprintf("  -: fewer than %d samples beyond it", record.BeyondQuantile)

// shown is a quantile, or a dash where there are too few samples for it.
func shown(h *record.Hist, q float64) string {
	if d, enough := h.Quantile(q); enough {
		return figure.Span(d)
	}
	return "-"
}

func writeRotation(w io.Writer, f *findings) {
	rep := f.rep
	fmt.Fprintf(w, "Running %v rotation @ %d targets in slices of %v\n", rep.Plan.Duration, len(f.results), rep.Plan.Slice)
	fmt.Fprintf(w, "  %s and %d connections to each%s\n\n", threads(rep.Plan.Threads), rep.Plan.Connections, loop(&rep.Plan))
	ratios := map[string]map[int]string{byThroughput: f.besides(byThroughput), byCPU: f.besides(byCPU)}
	t := newTable(w)
	fmt.Fprintf(t, "Target\tRequests/sec\t%sCPU us/req\t%sPSS\tp50\tp99\tErrors\tVerdict\t\n",
		column(ratios[byThroughput], "to best"), column(ratios[byCPU], "to best"))
	for i := range f.results {
		r := &f.results[i]
		cpu, pss := "-", "-"
		if r.usage != nil && !r.usage.Lost {
			cpu, pss = perRequest(r.usage.CPU, r.samples), figure.Size(float64(r.usage.PSSBytes))
		}
		fmt.Fprintf(t, "%s\t%.2f\t%s%s\t%s%s\t%s\t%s\t%d\t%s\t\n", r.target.name,
			r.samples.Throughput(), column(ratios[byThroughput], ratios[byThroughput][i]), cpu, column(ratios[byCPU], ratios[byCPU][i]), pss,
			shown(&r.samples.Latency, 0.5), shown(&r.samples.Latency, 0.99), r.samples.Failed(), r.verdict)
	}
	t.Flush()
	if slices.ContainsFunc(f.results, fewSamples) {
		fmt.Fprintln(w, tooFewBeyond)
	}
	fmt.Fprintln(w)
	f.writeDoubts(w)
	writeEngine(w, rep)
	for i := range f.results {
		if r := &f.results[i]; r.reason != "" || r.goal != nil || troubled(r.samples) {
			writeVerdict(w, r.target.name, r)
			writeErrors(w, r.samples)
		}
	}
}

// fewSamples reports whether a quantile in the table of a rotation is not known.
func fewSamples(r result) bool {
	_, enough := r.samples.Latency.Quantile(0.99)
	return !enough
}

// column is a cell of a column that is there if its ratios are.
func column(ratios map[int]string, cell string) string {
	if len(ratios) == 0 {
		return ""
	}
	if cell == "" {
		cell = "-"
	}
	return cell + "\t"
}

// besides returns the ratios by one measure as they are shown, by target.
func (f *findings) besides(measure string) map[int]string {
	shown := make(map[int]string)
	for _, c := range f.ratios {
		if c.measure == measure {
			shown[c.base] = "1"
			shown[c.target] = fmt.Sprintf("%.3f [%.3f, %.3f]", c.ratio.Estimate, c.ratio.Interval.Lo, c.ratio.Interval.Hi)
		}
	}
	return shown
}

// writeDoubts says what the ratios are, and what speaks against them.
func (f *findings) writeDoubts(w io.Writer) {
	if len(f.ratios) == 0 {
		return
	}
	said := make(map[string]bool)
	fmt.Fprintf(w, "Ratios to the best with %.0f%% intervals, over %d rounds in which all targets had their slice.\n", 100*level, f.ratios[0].ratio.Pairs)
	for _, c := range f.ratios {
		for _, doubt := range c.ratio.Doubts {
			if !said[doubt] {
				said[doubt] = true
				fmt.Fprintf(w, "  %s\n", doubt)
			}
		}
	}
	fmt.Fprintln(w)
}
