package watch

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"modelbench/loadgen/engine"
	"modelbench/loadgen/record"
)

const ms = time.Millisecond

func TestInterval(t *testing.T) {
	for _, tt := range []struct {
		every []time.Duration
		want  time.Duration
	}{
		{nil, 0},
		{[]time.Duration{time.Second}, time.Second},
		{[]time.Duration{time.Second, 100 * ms}, 100 * ms},
		{[]time.Duration{250 * ms, 100 * ms}, 50 * ms},
		{[]time.Duration{time.Second, 33 * ms}, 33 * ms}, // 1 ms would be a common one
		{[]time.Duration{33 * ms, 35 * ms, time.Hour}, 33 * ms},
	} {
		var readers []Reader
		for _, e := range tt.every {
			readers = append(readers, Reader{Every: e, Tell: func(*engine.Interval) {}})
		}
		if tell, got := Split(readers...); got != tt.want || (tell == nil) != (tt.want == 0) {
			t.Errorf("%v: %v, want %v", tt.every, got, tt.want)
		}
	}
}

// Whatever lengths the engine's intervals take, each reader sees time without gap, in
// intervals that are not shorter than asked for, and every sample once.
func TestEveryReaderSeesAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lengths := rapid.SliceOfN(rapid.IntRange(10, 500), 1, 4).Draw(t, "every")
		readers := make([]Reader, len(lengths))
		seen := make([]view, len(lengths))
		for i, l := range lengths {
			every := time.Duration(l) * ms
			readers[i] = Reader{Every: every, Tell: func(iv *engine.Interval) { seen[i].add(t, iv, every) }}
		}
		tell, interval := Split(readers...)
		due, at := uint64(0), time.Duration(0)
		n := rapid.IntRange(1, 60).Draw(t, "intervals")
		for i := range n {
			iv := engine.Interval{Start: at, End: at + interval, Targets: make([]record.Samples, 2), Phase: engine.Measuring}
			if rapid.IntRange(0, 9).Draw(t, "late") == 0 {
				iv.End += interval * time.Duration(rapid.IntRange(1, 30).Draw(t, "by"))
			}
			if i == n-1 {
				iv.Phase = engine.Done
				iv.End = at + interval/3
			}
			iv.Targets[1].Due = uint64(i)
			iv.Targets[1].Init(1)
			iv.Targets[1].Latency.Add(time.Duration(i))
			due, at = due+uint64(i), iv.End
			tell(&iv)
		}
		for i, v := range seen {
			if v.due != due || v.samples != uint64(n) || v.at != at || !v.done {
				t.Errorf("every %v: %+v, want %d due in %d samples until %v", readers[i].Every, v, due, n, at)
			}
		}
	})
}

type view struct {
	at           time.Duration
	due, samples uint64
	done         bool
}

func (v *view) add(t *rapid.T, iv *engine.Interval, every time.Duration) {
	if iv.Start != v.at || v.done {
		t.Fatalf("an interval from %v after %v", iv.Start, v.at)
	}
	v.done = iv.Phase == engine.Done
	if whole := iv.End/every > iv.Start/every; !whole && !v.done {
		t.Fatalf("from %v to %v, which is within %v", iv.Start, iv.End, every)
	}
	v.at = iv.End
	v.due += iv.Targets[1].Due
	v.samples += iv.Targets[1].Latency.Count()
}
