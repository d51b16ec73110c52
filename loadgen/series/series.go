// Package series writes what happens in the course of a run as CSV: a row for every interval
// and target.
//
// The contract: UTF-8, comma separated, a header, rows appended when an interval is over, in
// one call for all targets, so that who ends the program the hard way loses one interval. An
// empty field means "not measured", zero that zero was measured. The unit is the suffix of
// the column. FORMAT.md lists the columns; a test keeps it true. Over all rows of a target
// the counts add up to those of the report. A request is counted in the row in which it was
// settled, and as due in the one in which it became due.
package series

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

// A Column is one field of a row.
type Column struct {
	Name string
	Doc  string // what it means, in a few words
	text func(row) string
}

// A row is what there is to say of a target in an interval.
type row struct {
	iv   *engine.Interval
	name string
	s    *record.Samples
}

// Columns returns the columns in their order.
func Columns() []Column { return columns }

var phases = map[engine.Phase]string{engine.Warming: "warmup", engine.Measuring: "measure", engine.Done: "done"}

var columns = append(append([]Column{
	{"start_s", "begin of the interval, since load began", func(r row) string { return seconds(r.iv.Start) }},
	{"end_s", "its end", func(r row) string { return seconds(r.iv.End) }},
	{"phase", "what the run was doing at its end: warmup, measure, or done (the last interval, with what was still in flight)", func(r row) string { return phases[r.iv.Phase] }},
	{"target", "name of the target", func(r row) string { return r.name }},
	{"measured_s", "how much of the interval was measured on this target: less than its length in warm-up and in a rotation", func(r row) string { return seconds(r.s.Measured) }},
	{"due", "requests that became due", count(func(s *record.Samples) uint64 { return s.Due })},
	{"sent", "measured requests that left", count(func(s *record.Samples) uint64 { return s.Sent })},
	{"completed", "measured requests with a good reply", count(func(s *record.Samples) uint64 { return s.Completed })},
	{"unfinished", "requests without reply or failure when the run stopped waiting", count(func(s *record.Samples) uint64 { return s.Unfinished })},
}, errorColumns()...), []Column{
	{"connect_failed", "attempts to connect that failed", count(func(s *record.Samples) uint64 { return s.ConnectFailed })},
	{"idle_closed", "connections closed by the server with no reply owed", count(func(s *record.Samples) uint64 { return s.IdleClosed })},
	{"unasked", "connections given up for bytes that nobody had asked for", count(func(s *record.Samples) uint64 { return s.Unasked })},
	{"connections_up", "connections that were up at the end of the interval", func(r row) string { return strconv.Itoa(r.s.Up) }},
	{"throughput_rps", "good replies per second of measured_s", func(r row) string { return rate(r.s.Replies, r.s) }},
	{"sent_rps", "requests that left per second of measured_s", func(r row) string { return rate(r.s.Left, r.s) }},
	{"read_bytes", "bytes read in measured_s", count(func(s *record.Samples) uint64 { return s.Bytes })},
	{"lat_p50_us", "latency (from when a request was due), median", quantile(latency, 0.5)},
	{"lat_p90_us", "latency, 90th percentile", quantile(latency, 0.9)},
	{"lat_p99_us", "latency, 99th percentile", quantile(latency, 0.99)},
	{"lat_p999_us", "latency, 99.9th percentile", quantile(latency, 0.999)},
	{"lat_max_us", "latency, longest", longest(latency)},
	{"service_p50_us", "service time (from when a request was sent), median; open loop only", quantile(service, 0.5)},
	{"service_p99_us", "service time, 99th percentile; open loop only", quantile(service, 0.99)},
	{"lag_p99_us", "lag (from due until sent), 99th percentile; open loop only", quantile(lag, 0.99)},
	{"lag_max_us", "lag, longest; open loop only", longest(lag)},
	{"failed_p50_us", "from when a request was due until it had failed, median", quantile(failures, 0.5)},
	{"failed_max_us", "the same, longest", longest(failures)},
	{"client_cpu_share", "share of measured_s that the generator's busiest thread computed", share},
}...)

func errorColumns() (all []Column) {
	for k := range record.Kinds {
		all = append(all, Column{"err_" + k.String(), "requests that failed: " + k.Hint(),
			count(func(s *record.Samples) uint64 { return s.Errors[k] })})
	}
	return all
}

func latency(s *record.Samples) *record.Hist  { return &s.Latency }
func service(s *record.Samples) *record.Hist  { return &s.Service }
func lag(s *record.Samples) *record.Hist      { return &s.Lag }
func failures(s *record.Samples) *record.Hist { return &s.Failures }

func count(of func(*record.Samples) uint64) func(row) string {
	return func(r row) string { return strconv.FormatUint(of(r.s), 10) }
}

// quantile is empty where fewer than ten samples lie beyond it.
func quantile(of func(*record.Samples) *record.Hist, q float64) func(row) string {
	return func(r row) string {
		if d, enough := of(r.s).Quantile(q); enough {
			return micros(d)
		}
		return ""
	}
}

func longest(of func(*record.Samples) *record.Hist) func(row) string {
	return func(r row) string {
		if of(r.s).Count() == 0 {
			return ""
		}
		return micros(of(r.s).Max())
	}
}

func rate(n uint64, s *record.Samples) string {
	if s.Measured <= 0 {
		return ""
	}
	return strconv.FormatFloat(float64(n)/s.Measured.Seconds(), 'f', 2, 64)
}

func share(r row) string {
	if r.s.Measured <= 0 {
		return ""
	}
	return strconv.FormatFloat(r.s.ClientShare(), 'f', 4, 64)
}

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 6, 64) }

func micros(d time.Duration) string {
	return strconv.FormatFloat(float64(d)/float64(time.Microsecond), 'f', -1, 64)
}

// A Writer writes one run. It is not safe for concurrent use.
type Writer struct {
	w       io.Writer
	targets []string
	buf     bytes.Buffer
	begun   bool
	err     error
}

// New returns a Writer for the targets with these names.
func New(w io.Writer, targets []string) *Writer {
	return &Writer{w: w, targets: targets}
}

// Tell writes the rows of an interval, the first time after the header. After an error it
// does nothing.
func (w *Writer) Tell(iv *engine.Interval) {
	if w.err != nil {
		return
	}
	w.buf.Reset()
	out := csv.NewWriter(&w.buf)
	if !w.begun {
		w.begun = true
		header := make([]string, len(columns))
		for i, c := range columns {
			header[i] = c.Name
		}
		out.Write(header)
	}
	fields := make([]string, len(columns))
	for i := range iv.Targets {
		for j, c := range columns {
			fields[j] = c.text(row{iv, w.targets[i], &iv.Targets[i]})
		}
		out.Write(fields)
	}
	out.Flush() // to a buffer, which does not fail
	_, w.err = w.w.Write(w.buf.Bytes())
}

// Err returns the first error, if there was one.
func (w *Writer) Err() error { return w.err }
