package live

import (
	"fmt"
	"strings"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/figure"
	"modelbench/loadgen/record"
)

// Plain lines say what happened in one interval, not since the beginning:
//
//	   1s  warming up  64 of 64 up
//	   2s  measuring   20013/s of 20000/s  p50 84.2us  p99 312us  max 1.20ms  errors 0  64 of 64 up
//	   3s  measuring   a 9871/s  p50 91.0us  p99 -  max 2.10ms  errors 0 | b ...  128 of 128 up
//
// A quantile of too few samples is a dash. Nothing is written of an interval at the very
// end in which nothing happened.

// line writes the interval that s has just taken in, "" if there is nothing to say.
func (s *state) line(iv *engine.Interval) string {
	measured := false
	for i := range iv.Targets {
		measured = measured || iv.Targets[i].Measured >= minMeasured || iv.Targets[i].Failed() > 0
	}
	if !measured && iv.Phase == engine.Done {
		return ""
	}
	doing := s.doing()
	if measured {
		doing = "measuring" // which it may no longer be at the end of the interval
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%5s  %-10s  ", iv.End.Truncate(100*time.Millisecond), doing)
	for i := range iv.Targets {
		if !measured {
			break
		}
		if i > 0 {
			b.WriteString(" | ")
		}
		if len(s.names) > 1 {
			b.WriteString(s.names[i] + " ")
		}
		writePlain(&b, &iv.Targets[i], s.open)
	}
	if measured {
		b.WriteString("  ")
	}
	fmt.Fprintf(&b, "%d of %d up\n", s.up(), s.connections*len(s.names))
	return b.String()
}

// up returns how many connections are up, of all targets together.
func (s *state) up() int {
	sum := 0
	for i := range s.targets {
		sum += s.targets[i].up
	}
	return sum
}

func writePlain(b *strings.Builder, s *record.Samples, open bool) {
	fmt.Fprintf(b, "%.0f/s", s.Throughput())
	if open && s.Measured > 0 {
		fmt.Fprintf(b, " of %.0f/s", float64(s.Due)/s.Measured.Seconds())
	}
	for _, q := range []struct {
		name string
		q    float64
	}{{"p50", 0.5}, {"p99", 0.99}} {
		d, enough := s.Latency.Quantile(q.q)
		fmt.Fprintf(b, "  %s %s", q.name, span(d, enough))
	}
	fmt.Fprintf(b, "  max %s  errors %d", span(s.Latency.Max(), s.Latency.Count() > 0), s.Failed())
	if s.Failed() > 0 {
		fmt.Fprintf(b, " (%s)", kinds(&s.Errors))
	}
}

// span writes a duration, or a dash if it is not known.
func span(d time.Duration, known bool) string {
	if !known {
		return "-"
	}
	return figure.Span(d)
}

// kinds lists errors by kind: "timeout 3, reset 1".
func kinds(errors *[record.Kinds]uint64) string {
	var all []string
	for k, n := range errors {
		if n > 0 {
			all = append(all, fmt.Sprintf("%v %d", record.Kind(k), n))
		}
	}
	return strings.Join(all, ", ")
}
