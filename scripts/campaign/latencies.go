package campaign

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/results/histlog"
)

// errNoLatencies is for a load that wrote no histogram although it has rows.
var errNoLatencies = errors.New("it has none")

// serviceTag ends the tag of what loadgen measures besides, at a fixed rate: service times.
const serviceTag = ":service"

// readLatencies reads the log of histograms that loadgen wrote and merges what it has of
// each target. A log of one target alone names it nowhere: it is called only, which is
// empty for a log of several.
func readLatencies(path, only string) (byTarget map[string]histlog.Entry, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("loadgen's histograms: %w", err)
		}
	}()
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	byTarget = map[string]histlog.Entry{}
	for log := hdrhistogram.NewHistogramLogReader(f); ; {
		h, err := log.NextIntervalHistogram()
		switch {
		case err != nil:
			return nil, err
		case h == nil && len(byTarget) == 0:
			return nil, errNoLatencies
		case h == nil:
			return byTarget, nil
		case only != "" && h.Tag() == serviceTag[1:], strings.HasSuffix(h.Tag(), serviceTag):
			continue
		}
		name, err := url.PathUnescape(h.Tag())
		if err != nil {
			return nil, err
		}
		if only != "" {
			name = only
		}
		start, end := time.UnixMilli(h.StartTimeMs()), time.UnixMilli(h.EndTimeMs())
		if e, seen := byTarget[name]; seen {
			h.Merge(e.Latency)
			start = e.Start
		}
		byTarget[name] = histlog.Entry{Start: start, Length: end.Sub(start), Latency: h}
	}
}
