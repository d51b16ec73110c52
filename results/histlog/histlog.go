// Package histlog owns the file of latency histograms beside a campaign's trials: an
// HdrHistogram log with one line for each trial, which the tools that read such logs
// (HistogramLogProcessor, the HdrHistogram libraries) read as well.
//
//	#[Latencies in nanoseconds, by modelbench; the tag is the trial_id]
//	#[Histogram log format version 1.3]
//	#[BaseTime: 0.000 (seconds since epoch)]
//	#[StartTime: 1795450162.475 (seconds since epoch), 2026-11-23T16:09:22.475Z]
//	"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"
//	Tag=one%2F1%2Fecho%2Fgoroutine,1795450162.475,0.581,55.149,HISTFAAAANZ42izLIUtz...
//
// Timestamps are seconds since the epoch, Interval_Max is milliseconds, histograms are in
// nanoseconds. The tag is the trial's id as it stands in a URL's path: tags must hold no
// comma and no blank.
//
// A line is whole when its newline is there; what follows the last newline was torn by a
// crash. Lines are only ever appended. Where a trial has two, which happens when a campaign
// was killed before the trial itself was written and measured it anew, the later counts.
package histlog

import (
	"bytes"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

// Entry is the latencies of one trial.
type Entry struct {
	TrialID string
	Start   time.Time     // of the rotation that the trial was a part of, to the millisecond
	Length  time.Duration // of that rotation
	Latency *hdrhistogram.Histogram
}

const tagMark = "Tag="

// header is what precedes the first line.
func header(begin time.Time) string {
	return fmt.Sprintf("#[Latencies in nanoseconds, by modelbench; the tag is the trial_id]\n#[Histogram log format version 1.3]\n"+
		"#[BaseTime: 0.000 (seconds since epoch)]\n#[StartTime: %.3f (seconds since epoch), %s]\n"+
		"\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n",
		seconds(begin), begin.UTC().Format("2006-01-02T15:04:05.000Z"))
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// encode returns the entries as lines.
func encode(entries []Entry) ([]byte, error) {
	var buf bytes.Buffer
	for _, e := range entries {
		payload, err := e.Latency.EncodeV2()
		if err != nil {
			return nil, fmt.Errorf("encode the histogram of trial %s: %w", e.TrialID, err)
		}
		fmt.Fprintf(&buf, "%s%s,%.3f,%.3f,%.3f,%s\n", tagMark, url.PathEscape(e.TrialID), seconds(e.Start), e.Length.Seconds(),
			float64(e.Latency.Max())/float64(time.Millisecond), payload)
	}
	return buf.Bytes(), nil
}

// decode reads one line without its newline.
func decode(line string) (Entry, error) {
	fields := strings.Split(line, ",")
	tag, tagged := strings.CutPrefix(fields[0], tagMark)
	if !tagged || len(fields) != 5 {
		return Entry{}, fmt.Errorf("not a tag, three numbers and a histogram, parted by commas")
	}
	id, err := url.PathUnescape(tag)
	if err != nil {
		return Entry{}, fmt.Errorf("tag: %w", err)
	}
	start, err := strconv.ParseFloat(fields[1], 64)
	if err != nil {
		return Entry{}, fmt.Errorf("timestamp: %w", err)
	}
	length, err := strconv.ParseFloat(fields[2], 64)
	if err != nil {
		return Entry{}, fmt.Errorf("interval length: %w", err)
	}
	h, err := hdrhistogram.Decode([]byte(fields[4]))
	if err != nil {
		return Entry{}, fmt.Errorf("histogram: %w", err)
	}
	return Entry{id, time.UnixMilli(int64(start*1000 + 0.5)).UTC(), time.Duration(length*1e3+0.5) * time.Millisecond, h}, nil
}
