package hdrlog

import (
	"bytes"
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

// started is when the load of these tests began.
var started = time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)

// interval is a second in which each target had a latency of 3 ms and of 5 ms.
func interval(start time.Duration, targets int) *engine.Interval {
	iv := &engine.Interval{Start: start, End: start + time.Second, Phase: engine.Measuring, Targets: make([]record.Samples, targets)}
	for i := range iv.Targets {
		s := &iv.Targets[i]
		s.Init(1)
		s.Measured = time.Second / time.Duration(targets)
		for _, d := range []time.Duration{3 * time.Millisecond, 5 * time.Millisecond} {
			s.Latency.Add(d)
			s.Service.Add(d / 2)
		}
	}
	return iv
}

// pieces are the calls of Write.
type pieces [][]byte

func (p *pieces) Write(b []byte) (int, error) {
	*p = append(*p, bytes.Clone(b))
	return len(b), nil
}

func TestFormat(t *testing.T) {
	var out pieces
	w := New(&out, []string{"a b,c", "b"}, true, func() time.Time { return started.Add(2 * time.Second) })
	w.Tell(&engine.Interval{End: time.Second, Targets: make([]record.Samples, 2)}) // warm-up
	w.Tell(interval(time.Second, 2))
	w.Tell(interval(2*time.Second, 2))
	if len(out) != 2 || w.Err() != nil {
		t.Fatalf("%d writes, error %v", len(out), w.Err())
	}
	line := `\d\.000,1\.000,\d\.\d{3},HISTF[A-Za-z0-9+/=]+\n`
	want := regexp.MustCompile(`^#\[Latencies in nanoseconds, by modelbench loadgen\]\n#\[Histogram log format version 1\.3\]\n` +
		`#\[BaseTime: 1767323045\.678 \(seconds since epoch\)\]\n#\[StartTime: 1767323045\.678 \(seconds since epoch\), 2026-01-02T03:04:05\.678Z\]\n` +
		`"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"\n` +
		`Tag=a%20b%2Cc,` + line + `Tag=a%20b%2Cc:service,` + line + `Tag=b,` + line + `Tag=b:service,` + line + `$`)
	if !want.Match(out[0]) {
		t.Errorf("%s", out[0])
	}
	if lines := strings.Count(string(out[1]), "\n"); lines != 4 || bytes.Contains(out[1], []byte("#")) {
		t.Errorf("%s", out[1])
	}
	if !strings.Contains(string(out[0]), "\nTag=b,1.000,1.000,5.") {
		t.Errorf("the greatest latency is not in milliseconds:\n%s", out[0])
	}
}

// The reader of the library's authors sees what was recorded, when and under which tag.
func TestReadBack(t *testing.T) {
	for _, open := range []bool{false, true} {
		var out bytes.Buffer
		w := New(&out, []string{"only"}, open, func() time.Time { return started.Add(time.Second) })
		w.Tell(interval(0, 1))
		stalled := &engine.Interval{Start: time.Second, End: 2 * time.Second, Targets: []record.Samples{{Measured: time.Second}}}
		w.Tell(stalled)
		w.Tell(interval(2*time.Second, 1))
		if w.Err() != nil {
			t.Fatal(w.Err())
		}
		r := hdrhistogram.NewHistogramLogReader(&out)
		for i := range 3 {
			n := int64(2)
			if i == 1 {
				n = 0
			}
			h := next(t, r)
			if h.TotalCount() != n || h.Tag() != "" || h.StartTimeMs() != started.UnixMilli()+int64(i)*1000 || h.EndTimeMs()-h.StartTimeMs() != 1000 ||
				n > 0 && (!h.ValuesAreEquivalent(h.Max(), 5e6) || !h.ValuesAreEquivalent(h.Min(), 3e6)) {
				t.Errorf("interval %d: %d samples, tag %q, from %d, at most %d", i, h.TotalCount(), h.Tag(), h.StartTimeMs(), h.Max())
			}
			if !open {
				continue
			}
			if h := next(t, r); h.TotalCount() != n || h.Tag() != "service" {
				t.Errorf("interval %d: %d samples of %q", i, h.TotalCount(), h.Tag())
			}
		}
		if h, err := r.NextIntervalHistogram(); h != nil || err != nil {
			t.Errorf("there is more: %v, %v", h, err)
		}
	}
}

func next(t *testing.T, r *hdrhistogram.HistogramLogReader) *hdrhistogram.Histogram {
	t.Helper()
	h, err := r.NextIntervalHistogram()
	if err != nil || h == nil {
		t.Fatalf("histogram %v, error %v", h, err)
	}
	return h
}

type full struct{ calls int }

func (f *full) Write([]byte) (int, error) {
	f.calls++
	return 0, errors.New("no space left")
}

func TestFirstErrorStays(t *testing.T) {
	out := &full{}
	w := New(out, []string{"a"}, false, time.Now)
	for i := range 3 {
		w.Tell(interval(time.Duration(i)*time.Second, 1))
	}
	if w.Err() == nil || out.calls != 1 {
		t.Errorf("error %v after %d calls", w.Err(), out.calls)
	}
}
