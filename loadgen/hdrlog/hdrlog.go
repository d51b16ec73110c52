// Package hdrlog writes the histograms of a run as an HdrHistogram log, interval by
// interval, for the tools that read such logs (HistogramLogProcessor, HistogramLogAnalyzer,
// the HdrHistogram libraries).
//
// The format is version 1.3 of the Java library's HistogramLogWriter:
//
//	#[Histogram log format version 1.3]
//	#[BaseTime: 1441812279.474 (seconds since epoch)]
//	#[StartTime: 1441812279.474 (seconds since epoch), 2015-09-09T15:24:39.474Z]
//	"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
//	0.127,1.007,2.769,HISTFAAAAEV42pNpmSz...
//	Tag=service,0.127,1.007,2.112,HISTFAAAAEV42pNpmSz...
//
// StartTimestamp and Interval_Length are seconds, the former since BaseTime, which is when
// load began. Histograms are in nanoseconds, Interval_Max is in milliseconds: the format's
// usual ratio of a million.
//
// With one target its latency has no tag, so that every tool shows it unasked. In a rotation
// the tag is the target's name. Service times, where they are measured besides (at a rate, or
// with a connection for each request), have the tag "service" or "NAME:service". Blanks, commas and the like are written as in a URL (%20).
//
// Lines are written when an interval is over, in one call for all of them: who ends the
// program the hard way loses one interval. Intervals in which nothing was measured, those of
// the warm-up, have no line; a measured one in which no reply came has an empty histogram.
package hdrlog

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"time"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

// A Writer writes one run. It is not safe for concurrent use.
type Writer struct {
	w     io.Writer
	now   func() time.Time
	tags  [][2]string // by target: of latency and of service
	both  bool        // service times are measured too
	buf   bytes.Buffer
	begun bool
	err   error
	none  record.Hist // where nothing was ever counted
}

// New returns a Writer for the targets with these names, of latencies or of service times
// too. now reads the wall clock.
func New(w io.Writer, targets []string, service bool, now func() time.Time) *Writer {
	l := &Writer{w: w, now: now, both: service}
	l.none.Init()
	for _, name := range targets {
		tag := url.PathEscape(name)
		l.tags = append(l.tags, [2]string{"Tag=" + tag + ",", "Tag=" + tag + ":service,"})
	}
	if len(targets) == 1 {
		l.tags[0] = [2]string{"", "Tag=service,"}
	}
	return l
}

// Tell writes what was measured in an interval. After an error it does nothing.
func (l *Writer) Tell(iv *engine.Interval) {
	if l.err != nil {
		return
	}
	l.buf.Reset()
	if err := l.interval(iv); err != nil {
		l.err = err
	} else if l.buf.Len() > 0 {
		_, l.err = l.w.Write(l.buf.Bytes())
	}
}

// Err returns the first error, if there was one.
func (l *Writer) Err() error { return l.err }

func (l *Writer) interval(iv *engine.Interval) error {
	for i := range iv.Targets {
		s := &iv.Targets[i]
		if s.Measured == 0 && s.Latency.Count() == 0 {
			continue
		}
		l.header(iv)
		if err := l.line(l.tags[i][0], iv, &s.Latency); err != nil {
			return err
		}
		if !l.both {
			continue
		}
		if err := l.line(l.tags[i][1], iv, &s.Service); err != nil {
			return err
		}
	}
	return nil
}

// header writes what precedes the first interval.
func (l *Writer) header(iv *engine.Interval) {
	if l.begun {
		return
	}
	l.begun = true
	at := l.now().Add(-iv.End).UTC()
	seconds := float64(at.UnixMilli()) / 1000
	fmt.Fprintf(&l.buf, "#[Latencies in nanoseconds, by modelbench loadgen]\n#[Histogram log format version 1.3]\n"+
		"#[BaseTime: %.3f (seconds since epoch)]\n#[StartTime: %.3f (seconds since epoch), %s]\n"+
		"\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
		seconds, seconds, at.Format("2006-01-02T15:04:05.000Z"))
}

func (l *Writer) line(tag string, iv *engine.Interval, h *record.Hist) error {
	buckets := h.Histogram()
	if buckets == nil {
		buckets = l.none.Histogram()
	}
	payload, err := buckets.EncodeV2()
	if err != nil {
		return fmt.Errorf("encode a histogram: %w", err)
	}
	fmt.Fprintf(&l.buf, "%s%.3f,%.3f,%.3f,%s\n", tag, iv.Start.Seconds(), (iv.End - iv.Start).Seconds(),
		float64(buckets.Max())/float64(time.Millisecond), payload)
	return nil
}
